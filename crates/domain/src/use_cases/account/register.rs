//! Registers an account, and enqueues a mail to verify its e-mail.

use crate::{
    account::{Email, HashingError, Locale, Password, Registration, Timezone, User, Username},
    audit::AuditAction,
    client::ClientInfo,
    error::{StoreError, UniqueKey},
    ids::UserId,
    mail::MailKind,
    ports::Ports,
    text::Invalid,
    use_cases::steps::{enqueue_mail, record_success},
};

/// Parameters of [`register`].
#[derive(Debug, Clone)]
pub struct RegisterCommand {
    /// Display name.
    pub username: Username,
    /// E-mail of the account.
    pub email: Email,
    /// Password of the account.
    pub password: Password,
    /// Language of mails and pages.
    pub locale: Locale,
    /// Time zone of the user.
    pub timezone: Timezone,
    /// Client of the request.
    pub client: ClientInfo,
}

/// Errors of [`register`].
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The operator allows no registration.
    #[error("registration is closed")]
    Closed,
    /// The operator has not invited the e-mail.
    #[error("the e-mail is not invited")]
    NotInvited,
    /// Another account has the e-mail.
    #[error("the e-mail is taken")]
    EmailTaken,
    /// The password is derived from the username or the e-mail of its owner.
    #[error("the password {0}")]
    Password(Invalid),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds the user and, in the same unit, the mail to verify the e-mail. So the response does not depend on the mail
/// server. Removes the invitation of the e-mail, if there is one, also when registration is open.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(ports: &Ports, command: RegisterCommand) -> Result<User, RegisterError> {
    let RegisterCommand { username, email, password, locale, timezone, client } = command;
    match ports.policy.registration {
        Registration::Open => {}
        Registration::Closed => return Err(RegisterError::Closed),
        // Checked before the password is hashed, which is slow.
        Registration::Invite if !ports.store.is_invited(&email).await? => return Err(RegisterError::NotInvited),
        Registration::Invite => {}
    }
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

    let mut unit = ports.store.begin().await?;
    unit.insert_user(&user, &password_hash).await.map_err(|error| match error {
        StoreError::Conflict(UniqueKey::UserEmail) => RegisterError::EmailTaken,
        other => RegisterError::Store(other),
    })?;
    let was_invited = unit.take_invitation(&user.email).await?;
    if ports.policy.registration == Registration::Invite && !was_invited {
        return Err(RegisterError::NotInvited);
    }
    enqueue_mail(ports, &mut *unit, MailKind::VerifyEmail, user.email.clone()).await?;
    record_success(ports, &mut *unit, AuditAction::Register, id, &client).await?;
    unit.commit().await?;
    Ok(user)
}
