//! Samples of mails, with which the templates are checked at the start.

use domain::{
    account::Email,
    app_password::{AppPasswordName, Scopes},
    mail::{MailContent, MailKind, ReportedAppPassword},
    secret::{SECRET_BYTES, Secret},
    time::Timestamp,
};

/// Returns every kind of content, each with and without the values that it may lack.
pub(crate) fn contents() -> impl Iterator<Item = MailContent> {
    MailKind::ALL.into_iter().flat_map(contents_of)
}

fn contents_of(kind: MailKind) -> Vec<MailContent> {
    let (token, expires_at) = (Secret::from_bytes([0; SECRET_BYTES]), Timestamp::UNIX_EPOCH);
    let content = match kind {
        MailKind::VerifyEmail => MailContent::VerifyEmail { token, expires_at },
        MailKind::ResetPassword => MailContent::ResetPassword { token, expires_at },
        MailKind::ConfirmEmail => {
            let account = Email::from_stored("name@example.com".to_owned());
            MailContent::ConfirmEmail { account, token, expires_at }
        }
        MailKind::EmailChangeNotice => MailContent::EmailChangeNotice,
        MailKind::EmailChanged => MailContent::EmailChanged { token, expires_at },
        MailKind::PasswordChanged => MailContent::PasswordChanged,
        MailKind::PasswordWasReset => MailContent::PasswordWasReset,
        MailKind::SessionEnded => MailContent::SessionEnded,
        MailKind::NewDevice => MailContent::NewDevice,
        MailKind::WrongPasswords => MailContent::WrongPasswords,
        // The mail does not contain a name that looks like a link.
        MailKind::AppPasswordCreated => return ["Phone", "example.com"].map(app_password).into(),
    };
    vec![content]
}

fn app_password(name: &str) -> MailContent {
    let name = AppPasswordName::from_stored(name.to_owned());
    MailContent::AppPasswordCreated(ReportedAppPassword { name, scopes: Scopes::default() })
}
