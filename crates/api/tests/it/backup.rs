//! Backups of SQLite and PostgreSQL during writes, and restores from them.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::{join, join_all};
use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;
use testkit::postgres::FreshDatabase;
use tokio::task::spawn_blocking;
use url::Url;

use crate::{
    process::{Process, all_contacts, command, text},
    service::{Answer, PASSWORD},
};

const FREE: [(&str, &str); 4] = [
    ("RATE_LIMIT_CONTACTS", "off"),
    ("RATE_LIMIT_CONTACT_CREATE", "off"),
    ("RATE_LIMIT_FLOOD", "off"),
    ("CONTACT_LIMIT", "100000"),
];

/// Number of contacts before a backup, and of those that are added during it.
const SOME: usize = 40;

/// Clients that add contacts until the end. `stored` has the acknowledged ones: ids with their names.
struct Writers<'a> {
    base: &'a str,
    token: &'a str,
    stop: AtomicBool,
    stored: Mutex<BTreeMap<String, String>>,
}

impl Writers<'_> {
    fn stored(&self) -> BTreeMap<String, String> {
        self.stored.lock().unwrap().clone()
    }

    async fn write(&self, writer: usize) {
        let client = reqwest::Client::new();
        for number in 0.. {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            let name = format!("{writer}-{number}");
            let request = client.post(format!("{}/api/contacts", self.base)).bearer_auth(self.token);
            let answer = Answer::of(request.json(&json!({ "first_name": name })).send().await.unwrap()).await;
            let id = answer.expect(StatusCode::CREATED).json["id"].as_str().unwrap().to_owned();
            self.stored.lock().unwrap().insert(id, name);
        }
    }

    /// Waits for [`SOME`] more contacts.
    async fn more(&self) {
        let target = self.stored().len() + SOME;
        while self.stored().len() < target {
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

/// Runs `contacts-api backup` beside the service.
async fn back_up(folder: &Path, file: &str) -> (Option<i32>, String) {
    let mut backup = command(folder, &["backup", file], &[("RUST_LOG", "warn")]);
    let done = spawn_blocking(move || backup.output().unwrap()).await.unwrap();
    (done.status.code(), text(&done.stderr).to_owned())
}

type Contacts = BTreeMap<String, String>;

/// Contacts that were acknowledged before the copy, and those at the end. Clients write all the time.
async fn copied_under_load(process: &Process, token: &str, copy: impl AsyncFnOnce()) -> (Contacts, Contacts) {
    let (stop, stored) = (AtomicBool::new(false), Mutex::default());
    let writers = Writers { base: &process.base, token, stop, stored };
    let copying = async {
        writers.more().await;
        let before = writers.stored();
        copy().await;
        writers.more().await;
        writers.stop.store(true, Ordering::SeqCst);
        before
    };
    let (before, _) = join(copying, join_all((0..4).map(|writer| writers.write(writer)))).await;
    let all = writers.stored();
    assert!(all.len() >= before.len() + SOME, "the service went on");
    assert_eq!(all_contacts(&process.base, token).await, all);
    (before, all)
}

/// Checks that a service over the copy has all contacts acknowledged before, no unknown one, and accepts new ones.
async fn check_restored(restored: &Process, before: &Contacts, all: &Contacts) {
    let login = json!({"email": "olena@example.com", "password": PASSWORD});
    let (status, pair) = restored.post("/api/auth/login", &login).await;
    assert_eq!(status, StatusCode::OK);
    let found = all_contacts(&restored.base, pair["access_token"].as_str().unwrap()).await;
    assert!(before.iter().all(|contact| found.iter().any(|one| one == contact)), "nothing older is missing");
    assert!(found.iter().all(|contact| all.iter().any(|one| one == contact)), "nothing was made up");
    assert_eq!(restored.post("/api/contacts", &json!({})).await.0, StatusCode::UNAUTHORIZED, "it serves on");
}

#[actix_web::test]
async fn sqlite_backup_under_load_contains_every_acknowledged_write() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start_with(&folder, "log", &FREE).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    let copy = async || assert_eq!(back_up(folder.path(), "copy.db").await, (Some(0), String::new()));
    let (before, all) = copied_under_load(&process, &token, copy).await;
    drop(process);

    let copy = folder.path().join("copy.db");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::create_dir(elsewhere.path().join("data")).unwrap();
    fs::rename(&copy, elsewhere.path().join("data/contacts.db")).unwrap();
    let restored = Process::start_with(&elsewhere, "log", &FREE).await;
    check_restored(&restored, &before, &all).await;
}

/// The commands of the documentation, as they are pasted but for the name of the new database.
#[actix_web::test]
async fn postgres_dump_under_load_contains_every_acknowledged_write() {
    let section = include_str!("../../../../docs/operating.md").split_once("### PostgreSQL\n").unwrap().1;
    let mut blocks = section.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    let (dump, restore) = (blocks.next().unwrap(), blocks.next().unwrap());

    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fresh = FreshDatabase::create().await;
    let with_database = |url: &str| -> Vec<(&'static str, String)> {
        let url = ("DATABASE_URL", url.to_owned());
        FREE.iter().map(|(name, value)| (*name, (*value).to_owned())).chain([url]).collect()
    };
    let start = async |folder: &TempDir, url: &str| {
        let variables = with_database(url);
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Process::start_with(folder, "log", &variables).await
    };
    let paste = async |commands: String| {
        let url = Url::parse(&fresh.url).unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &commands]).current_dir(folder.path()).env("DATABASE_URL", &fresh.url);
        bash.env("PGHOST", url.host_str().unwrap()).env("PGPORT", url.port().unwrap_or(5432).to_string());
        bash.env("PGUSER", url.username()).env("PGPASSWORD", url.password().unwrap_or_default());
        let done = spawn_blocking(move || bash.output().unwrap()).await.unwrap();
        assert!(done.status.success(), "it takes PostgreSQL's client programs: {}", text(&done.stderr));
    };
    let process = start(&folder, &fresh.url).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    let (before, all) = copied_under_load(&process, &token, async || paste(dump.to_owned()).await).await;
    drop(process);

    let name = format!("{}_restored", fresh.url.rsplit('/').next().unwrap());
    let url = format!("{}_restored", fresh.url);
    let documented_url = "postgres://user:password@host/contacts_restored";
    assert!(restore.contains(documented_url) && restore.ends_with("contacts-api renew-sync-tokens\n"), "{restore}");
    let programs = Path::new(env!("CARGO_BIN_EXE_contacts-api")).parent().unwrap().display();
    let restore = restore.replace(documented_url, &url).replace("contacts_restored", &name);
    paste(format!("PATH={programs}:$PATH\n{restore}")).await;
    let restored = start(&elsewhere, &url).await;
    check_restored(&restored, &before, &all).await;
    drop(restored);
    paste(format!("dropdb --force {name}")).await;
    fresh.remove().await;
}

