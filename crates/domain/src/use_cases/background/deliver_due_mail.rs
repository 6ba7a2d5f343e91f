//! Delivery of mail: one run of the outbox worker.

use std::panic::AssertUnwindSafe;

use chrono::Duration;
use futures_util::{FutureExt as _, future::join_all};

use crate::{
    account::{OneTimeToken, Purpose, User},
    error::{StoreError, in_one_line},
    mail::{MAX_ATTEMPTS, Mail, MailContent, MailError, MailKind, OutgoingMail, UNVERIFIED_PERIOD, pause_after},
    ports::Ports,
    secret::{NoRandomness, Secret},
    store::UnitOfWork,
    time::Timestamp,
};

/// Maximum number of mails claimed and sent in one run.
const BATCH: u64 = 8;
/// Lease of claimed mails. It must outlast a batch: the mails are prepared one after another, which may wait for the
/// database. Then they are sent concurrently, each within 30 s ([`Mailer::send`](crate::mail::Mailer::send)). When a worker
/// dies, its mails are delayed by the lease.
const LEASE_SECONDS: i64 = 120;

/// Result of one delivery run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Number of mails claimed from the outbox. When it is not 0, more may be due.
    pub handled: usize,
    /// Errors of the mails that were not sent, for the log. These mails are retried or parked.
    pub failures: Vec<String>,
}

/// Errors of the preparation of one mail.
#[derive(Debug, thiserror::Error)]
enum PrepareError {
    /// No token could be generated for the link in the mail.
    #[error(transparent)]
    Token(#[from] NoRandomness),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail does not contain what it reports. It is a defect of the service.
    #[error("the mail does not contain what it reports")]
    Incomplete,
}

/// Sends the due mails. The error of a failed mail is stored in its row.
///
/// # Errors
/// The first error of the store. The mails that it concerns are due again when their lease ends; the others are sent, and
/// their outcomes are recorded.
pub async fn deliver_due_mail(ports: &Ports) -> Result<Delivery, StoreError> {
    let now = ports.clock.now();
    if !ports.store.has_due_mail(now).await? {
        return Ok(Delivery::default());
    }
    let mut unit = ports.store.begin().await?;
    let mails = unit.claim_due_mail(now, now + Duration::seconds(LEASE_SECONDS), BATCH).await?;
    unit.commit().await?;

    let (mut outgoing, mut failures) = (Vec::with_capacity(mails.len()), Vec::new());
    let mut recorded = Ok(());
    for mail in &mails {
        match prepare(ports, mail).await {
            Ok(prepared) => outgoing.extend(prepared.map(|prepared| (mail, prepared))),
            // Perhaps of this mail alone, too: another unit may have locked its user.
            Err(PrepareError::Store(error @ StoreError::Unavailable(_))) => recorded = recorded.and(Err(error)),
            // An error of this mail alone, such as an unreadable row: the other mails must not wait for it.
            Err(
                error @ (PrepareError::Token(_)
                | PrepareError::Incomplete
                | PrepareError::Store(StoreError::Backend(_) | StoreError::Conflict(_))),
            ) => {
                failures.push(in_one_line(&error));
                let outcome = record_outcome(ports, mail, Err(MailError::Transient(Box::new(error)))).await;
                recorded = recorded.and(outcome);
            }
        }
    }
    let sending = outgoing.iter().map(|(_, prepared)| AssertUnwindSafe(ports.mailer.send(prepared)).catch_unwind());
    let outcomes = join_all(sending).await;
    for ((mail, _), outcome) in outgoing.iter().zip(outcomes) {
        let outcome = outcome.unwrap_or_else(|_| Err(MailError::Permanent("the mailer panicked".into())));
        failures.extend(outcome.as_ref().err().map(|error| in_one_line(error)));
        // A sent mail whose outcome is not recorded is sent again.
        recorded = recorded.and(record_outcome(ports, mail, outcome).await);
    }
    recorded.map(|()| Delivery { handled: mails.len(), failures })
}

/// Stores the outcome of one mail in its own unit, so that later errors do not undo it.
async fn record_outcome(ports: &Ports, mail: &Mail, outcome: Result<(), MailError>) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    apply_outcome(&mut *unit, mail, outcome, ports.clock.now()).await?;
    unit.commit().await
}

async fn apply_outcome(
    unit: &mut dyn UnitOfWork,
    mail: &Mail,
    outcome: Result<(), MailError>,
    now: Timestamp,
) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => unit.remove_mail(mail.id).await,
        Err(error @ MailError::Permanent(_)) => unit.park_mail(mail.id, &in_one_line(&error)).await,
        Err(error @ MailError::Transient(_)) if mail.attempts >= MAX_ATTEMPTS => {
            unit.park_mail(mail.id, &in_one_line(&error)).await
        }
        Err(error @ MailError::Transient(_)) => {
            unit.reschedule_mail(mail.id, now + pause_after(mail.attempts), &in_one_line(&error)).await
        }
    }
}

