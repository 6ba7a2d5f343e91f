//! Register: a new account, and a mail to prove its address.

use super::{Email, HashingError, Locale, Password, Timezone, User, UserId, Username};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    mail::{Mail, MailKind},
    store::{StoreError, UniqueKey},
    text::Invalid,
};

/// What a newcomer says.
#[derive(Debug, Clone)]
pub struct RegisterCommand {
    /// What they want to be called.
    pub username: Username,
    /// Where they are reached.
    pub email: Email,
    /// The password they chose.
    pub password: Password,
    /// The language of mails and pages.
    pub locale: Locale,
    /// Where their day begins.
    pub timezone: Timezone,
    /// Their device.
    pub client: ClientInfo,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The address has an account.
    #[error("the address is taken")]
    EmailTaken,
    /// The password says too much about its owner.
    #[error("the password {0}")]
    Password(Invalid),
    /// No hash.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// No storage.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::UserEmail) => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

/// Adds the user and, in the same unit, the mail that lets them prove their address: the answer
/// does not depend on the mail server.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(ports: &Ports, command: RegisterCommand) -> Result<User, RegisterError> {
    let RegisterCommand { username, email, password, locale, timezone, client } = command;
    password.check_not_derived_from(&[username.as_str(), email.as_str()]).map_err(RegisterError::Password)?;
    let password_hash = ports.passwords.hash(&password, client.largest_network()).await?;

    let now = ports.clock.now();
    let id = UserId(ports.ids.next_id());
    let user = User {
        id,
        username,
        email,
        email_verified: false,
        pending_email: None,
        avatar: None,
        locale,
        timezone,
        notify_new_device: true,
        created_at: now,
    };
    let mail = Mail::new(ports, MailKind::VerifyEmail, user.email.clone());

    let mut unit = ports.store.begin().await?;
    unit.insert_user(&user, &password_hash).await?;
    unit.enqueue_mail(&mail).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::Register, id, &client)).await?;
    unit.commit().await?;
    Ok(user)
}
