//! Command `import`.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use testkit::postgres::FreshDatabase;

use crate::process::{SECRET, command, text};

const EMAIL: &str = "olena@example.com";

/// A folder with a database that has one account.
struct Machine {
    folder: TempDir,
    url: String,
    contact_limit: &'static str,
}

impl Machine {
    fn new(url: Option<&str>) -> Self {
        Self::with_contact_limit(url, "3")
    }

    fn with_contact_limit(url: Option<&str>, contact_limit: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
        let machine = Self { url: url.map_or(file, str::to_owned), folder, contact_limit };
        assert_eq!(machine.call(&["migrate"]).0, Some(0));
        assert_eq!(machine.call(&["user", "create", EMAIL, "--name", "Olena"]).0, Some(0));
        machine
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let variables = [
            ("JWT_SECRET", SECRET),
            ("DATABASE_URL", self.url.as_str()),
            ("CONTACT_LIMIT", self.contact_limit),
            ("BCRYPT_COST", "10"),
            ("RUST_LOG", "off"),
        ];
        command(self.folder.path(), arguments, &variables)
    }

    /// Runs `contacts-api`. Returns the exit code, standard output and standard error.
    fn call(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let done = self.command(arguments).output().unwrap();
        (done.status.code(), text(&done.stdout).to_owned(), text(&done.stderr).to_owned())
    }

    fn import(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.call(&[&["import", "--user", EMAIL], arguments].concat())
    }

    /// Returns the number of contacts.
    fn contacts(&self) -> usize {
        let (code, output, errors) = self.call(&["export", "--user", EMAIL, "--format", "json"]);
        assert_eq!(code, Some(0), "{errors}");
        serde_json::from_str::<Vec<Value>>(&output).unwrap().len()
    }

    /// Writes a file, and returns its path.
    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        Path::to_str(&path).unwrap().to_owned()
    }
}

fn card(number: usize) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:uid-{number}\r\nN:Koval;Person {number};;;\r\nEND:VCARD\r\n")
}

fn assert_imports(machine: &Machine) {
    let file = machine.file("contacts.vcf", &[card(1), card(2)].concat());
    let (code, output, errors) = machine.import(&[&file, "--dry-run"]);
    let expected = "created 2, updated 0, skipped 0, failed 0 (dry run: nothing was changed)\n";
    assert_eq!((code, output.as_str(), errors.as_str()), (Some(0), expected, ""));
    let (code, output, _) = machine.import(&[&file]);
    assert_eq!((code, output.as_str()), (Some(0), "created 2, updated 0, skipped 0, failed 0\n"));

    let table = machine.file("contacts.csv", "First Name,E-mail\nЛеся,lesia@example.com\nІван,ivan@example.com\n,no\n");
    let (code, output, errors) = machine.import(&[&table, "--json"]);
    assert_eq!((code, errors.as_str()), (Some(1), "2 of 3 entries failed\n"), "{output}");
    let report: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&report["created"], &report["failed"], &report["format"]), (&1.into(), &2.into(), &"csv".into()));
    let (code, output, _) = machine.import(&[&table]);
    assert_eq!(code, Some(1));
    assert!(output.contains("line 3, Іван: the address book has the maximum of 3 contacts\n"), "{output}");
    assert!(output.ends_with("created 0, updated 0, skipped 1, failed 2\n"), "{output}");
}

#[test]
fn file_is_imported_on_sqlite() {
    assert_imports(&Machine::new(None));
}

#[actix_web::test]
async fn file_is_imported_on_postgres() {
    let database = FreshDatabase::create().await;
    assert_imports(&Machine::new(Some(&database.url)));
    database.remove().await;
}

fn assert_goes_on_after_a_kill(machine: &Machine) {
    const CARDS: usize = 6_000;
    let file = machine.file("contacts.vcf", &(0..CARDS).map(card).collect::<String>());
    let arguments = ["import", "--user", EMAIL, &file];
    let mut import = machine.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while machine.contacts() < 400 {
        assert!(import.try_wait().unwrap().is_none_or(|status| status.success()), "the import failed");
    }
    // SIGKILL.
    import.kill().unwrap();
    import.wait().unwrap();
    let imported = machine.contacts();
    assert!(
        (400..=CARDS).contains(&imported) && imported.is_multiple_of(200),
        "{imported} is no number of whole parts"
    );
    let (code, output, _) = machine.import(&[&file]);
    let expected = format!("created {}, updated 0, skipped {imported}, failed 0\n", CARDS - imported);
    assert_eq!((code, output), (Some(0), expected));
    assert_eq!(machine.contacts(), CARDS);
}

#[test]
fn killed_import_leaves_whole_parts_and_goes_on_with_the_same_file_on_sqlite() {
    assert_goes_on_after_a_kill(&Machine::with_contact_limit(None, "10000"));
}

#[actix_web::test]
async fn killed_import_leaves_whole_parts_and_goes_on_with_the_same_file_on_postgres() {
    let database = FreshDatabase::create().await;
    assert_goes_on_after_a_kill(&Machine::with_contact_limit(Some(&database.url), "10000"));
    database.remove().await;
}

#[test]
fn wrong_arguments_and_files_are_explained() {
    let machine = Machine::new(None);
    let (file, other) = (machine.file("contacts.vcf", &card(1)), machine.file("contacts.txt", &card(1)));
    for (arguments, expected_code, expected) in [
        (vec!["--mode", "merge", file.as_str()], 2, "merge"),
        (vec![], 2, "<FILE>"),
        (vec![other.as_str()], 1, "set --format"),
        (vec!["missing.vcf"], 1, "missing.vcf"),
    ] {
        let (code, _, errors) = machine.import(&arguments);
        assert_eq!(code, Some(expected_code), "{arguments:?}: {errors}");
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
    }
    let (code, _, errors) = machine.call(&["import", "--user", "unknown@example.com", &file]);
    assert_eq!(code, Some(1), "{errors}");
    assert_eq!(machine.import(&["--format", "vcard", &other]).0, Some(0));
}