/// Looks up the receiver and creates the token. Returns `None`, and removes the mail, in two cases. No user needs it
/// any more: no such account, e-mail already verified, replaced by a later request, or removed since it was claimed. Or
/// the e-mail address has reached its limit of unverified mails.
async fn prepare(ports: &Ports, mail: &Mail) -> Result<Option<OutgoingMail>, PrepareError> {
    let mut unit = ports.store.begin().await?;
    let Some(user) = receiver(ports, &mut *unit, mail).await? else {
        unit.remove_mail(mail.id).await?;
        unit.commit().await?;
        return Ok(None);
    };
    let content = content(ports, &mut *unit, &user, mail).await?;
    unit.commit().await?;

    let username = is_verified_email(&user, mail).then_some(user.username);
    let User { locale, timezone, .. } = user;
    let Mail { id, email: to, requested_at, client_ip, .. } = mail.clone();
    Ok(Some(OutgoingMail { id, to, username, locale, timezone, requested_at, client_ip, content }))
}

/// Returns the receiver, locked. No link may be created while a password reset discards the existing ones.
async fn receiver(ports: &Ports, unit: &mut dyn UnitOfWork, mail: &Mail) -> Result<Option<User>, StoreError> {
    let id = match mail.user {
        Some(id) => Some(id),
        None if mail.kind == MailKind::ConfirmEmail => {
            unit.user_by_pending_email(&mail.email).await?.map(|user| user.id)
        }
        None => unit.user_by_email(&mail.email).await?.map(|user| user.id),
    };
    let Some(id) = id else { return Ok(None) };
    let Some(user) = unit.lock_user(id).await?.filter(|user| is_applicable(mail, user)) else { return Ok(None) };
    // A revert of the e-mail removes mails under the lock, also claimed ones.
    if mail.user.is_some() && !unit.has_mail(mail.id).await? {
        return Ok(None);
    }
    // Another user has registered the pending e-mail since. That user must get no mail about it.
    if mail.kind == MailKind::ConfirmEmail && unit.user_by_email(&mail.email).await?.is_some() {
        return Ok(None);
    }
    if is_verified_email(&user, mail) {
        return Ok(Some(user));
    }
    // It was verified when the event happened, but it may be the former one.
    if mail.kind.is_notice() {
        return Ok(Some(user));
    }
    unit.record_unverified_receiver(mail.id, user.id).await?;
    let Some(slots) = mail.kind.unverified_limit() else { return Ok(Some(user)) };
    let now = ports.clock.now();
    let is_admitted = unit.take_mail_slot(mail, now, now - UNVERIFIED_PERIOD, slots).await?;
    Ok(is_admitted.then_some(user))
}

async fn content(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    mail: &Mail,
) -> Result<MailContent, PrepareError> {
    Ok(match mail.kind {
        MailKind::VerifyEmail => {
            let (token, expires_at) = make_token(ports, unit, Purpose::VerifyEmail, user, mail).await?;
            MailContent::VerifyEmail { token, expires_at }
        }
        MailKind::ResetPassword => {
            let (token, expires_at) = make_token(ports, unit, Purpose::ResetPassword, user, mail).await?;
            MailContent::ResetPassword { token, expires_at }
        }
        MailKind::ConfirmEmail => {
            let (token, expires_at) = make_token(ports, unit, Purpose::ChangeEmail, user, mail).await?;
            MailContent::ConfirmEmail { account: user.email.clone(), token, expires_at }
        }
        MailKind::EmailChangeNotice => MailContent::EmailChangeNotice,
        MailKind::EmailChanged => {
            let (token, expires_at) = make_token(ports, unit, Purpose::RevertEmail, user, mail).await?;
            MailContent::EmailChanged { token, expires_at }
        }
        MailKind::PasswordChanged => MailContent::PasswordChanged,
        MailKind::PasswordWasReset => MailContent::PasswordWasReset,
        MailKind::SessionEnded => MailContent::SessionEnded,
        MailKind::NewDevice => MailContent::NewDevice,
        MailKind::WrongPasswords => MailContent::WrongPasswords,
        MailKind::AppPasswordCreated => {
            MailContent::AppPasswordCreated(mail.app_password.clone().ok_or(PrepareError::Incomplete)?)
        }
    })
}

async fn make_token(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    purpose: Purpose,
    user: &User,
    mail: &Mail,
) -> Result<(Secret, Timestamp), PrepareError> {
    let token = ports.secrets.generate()?;
    // The links that revert changes expire in the order of the changes, also when their mails are sent in another
    // order. So the link of an earlier change outlives that of a later one, which must not discard it.
    let begins_at = if purpose == Purpose::RevertEmail { mail.requested_at } else { ports.clock.now() };
    let expires_at = begins_at + purpose.lifetime();
    let (digest, email) = (token.digest(), mail.email.clone());
    unit.insert_one_time_token(&OneTimeToken { digest, purpose, user: user.id, email, expires_at }).await?;
    Ok((token, expires_at))
}

/// Returns true when the mail still applies to the current state of the user.
fn is_applicable(mail: &Mail, user: &User) -> bool {
    match mail.kind {
        MailKind::VerifyEmail => !user.email_verified && user.email == mail.email,
        MailKind::ResetPassword => user.email == mail.email,
        MailKind::ConfirmEmail => user.pending_email.as_ref() == Some(&mail.email),
        MailKind::EmailChanged => user.email != mail.email,
        MailKind::EmailChangeNotice
        | MailKind::PasswordChanged
        | MailKind::PasswordWasReset
        | MailKind::SessionEnded
        | MailKind::NewDevice
        | MailKind::WrongPasswords
        | MailKind::AppPasswordCreated => true,
    }
}

/// Returns true when the mail goes to the current, verified e-mail of the user.
fn is_verified_email(user: &User, mail: &Mail) -> bool {
    user.email_verified && user.email == mail.email
}
