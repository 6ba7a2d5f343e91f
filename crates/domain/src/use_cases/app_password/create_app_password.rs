//! Creates an app password.

use crate::{
    app_password::{AppPassword, AppPasswordName, AppPasswordSecret, Scopes},
    audit::AuditAction,
    error::StoreError,
    ids::AppPasswordId,
    mail::ReportedAppPassword,
    ports::Ports,
    secret::NoRandomness,
    session::SignedInUser,
    text::Invalid,
    time::Timestamp,
    use_cases::steps::{enqueue_app_password_notice, record_success},
};

/// Parameters of [`create_app_password`].
#[derive(Debug, Clone)]
pub struct CreateAppPasswordCommand {
    /// Name of the app password; need not be unique.
    pub name: AppPasswordName,
    /// Operations that it allows.
    pub scopes: Scopes,
    /// Expiry (exclusive). `None`: it never expires.
    pub expires_at: Option<Timestamp>,
}

/// New app password, with its secret. The secret is returned only here.
#[derive(Debug, Clone)]
pub struct CreatedAppPassword {
    /// The app password.
    pub password: AppPassword,
    /// Its secret.
    pub secret: AppPasswordSecret,
}

/// Errors of [`create_app_password`].
#[derive(Debug, thiserror::Error)]
pub enum CreateAppPasswordError {
    /// The expiry is not in the future.
    #[error("the expiry {0}")]
    Expiry(Invalid),
    /// The user has [`AppPassword::MAX_PER_USER`] app passwords.
    #[error("the user has too many app passwords")]
    LimitReached,
    /// The session of the request has ended, or the account was deleted or disabled.
    #[error("the session has ended")]
    SessionEnded,
    /// No secret could be generated.
    #[error(transparent)]
    Secret(#[from] NoRandomness),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates an app password, and reports it to the e-mail of the user.
///
/// # Errors
/// See [`CreateAppPasswordError`].
pub async fn create_app_password(
    ports: &Ports,
    signed_in: &SignedInUser,
    command: CreateAppPasswordCommand,
) -> Result<CreatedAppPassword, CreateAppPasswordError> {
    let CreateAppPasswordCommand { name, scopes, expires_at } = command;
    let created_at = ports.clock.now();
    if expires_at.is_some_and(|expires_at| expires_at <= created_at) {
        return Err(CreateAppPasswordError::Expiry(Invalid::NotInTheFuture));
    }
    let secret = AppPasswordSecret::from_random(&ports.secrets.generate()?);
    let (id, user) = (AppPasswordId(ports.ids.next_id()), signed_in.user.id);
    let password = AppPassword { id, user, name, scopes, created_at, expires_at, last_used_at: None };

    let mut unit = ports.store.begin().await?;
    // The lock limits the number of app passwords. An operation that ends all access to the account
    // holds it, too, so no app password is created after that.
    let user = unit.lock_user(user).await?.ok_or(CreateAppPasswordError::SessionEnded)?;
    if unit.lock_session(signed_in.session.id).await?.is_none() {
        return Err(CreateAppPasswordError::SessionEnded);
    }
    if unit.count_app_passwords(user.id).await? >= AppPassword::MAX_PER_USER {
        return Err(CreateAppPasswordError::LimitReached);
    }
    unit.insert_app_password(&password, &secret.digest()).await?;
    let reported = ReportedAppPassword { name: password.name.clone(), scopes: password.scopes.clone() };
    enqueue_app_password_notice(ports, &mut *unit, &user, reported, &signed_in.client).await?;
    record_success(ports, &mut *unit, AuditAction::CreateAppPassword, user.id, &signed_in.client).await?;
    unit.commit().await?;
    Ok(CreatedAppPassword { password, secret })
}