#[actix_web::test]
async fn failed_backup_overwrites_nothing_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let names = || {
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let (code, output) = back_up(folder.path(), "copy.db").await;
    assert_eq!((code, output.lines().count()), (Some(1), 1), "there is no database: {output}");
    assert_eq!(names(), Vec::<&str>::new(), "none is made by backing it up");

    assert!(command(folder.path(), &["migrate"], &[]).status().unwrap().success());
    fs::write(folder.path().join("precious"), "stored").unwrap();
    for (file, why) in [("precious", "already"), ("none/copy.db", "cannot be written"), ("data", "already")] {
        let (code, output) = back_up(folder.path(), file).await;
        assert_eq!((code, output.lines().count()), (Some(1), 1), "{output}");
        assert!(output.starts_with(&format!("{file}: ")) && output.contains(why), "{output}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("precious")).unwrap(), "stored");
    assert_eq!(names(), ["data", "precious"]);

    let postgres = [("DATABASE_URL", "postgres://contacts:hunter2@127.0.0.1:1/contacts")];
    let rejected = command(folder.path(), &["backup", "copy.db"], &postgres).output().unwrap();
    assert_eq!(rejected.status.code(), Some(1));
    assert!(text(&rejected.stderr).contains("pg_dump") && !text(&rejected.stderr).contains("hunter2"));
}
