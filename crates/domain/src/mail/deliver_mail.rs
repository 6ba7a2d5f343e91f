//! Deliver: what the outbox worker does each time it wakes.

use std::panic::AssertUnwindSafe;

use chrono::Duration;
use futures_util::{FutureExt as _, future::join_all};

use super::{MAX_ATTEMPTS, Mail, MailContent, MailError, MailKind, OutgoingMail, pause_after};
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

/// Looks up the receiver and makes the token. `None` when nobody needs the mail any more (no such
/// account, already proven, replaced by a later request); it is then removed.
async fn prepare(ports: &Ports, mail: &Mail) -> Result<Option<OutgoingMail>, StoreError> {
    let mut unit = ports.store.begin().await?;
    let receiver = match mail.user {
        Some(id) => unit.lock_user(id).await?,
        None if mail.kind == MailKind::ConfirmEmail => unit.user_by_pending_email(&mail.address).await?,
        None => unit.user_by_email(&mail.address).await?,
    };
    let Some(user) = receiver.filter(|user| is_wanted(mail, user)) else {
        unit.remove_mail(mail.id).await?;
        unit.commit().await?;
        return Ok(None);
    };
    // Somebody else has registered the wanted address meanwhile: not a word to them.
    if mail.kind == MailKind::ConfirmEmail && unit.user_by_email(&mail.address).await?.is_some() {
        unit.remove_mail(mail.id).await?;
        unit.commit().await?;
        return Ok(None);
    }
    let content = match mail.kind {
        MailKind::VerifyEmail => {
            let (token, expires_at) = make_token(ports, &mut *unit, Purpose::VerifyEmail, &user, mail).await?;
            MailContent::VerifyEmail { token, expires_at }
        }
        MailKind::ResetPassword => {
            let (token, expires_at) = make_token(ports, &mut *unit, Purpose::ResetPassword, &user, mail).await?;
            MailContent::ResetPassword { token, expires_at }
        }
        MailKind::ConfirmEmail => {
            let (token, expires_at) = make_token(ports, &mut *unit, Purpose::ChangeEmail, &user, mail).await?;
            MailContent::ConfirmEmail { token, expires_at }
        }
        MailKind::EmailChangeNotice => MailContent::EmailChangeNotice,
    };
    unit.commit().await?;

    let User { username, locale, timezone, .. } = user;
    let (id, to, requested_at) = (mail.id, mail.address.clone(), mail.requested_at);
    Ok(Some(OutgoingMail { id, to, username, locale, timezone, requested_at, content }))
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

fn is_wanted(mail: &Mail, user: &User) -> bool {
    match mail.kind {
        MailKind::VerifyEmail => !user.email_verified,
        MailKind::ResetPassword | MailKind::EmailChangeNotice => true,
        MailKind::ConfirmEmail => user.pending_email.as_ref() == Some(&mail.address),
    }
}
