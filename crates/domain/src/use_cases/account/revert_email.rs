//! Restores the previous e-mail of an account with a mailed token.

use crate::{
    account::{Email, HashingError, PasswordAttempt, PasswordHash, Purpose, User},
    audit::AuditAction,
    client::ClientInfo,
    error::{StoreError, UniqueKey},
    mail::MailKind,
    ports::Ports,
    secret::NoRandomness,
    store::UnitOfWork,
    use_cases::steps::{ValidToken, enqueue_mail_to_user, record_success, remove_user, was_just_used},
};

const PURPOSE: Purpose = Purpose::RevertEmail;

/// Errors of [`revert_email`].
#[derive(Debug, thiserror::Error)]
pub enum RevertEmailError {
    /// The token is unknown, used, expired, or has another purpose.
    #[error("the token is not valid")]
    TokenInvalid,
    /// Another user has registered and verified the old e-mail since. The token is not consumed.
    #[error("the e-mail is taken")]
    EmailTaken,
    /// No secret could be generated.
    #[error(transparent)]
    Secret(#[from] NoRandomness),
    /// The secret could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Number of times that the old e-mail is looked up again, because another client has just registered it.
const ATTEMPTS: usize = 3;

/// Consumes the token and restores the old e-mail of the account. All access of the client that changed the e-mail
/// ends: every session, app password and mailed link, the pending e-mail and the password. A mail to set a new password is sent to
/// the old e-mail. Links that revert earlier changes stay valid.
/// A token that was just used is accepted again and changes nothing.
///
/// # Errors
/// See [`RevertEmailError`].
pub async fn revert_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), RevertEmailError> {
    match consume(ports, token, client).await {
        Err(RevertEmailError::TokenInvalid) if was_just_used(ports, token, PURPOSE).await? => Ok(()),
        outcome => outcome,
    }
}

async fn consume(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), RevertEmailError> {
    let valid = ValidToken::read(ports, token, PURPOSE).await?.ok_or(RevertEmailError::TokenInvalid)?;
    // The hash of a secret that no client knows. A sign-in or a confirmation in progress fails when it compares hashes.
    let secret = PasswordAttempt::new(&ports.secrets.generate()?.reveal());
    let hash = ports.passwords.rehash(&secret, client.largest_network()).await?;
    for _ in 0..ATTEMPTS {
        match restore(ports, &valid, &hash, client).await {
            // Registered since the e-mail was looked up. The next attempt finds that account.
            Err(RevertEmailError::Store(StoreError::Conflict(UniqueKey::UserEmail))) => {}
            outcome => return outcome,
        }
    }
    Err(RevertEmailError::EmailTaken)
}

async fn restore(
    ports: &Ports,
    valid: &ValidToken,
    hash: &PasswordHash,
    client: &ClientInfo,
) -> Result<(), RevertEmailError> {
    let mut unit = ports.store.begin().await?;
    let (user, token) = valid.consume(ports, &mut *unit).await?.ok_or(RevertEmailError::TokenInvalid)?;
    free_email(ports, &mut *unit, &user, &token.email).await?;
    unit.change_email(user.id, &token.email).await?;
    unit.set_password_hash(user.id, hash).await?;
    unit.end_sessions_of(user.id).await?;
    unit.end_app_passwords_of(user.id).await?;
    for other in Purpose::ALL.into_iter().filter(|other| *other != PURPOSE) {
        unit.discard_one_time_tokens(user.id, other).await?;
    }
    // The links of later changes would undo this, and so would the mails that create them. The link of an earlier
    // change is not discarded, or a thief could change the e-mail twice and revert once.
    unit.discard_later_one_time_tokens(user.id, PURPOSE, token.expires_at).await?;
    unit.remove_mails_since(user.id, MailKind::EmailChanged, token.expires_at - PURPOSE.lifetime()).await?;
    enqueue_mail_to_user(ports, &mut *unit, MailKind::ResetPassword, token.email, user.id).await?;
    record_success(ports, &mut *unit, AuditAction::RevertEmail, user.id, client).await?;
    unit.commit().await?;
    Ok(())
}

/// Removes an account that has registered the e-mail and not verified it. Otherwise a client that changed the e-mail
/// could block the restore by registering the old one.
///
/// A verified holder is not locked: two users that revert to the e-mail of each other would wait for each other.
async fn free_email(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    email: &Email,
) -> Result<(), RevertEmailError> {
    let Some(holder) = unit.user_by_email(email).await?.filter(|holder| holder.id != user.id) else { return Ok(()) };
    if holder.email_verified {
        return Err(RevertEmailError::EmailTaken);
    }
    match unit.lock_user(holder.id).await? {
        Some(holder) if holder.email_verified && holder.email == *email => Err(RevertEmailError::EmailTaken),
        Some(holder) if holder.email == *email => Ok(remove_user(ports, unit, &holder).await?),
        Some(_) | None => Ok(()),
    }
}
