//! Deliver: what the outbox worker does each time it wakes.

use std::panic::AssertUnwindSafe;

use chrono::Duration;
use futures_util::{FutureExt as _, future::join_all};

use super::{
    MAILS_TO_UNVERIFIED, MAX_ATTEMPTS, Mail, MailContent, MailError, MailKind, OutgoingMail, UNVERIFIED_PERIOD,
    pause_after,
};
use crate::{
    Ports,
    account::{OneTimeToken, Purpose, User},
    secret::Secret,
    store::{StoreError, UnitOfWork, in_one_line},
    time::Instant,
};

/// Mails claimed, and sent, at once.
const BATCH: u64 = 8;
/// A claim outlives a batch: its mails are prepared one after another, which waits for the database at
/// the worst, then sent side by side, each within half a minute
/// ([`Mailer::send`](super::Mailer::send)). A sender that dies delays its mails by so much.
const LEASE_SECONDS: i64 = 120;

/// What came of the mails that were due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Mails taken from the outbox: when there were any, more may wait.
    pub handled: usize,
    /// Why each mail that was not taken was not, for the log. They are tried again, or parked.
    pub failures: Vec<String>,
}

/// Sends the mails that are due. A failure to send is written on the mail.
///
/// # Errors
/// Only what the store reports; claimed mails are then due again when their lease ends.
pub async fn deliver_due_mail(ports: &Ports) -> Result<Delivery, StoreError> {
    let now = ports.clock.now();
    if !ports.store.has_due_mail(now).await? {
        return Ok(Delivery::default());
    }
    let mut unit = ports.store.begin().await?;
    let mails = unit.claim_due_mail(now, now + Duration::seconds(LEASE_SECONDS), BATCH).await?;
    unit.commit().await?;

    let (mut outgoing, mut failures) = (Vec::with_capacity(mails.len()), Vec::new());
    for mail in &mails {
        match prepare(ports, mail).await {
            Ok(prepared) => outgoing.extend(prepared.map(|prepared| (mail, prepared))),
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            // A fault of this mail alone, a row that cannot be read: the others must not wait for it.
            Err(error @ (StoreError::Backend(_) | StoreError::Conflict(_))) => {
                failures.push(in_one_line(&error));
                settle(ports, mail, Err(MailError::Transient(Box::new(error)))).await?;
            }
        }
    }
    let sending = outgoing.iter().map(|(_, prepared)| AssertUnwindSafe(ports.mailer.send(prepared)).catch_unwind());
    let outcomes = join_all(sending).await;
    for ((mail, _), outcome) in outgoing.iter().zip(outcomes) {
        let outcome = outcome.unwrap_or_else(|_| Err(MailError::Permanent("writing the mail panicked".into())));
        failures.extend(outcome.as_ref().err().map(|error| in_one_line(error)));
        settle(ports, mail, outcome).await?;
    }
    Ok(Delivery { handled: mails.len(), failures })
}

/// Notes what came of one mail, in a unit of its own: what is noted stays noted.
async fn settle(ports: &Ports, mail: &Mail, outcome: Result<(), MailError>) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    record(&mut *unit, mail, outcome, ports.clock.now()).await?;
    unit.commit().await
}

async fn record(
    unit: &mut dyn UnitOfWork,
    mail: &Mail,
    outcome: Result<(), MailError>,
    now: Instant,
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

/// Looks up the receiver and makes the token. `None` when nobody needs the mail any more (no such account, already
/// proven, replaced by a later request), or the address has had its mails for today; it is then removed.
async fn prepare(ports: &Ports, mail: &Mail) -> Result<Option<OutgoingMail>, StoreError> {
    let mut unit = ports.store.begin().await?;
    let Some(user) = receiver(ports, &mut *unit, mail).await? else {
        unit.remove_mail(mail.id).await?;
        unit.commit().await?;
        return Ok(None);
    };
    let content = content(ports, &mut *unit, &user, mail).await?;
    unit.commit().await?;

    let username = is_verified_address(&user, mail).then_some(user.username);
    let User { locale, timezone, .. } = user;
    let Mail { id, address: to, requested_at, client_ip, .. } = mail.clone();
    Ok(Some(OutgoingMail { id, to, username, locale, timezone, requested_at, client_ip, content }))
}

/// The user who gets the mail, locked: a link must not be made while a reset of the password discards those that there
/// are.
async fn receiver(ports: &Ports, unit: &mut dyn UnitOfWork, mail: &Mail) -> Result<Option<User>, StoreError> {
    let id = match mail.user {
        Some(id) => Some(id),
        None if mail.kind == MailKind::ConfirmEmail => {
            unit.user_by_pending_email(&mail.address).await?.map(|user| user.id)
        }
        None => unit.user_by_email(&mail.address).await?.map(|user| user.id),
    };
    let Some(id) = id else { return Ok(None) };
    let Some(user) = unit.lock_user(id).await?.filter(|user| is_wanted(mail, user)) else { return Ok(None) };
    // Somebody else has registered the pending address meanwhile: not a word to them.
    if mail.kind == MailKind::ConfirmEmail && unit.user_by_email(&mail.address).await?.is_some() {
        return Ok(None);
    }
    if is_verified_address(&user, mail) {
        return Ok(Some(user));
    }
    unit.note_unverified_receiver(mail.id, user.id).await?;
    // Nobody else's: it was the user's when the notice was ordered, and must not be dropped for a stranger's mails.
    if mail.kind.is_notice() {
        return Ok(Some(user));
    }
    let now = ports.clock.now();
    let is_admitted = unit.take_mail_slot(mail, now, now - UNVERIFIED_PERIOD, MAILS_TO_UNVERIFIED).await?;
    Ok(is_admitted.then_some(user))
}

async fn content(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    mail: &Mail,
) -> Result<MailContent, StoreError> {
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
    })
}

async fn make_token(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    purpose: Purpose,
    user: &User,
    mail: &Mail,
) -> Result<(Secret, Instant), StoreError> {
    let token = ports.secrets.generate().map_err(|error| StoreError::Backend(Box::new(error)))?;
    let expires_at = ports.clock.now() + purpose.lifetime();
    let (digest, address) = (token.digest(), mail.address.clone());
    unit.insert_one_time_token(&OneTimeToken { digest, purpose, user: user.id, address, expires_at }).await?;
    Ok((token, expires_at))
}

/// Whether the mail still makes sense to that user, as they are now.
fn is_wanted(mail: &Mail, user: &User) -> bool {
    match mail.kind {
        MailKind::VerifyEmail => !user.email_verified && user.email == mail.address,
        MailKind::ResetPassword => user.email == mail.address,
        MailKind::ConfirmEmail => user.pending_email.as_ref() == Some(&mail.address),
        MailKind::EmailChanged => user.email != mail.address,
        MailKind::EmailChangeNotice
        | MailKind::PasswordChanged
        | MailKind::PasswordWasReset
        | MailKind::SessionEnded
        | MailKind::NewDevice
        | MailKind::WrongPasswords => true,
    }
}

/// Whether the mail goes to the address that the user has now, and has verified.
fn is_verified_address(user: &User, mail: &Mail) -> bool {
    user.email_verified && user.email == mail.address
}
