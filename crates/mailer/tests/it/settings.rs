//! Invalid settings.

use std::time::Duration;

use domain::error::with_causes;
use mailer::{Branding, FileMailer, FileMailerSettings, Renderer, SmtpMailer, SmtpSettings};

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

/// The error of a template of the operator, if it is rejected.
fn rejection(name: &str, text: &str) -> Option<String> {
    let branding = Branding { app_name: None, templates: [(name.to_owned(), text.to_owned())].into() };
    let rejected = Renderer::branded("https://contacts.example", branding).err()?;
    Some(with_causes(&rejected))
}

#[test]
fn template_is_rejected_if_one_mail_cannot_be_rendered() {
    let layout = include_str!("../../../../templates/mail/layout.html").to_owned();
    let layout = layout + "{% if locale == \"uk\" %}{{ local }}{% endif %}";
    for (name, text, cause) in [
        ("mail/en/password_changed.txt", "{{ link }}", "{{ link }}"),
        ("mail/uk/new_device.txt", "{% if name %}{{ name }}{% else %}{{ nmae }}{% endif %}", "{{ nmae }}"),
        ("mail/uk/new_device.txt", "{% if name %}{{ nmae }}{% endif %}", "{{ nmae }}"),
        ("mail/en/new_device.html", "{% if not ip %}{{ pi }}{% endif %}", "{{ pi }}"),
        ("mail/en/new_device.html", "{% if ip %}{{ pi }}{% endif %}", "{{ pi }}"),
        (
            "mail/en/app_password_created.txt",
            "{% if not app_password_name %}{{ app_password }}{% endif %}",
            "{{ app_password }}",
        ),
        ("mail/layout.html", layout.as_str(), "{{ local }}"),
        ("mail/en/reset_password.subject.txt", "\nChoose a new password\n", "must not be empty"),
        ("mail/uk/reset_password.subject.txt", "{% if name %}Створіть пароль{% endif %}", "must not be empty"),
    ] {
        let error = rejection(name, text).unwrap();
        assert!(error.contains(name) && error.contains(cause), "{error}");
    }
}

#[test]
fn template_may_use_the_variables_of_its_mail() {
    for (name, text) in [
        ("mail/en/reset_password.txt", "{{ name }} {{ link }} {{ lifetime }} {{ expires_at }} {{ public_url }}"),
        ("mail/uk/confirm_email.html", "{{ account }} {{ service }} {{ app_name }} {{ requested_at }} {{ subject }}"),
        ("mail/en/app_password_created.txt", "{{ app_password_name }} {{ scopes }} {{ ip }} {{ locale }}"),
    ] {
        assert_eq!(rejection(name, text), None, "{name}");
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
