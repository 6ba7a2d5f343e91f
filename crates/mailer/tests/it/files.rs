//! Mails in files.

use std::{fs, path::Path};

use domain::{
    account::Locale,
    mail::{MailContent, MailError, Mailer as _},
};
use mailer::{FileMailer, FileMailerSettings};
use testkit::samples;

use crate::support::{SENDER, read, renderer, reset, token, verification};

fn mailer(folder: &Path) -> FileMailer {
    FileMailer::new(FileMailerSettings { folder: folder.to_owned(), from: SENDER.to_owned() }, renderer()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn mail_is_written_as_a_private_eml_file() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data/mail");
    let mail = verification(Locale::Uk);
    mailer(&folder).send(&mail).await.unwrap();

    let name = format!("20261231T233000Z-verify_email-{}.eml", mail.id);
    assert_eq!(names(&folder), [name.as_str()]);
    let bytes = fs::read(folder.join(name)).unwrap();
    let message = read(&bytes);
    assert_eq!(message.subject(), Some("Підтвердьте свою електронну адресу"));
    assert!(message.body_text(0).unwrap().contains(&token().reveal()));
    let link = format!("/verify-email?token={}", token().reveal());
    assert!(String::from_utf8(bytes.clone()).unwrap().contains(&link), "and people too, with the eye or with grep");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join(&names(&folder)[0])), 0o600);
    }
}

#[tokio::test]
async fn retried_mail_replaces_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(folder.path());
    let mut mail = reset(Locale::En);
    mailer.send(&mail).await.unwrap();
    let newer = samples::secret();
    mail.content = MailContent::ResetPassword { token: newer.clone(), expires_at: mail.requested_at };
    mailer.send(&mail).await.unwrap();

    let names = names(folder.path());
    assert_eq!(names.len(), 1, "{names:?}");
    let bytes = fs::read(folder.path().join(&names[0])).unwrap();
    assert!(read(&bytes).body_text(0).unwrap().contains(&newer.reveal()));
}

#[tokio::test]
async fn unusable_mail_folder_is_a_transient_error() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("file");
    fs::write(&folder, "in the way").unwrap();
    let error = mailer(&folder).send(&verification(Locale::En)).await.unwrap_err();
    assert!(matches!(error, MailError::Transient(_)), "{error:?}");
}
