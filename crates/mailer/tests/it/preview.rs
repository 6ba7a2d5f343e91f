//! The preview of all mails, and their list in the documentation.

use std::{collections::BTreeSet, fs, path::Path};

use domain::mail::MailKind;

#[path = "../../examples/mails/preview.rs"]
mod writer;

const LOCALES: [&str; 2] = ["en", "uk"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Each kind has templates with its name, so the folder lists all kinds.
#[test]
fn every_mail_template_has_a_mail_kind() {
    for locale in LOCALES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/mail").join(locale);
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let templates: BTreeSet<String> = names.map(|name| name.split('.').next().unwrap().to_owned()).collect();
        assert_eq!(templates, MailKind::ALL.map(|kind| kind.as_str().to_owned()).into(), "{locale}");
    }
}

#[test]
fn every_mail_is_in_the_preview() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_all(folder.path()).unwrap();
    let index = read(&folder.path().join("index.html"));
    for kind in MailKind::ALL {
        assert!(index.contains(&format!("<section id=\"{}\">", kind.as_str())), "{kind:?}");
        for locale in LOCALES {
            let name = format!("{}.{locale}", kind.as_str());
            let (html, text) = (format!("{name}.html"), format!("{name}.txt"));
            assert!(
                index.contains(&format!("href=\"{html}\"")) && index.contains(&format!("href=\"{text}\"")),
                "{name}"
            );
            assert!(read(&folder.path().join(html)).contains(&format!("<html lang=\"{locale}\"")), "{name}");
            assert!(!read(&folder.path().join(text)).contains("<html"), "{name}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + MailKind::ALL.len() * LOCALES.len() * 2);
}

/// One row of the table for each kind, in order. The last column contains the lifetime in the mail, or its link without a
/// token.
#[test]
fn every_mail_is_in_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_all(folder.path()).unwrap();
    let document = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/behaviour/mails.md"));
    for kind in MailKind::ALL {
        let start = format!("| `{}` |", kind.as_str());
        let mut rows = document.lines().filter(|line| line.starts_with(&start));
        let row = rows.next().unwrap_or_else(|| panic!("{kind:?} is not in docs/behaviour/mails.md"));
        assert_eq!(rows.next(), None);
        let lifetime = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        let text = read(&folder.path().join(format!("{}.en.txt", kind.as_str())));
        if text.contains("?token=") {
            assert!(text.contains(&format!("once, for {lifetime}: until ")), "{lifetime}:\n{text}");
        } else if text.contains("https://contacts.example.com/forgot-password\n") {
            assert_eq!(lifetime, "always: it leads to `/forgot-password`, without a token", "{text}");
        } else {
            assert_eq!(lifetime, "no link", "{text}");
            assert!(!text.contains("://"), "{text}");
        }
    }
}
