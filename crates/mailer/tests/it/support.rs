//! Sample mails, and a parser of delivered mails.

use std::time::Duration;

use chrono::{TimeZone as _, Utc};
use domain::{
    account::{Email, Locale, Username},
    app_password::{AppPasswordName, Scope, Scopes},
    ids::MailId,
    mail::{MailContent, OutgoingMail, ReportedAppPassword},
    secret::Secret,
};
use mail_parser::{Message, MessageParser};
use mailer::{Renderer, SmtpMailer, SmtpSettings};
use testkit::samples;

pub(crate) const SENDER: &str = "Контакти <no-reply@contacts.example>";

/// The token that [`verification`] and [`reset`] carry.
pub(crate) fn token() -> Secret {
    Secret::from_bytes([0xAB; 32])
}

/// Asked for at 23:30 UTC on 31 December, when it is New Year in Kyiv already.
pub(crate) fn verification(locale: Locale) -> OutgoingMail {
    let requested_at = Utc.with_ymd_and_hms(2026, 12, 31, 23, 30, 0).unwrap();
    OutgoingMail {
        id: MailId(samples::id()),
        to: Email::parse("olena@example.com").unwrap(),
        username: Some(Username::parse("Олена Ґалаґан").unwrap()),
        locale,
        timezone: "Europe/Kyiv".parse().unwrap(),
        requested_at,
        client_ip: Some("203.0.113.7".parse().unwrap()),
        content: MailContent::VerifyEmail { token: token(), expires_at: requested_at + chrono::Duration::hours(24) },
    }
}

pub(crate) fn reset(locale: Locale) -> OutgoingMail {
    let mail = verification(locale);
    let expires_at = mail.requested_at + chrono::Duration::minutes(30);
    OutgoingMail { content: MailContent::ResetPassword { token: token(), expires_at }, ..mail }
}

pub(crate) fn new_address(locale: Locale) -> OutgoingMail {
    let mail = verification(locale);
    let expires_at = mail.requested_at + chrono::Duration::minutes(30);
    let account = Email::parse("olena.present@example.com").unwrap();
    OutgoingMail { content: MailContent::ConfirmEmail { account, token: token(), expires_at }, ..mail }
}

pub(crate) fn notice(locale: Locale) -> OutgoingMail {
    OutgoingMail { content: MailContent::EmailChangeNotice, ..verification(locale) }
}

pub(crate) fn changed_address(locale: Locale) -> OutgoingMail {
    let mail = verification(locale);
    let expires_at = mail.requested_at + chrono::Duration::days(7);
    OutgoingMail { content: MailContent::EmailChanged { token: token(), expires_at }, ..mail }
}

/// The notices without a link, except that of a requested change of the e-mail.
pub(crate) fn notices() -> [MailContent; 6] {
    [
        MailContent::PasswordChanged,
        MailContent::PasswordWasReset,
        MailContent::SessionEnded,
        MailContent::NewDevice,
        MailContent::WrongPasswords,
        app_password("Phone"),
    ]
}

pub(crate) fn app_password(name: &str) -> MailContent {
    let (name, scopes) = (AppPasswordName::parse(name).unwrap(), Scopes::new(Scope::ALL).unwrap());
    MailContent::AppPasswordCreated(ReportedAppPassword { name, scopes })
}

pub(crate) fn renderer() -> Renderer {
    Renderer::new("https://contacts.example/app/").unwrap()
}

pub(crate) fn smtp_mailer(url: &str, timeout: Duration) -> SmtpMailer {
    let settings = SmtpSettings { url: url.into(), from: SENDER.to_owned(), timeout };
    SmtpMailer::new(&settings, renderer()).unwrap()
}

/// Decodes a mail as a mail program does.
pub(crate) fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}
