//! Every mail in every language, through the real templates.

use std::{error::Error, fs, net::Ipv4Addr, path::Path};

use chrono::{TimeZone as _, Utc};
use domain::{
    account::{Email, Locale, Purpose, Username},
    app_password::{AppPasswordName, Scopes},
    ids::MailId,
    mail::{MailContent, MailKind, OutgoingMail, ReportedAppPassword},
    secret::Secret,
    time::Timestamp,
};
use mailer::{RenderedMail, Renderer};
use tera::{Context, Tera};

const LOCALES: [Locale; 2] = [Locale::En, Locale::Uk];
const INDEX: &str = include_str!("index.html");

/// Writes `<kind>.<locale>.html` and `.txt` for each mail, and an `index.html` that shows them all.
///
/// # Errors
/// When a mail cannot be rendered, or the folder cannot be written.
pub(crate) fn write_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    let renderer = Renderer::new("https://contacts.example.com")?;
    fs::create_dir_all(folder)?;
    let (mut kinds, mut mails) = (Vec::new(), Vec::new());
    for kind in MailKind::ALL {
        kinds.push([kind.as_str(), when_and_to_whom(kind)]);
        for locale in LOCALES {
            let RenderedMail { subject, text, html } = renderer.render(&sample(kind, locale)?)?;
            let name = format!("{}.{}", kind.as_str(), locale.as_str());
            fs::write(folder.join(format!("{name}.html")), html)?;
            fs::write(folder.join(format!("{name}.txt")), &text)?;
            mails.push([kind.as_str().to_owned(), locale.as_str().to_owned(), name, subject, text]);
        }
    }
    let mut context = Context::new();
    context.insert("kinds", &kinds);
    context.insert("mails", &mails);
    let mut tera = Tera::new();
    tera.add_raw_template("index.html", INDEX)?;
    fs::write(folder.join("index.html"), tera.render("index.html", &context)?)?;
    Ok(())
}

/// No wildcard: a new mail is written down here, or nothing compiles.
const fn when_and_to_whom(kind: MailKind) -> &'static str {
    match kind {
        MailKind::VerifyEmail => "after a registration, and when another link is asked for; to the address to prove",
        MailKind::ResetPassword => "when a password is forgotten; to the address of the account",
        MailKind::ConfirmEmail => "when the user asks for another e-mail; to that one",
        MailKind::EmailChangeNotice => "when the user asks for another e-mail; to the current one",
        MailKind::EmailChanged => "when another e-mail has replaced it; to the previous one",
        MailKind::PasswordChanged => "when the password was changed with the old one; to the address of the account",
        MailKind::PasswordWasReset => "when the password was set through a mailed link; to the address of the account",
        MailKind::SessionEnded => "when a refresh token was used again; to the address of the account",
        MailKind::NewDevice => "when the user signs in from a new device; to the e-mail of the account",
        MailKind::WrongPasswords => "after ten wrong passwords, once a day; to the address of the account",
        MailKind::AppPasswordCreated => "when the user creates an app password; to the e-mail of the account",
    }
}

fn content(kind: MailKind, requested_at: Timestamp) -> MailContent {
    let token = Secret::from_bytes([0xAB; 32]);
    match kind {
        MailKind::VerifyEmail => {
            MailContent::VerifyEmail { token, expires_at: requested_at + Purpose::VerifyEmail.lifetime() }
        }
        MailKind::ResetPassword => {
            MailContent::ResetPassword { token, expires_at: requested_at + Purpose::ResetPassword.lifetime() }
        }
        MailKind::ConfirmEmail => {
            let account = Email::from_stored("olena@example.com".to_owned());
            MailContent::ConfirmEmail { account, token, expires_at: requested_at + Purpose::ChangeEmail.lifetime() }
        }
        MailKind::EmailChangeNotice => MailContent::EmailChangeNotice,
        MailKind::EmailChanged => {
            MailContent::EmailChanged { token, expires_at: requested_at + Purpose::RevertEmail.lifetime() }
        }
        MailKind::PasswordChanged => MailContent::PasswordChanged,
        MailKind::PasswordWasReset => MailContent::PasswordWasReset,
        MailKind::SessionEnded => MailContent::SessionEnded,
        MailKind::NewDevice => MailContent::NewDevice,
        MailKind::WrongPasswords => MailContent::WrongPasswords,
        MailKind::AppPasswordCreated => MailContent::AppPasswordCreated(ReportedAppPassword {
            name: AppPasswordName::from_stored("iPhone".to_owned()),
            scopes: Scopes::default(),
        }),
    }
}

const fn is_unverified(kind: MailKind) -> bool {
    matches!(kind, MailKind::VerifyEmail | MailKind::ConfirmEmail | MailKind::EmailChanged)
}

fn sample(kind: MailKind, locale: Locale) -> Result<OutgoingMail, Box<dyn Error>> {
    let requested_at = Utc.with_ymd_and_hms(2026, 11, 21, 16, 5, 0).single().ok_or("no such moment")?;
    let (name, timezone) = match locale {
        Locale::En => ("Ada Lovelace", "Europe/London"),
        Locale::Uk => ("Олена Ґалаґан", "Europe/Kyiv"),
    };
    let name = Username::parse(name).map_err(|invalid| invalid.to_string())?;
    Ok(OutgoingMail {
        id: MailId(testkit::samples::id()),
        to: Email::parse("somebody@example.com").map_err(|invalid| invalid.to_string())?,
        // As in the service: no greeting at an e-mail address that may belong to another person.
        username: if is_unverified(kind) { None } else { Some(name) },
        locale,
        timezone: timezone.parse().map_err(|_| "no such timezone")?,
        requested_at,
        client_ip: Some(Ipv4Addr::new(203, 0, 113, 7).into()),
        content: content(kind, requested_at),
    })
}
