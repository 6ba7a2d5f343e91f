//! Creates an account for a person, without a registration.

use crate::{
    account::{Email, HashingError, Locale, PasswordAttempt, Timezone, User, Username},
    audit::AuditAction,
    error::{StoreError, UniqueKey},
    ids::UserId,
    ports::Ports,
    secret::NoRandomness,
    use_cases::steps::{operator, record_success},
};

/// Parameters of [`create_account`].
#[derive(Debug, Clone)]
pub struct CreateAccountCommand {
    /// Display name.
    pub username: Username,
    /// E-mail of the account.
    pub email: Email,
    /// Language of mails and pages.
    pub locale: Locale,
    /// Time zone of the user.
    pub timezone: Timezone,
}

/// Errors of [`create_account`].
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Another account has the e-mail.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// No password could be generated.
    #[error(transparent)]
    Secret(#[from] NoRandomness),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for CreateAccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::UserEmail) => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

/// Adds a user with a verified e-mail and a random password that no one knows. The user sets a password through a
/// [reset link](super::create_reset_link). An invitation of the e-mail is used up.
///
/// # Errors
/// See [`CreateAccountError`].
pub async fn create_account(ports: &Ports, command: CreateAccountCommand) -> Result<User, CreateAccountError> {
    let CreateAccountCommand { username, email, locale, timezone } = command;
    let password = PasswordAttempt::new(&ports.secrets.generate()?.reveal());
    let password_hash = ports.passwords.rehash(&password, operator().largest_network()).await?;
    let user = User {
        id: UserId(ports.ids.next_id()),
        username,
        email,
        email_verified: true,
        pending_email: None,
        avatar: None,
        locale,
        timezone,
        notify_new_device: true,
        created_at: ports.clock.now(),
    };
    let mut unit = ports.store.begin().await?;
    unit.insert_user(&user, &password_hash).await?;
    unit.take_invitation(&user.email).await?;
    record_success(ports, &mut *unit, AuditAction::CreateAccount, user.id, &operator()).await?;
    unit.commit().await?;
    Ok(user)
}
