//! The templates, built into the binary so that it runs anywhere.

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../templates/", $name)))),*]
    };
}

/// Name and text of every mail template. A name that ends in `.html` makes tera escape what it is given.
pub(crate) const TEMPLATES: &[(&str, &str)] = templates![
    "mail/layout.html",
    "mail/en/confirm_email.html",
    "mail/en/confirm_email.subject.txt",
    "mail/en/confirm_email.txt",
    "mail/en/email_change_notice.html",
    "mail/en/email_change_notice.subject.txt",
    "mail/en/email_change_notice.txt",
    "mail/en/reset_password.html",
    "mail/en/reset_password.subject.txt",
    "mail/en/reset_password.txt",
    "mail/en/verify_email.html",
    "mail/en/verify_email.subject.txt",
    "mail/en/verify_email.txt",
    "mail/uk/confirm_email.html",
    "mail/uk/confirm_email.subject.txt",
    "mail/uk/confirm_email.txt",
    "mail/uk/email_change_notice.html",
    "mail/uk/email_change_notice.subject.txt",
    "mail/uk/email_change_notice.txt",
    "mail/uk/reset_password.html",
    "mail/uk/reset_password.subject.txt",
    "mail/uk/reset_password.txt",
    "mail/uk/verify_email.html",
    "mail/uk/verify_email.subject.txt",
    "mail/uk/verify_email.txt",
];
