//! Invalid settings.

use std::time::Duration;

use mailer::{FileMailer, FileMailerSettings, SmtpMailer, SmtpSettings};

use crate::support::{SENDER, renderer};

#[test]
fn invalid_mail_from_is_rejected() {
    for (from, is_good) in [
        ("no-reply@contacts.example", true),
        ("Contacts <contacts@localhost>", true),
        (SENDER, true),
        ("", false),
        ("Contacts", false),
        ("Contacts <no-reply@>", false),
        ("Contacts <no-reply@contacts.example>\r\nBcc: all@example.com", false),
        ("пошта@contacts.example", false),
        ("no-reply@контакти.укр", false),
    ] {
        let settings = FileMailerSettings { folder: "unused".into(), from: from.to_owned() };
        match FileMailer::new(settings, renderer()) {
            Ok(_) => assert!(is_good, "{from:?}"),
            Err(error) => assert!(!is_good && error.to_string().starts_with("MAIL_FROM must"), "{from:?}: {error}"),
        }
    }
}

#[test]
fn smtp_password_without_tls_is_rejected_and_never_shown() {
    let url = "smtp://user:hunter2@mail.example.com:25";
    let settings = SmtpSettings { url: url.into(), from: SENDER.to_owned(), timeout: Duration::from_secs(1) };
    let error = SmtpMailer::new(&settings, renderer()).err().unwrap();
    assert_eq!(error.to_string(), "SMTP_URL must not send a password without TLS; use smtps:// or smtp+starttls://");
    for text in [format!("{settings:?}"), format!("{error:?}")] {
        assert!(!text.contains("hunter2") && !text.contains("user"), "{text}");
    }
}
