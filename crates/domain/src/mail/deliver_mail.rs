//! Deliver: what the outbox worker does each time it wakes.

use chrono::Duration;
use futures_util::future::join_all;

use super::{MAX_ATTEMPTS, Mail, MailContent, MailError, MailKind, OutgoingMail, pause_after};
use crate::{
    Ports,
    account::{OneTimeToken, Purpose, User},
    store::{StoreError, UnitOfWork},
    time::Instant,
};

/// Mails claimed, and sent, at once.
const BATCH: u64 = 8;
/// A claim outlives a batch: all its mails are sent side by side, each within half a minute
/// ([`Mailer::send`](super::Mailer::send)). A sender that dies delays its mails by so much.
const LEASE_SECONDS: i64 = 60;

/// Sends the mails that are due; says how many were handled, so that the worker knows whether to
/// look again at once. A failure to send is written on the mail, not returned.
///
/// # Errors
/// Only what the store reports; claimed mails are then due again when their lease ends.
pub async fn deliver_due_mail(ports: &Ports) -> Result<usize, StoreError> {
    let now = ports.clock.now();
    if !ports.store.has_due_mail(now).await? {
        return Ok(0);
    }
    let mut unit = ports.store.begin().await?;
    let mails = unit.claim_due_mail(now, now + Duration::seconds(LEASE_SECONDS), BATCH).await?;
    unit.commit().await?;

    let mut outgoing = Vec::with_capacity(mails.len());
    for mail in &mails {
        outgoing.extend(prepare(ports, mail).await?.map(|prepared| (mail, prepared)));
    }
    let outcomes = join_all(outgoing.iter().map(|(_, prepared)| ports.mailer.send(prepared))).await;
    if !outgoing.is_empty() {
        let mut unit = ports.store.begin().await?;
        for ((mail, _), outcome) in outgoing.iter().zip(outcomes) {
            record(&mut *unit, mail, outcome, ports.clock.now()).await?;
        }
        unit.commit().await?;
    }
    Ok(mails.len())
}

async fn record(
    unit: &mut dyn UnitOfWork,
    mail: &Mail,
    outcome: Result<(), MailError>,
    now: Instant,
) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => unit.remove_mail(mail.id).await,
        Err(error @ MailError::Permanent(_)) => unit.park_mail(mail.id, &reason(&error)).await,
        Err(error @ MailError::Transient(_)) if mail.attempts >= MAX_ATTEMPTS => {
            unit.park_mail(mail.id, &reason(&error)).await
        }
        Err(error @ MailError::Transient(_)) => {
            unit.reschedule_mail(mail.id, now + pause_after(mail.attempts), &reason(&error)).await
        }
    }
}

/// Looks up the receiver and makes the token. `None` when nobody needs the mail (no such account,
/// or already proven); it is then removed.
async fn prepare(ports: &Ports, mail: &Mail) -> Result<Option<OutgoingMail>, StoreError> {
    let mut unit = ports.store.begin().await?;
    let user = unit.user_by_email(&mail.address).await?.filter(|user| is_wanted(mail.kind, user));
    let Some(user) = user else {
        unit.remove_mail(mail.id).await?;
        unit.commit().await?;
        return Ok(None);
    };
    let purpose = match mail.kind {
        MailKind::VerifyEmail => Purpose::VerifyEmail,
        MailKind::ResetPassword => Purpose::ResetPassword,
    };
    let token = ports.secrets.generate();
    let expires_at = ports.clock.now() + purpose.lifetime();
    unit.insert_one_time_token(&OneTimeToken {
        digest: token.digest(),
        purpose,
        user: user.id,
        address: user.email.clone(),
        expires_at,
    })
    .await?;
    unit.commit().await?;

    let content = match mail.kind {
        MailKind::VerifyEmail => MailContent::VerifyEmail { token, expires_at },
        MailKind::ResetPassword => MailContent::ResetPassword { token, expires_at },
    };
    let User { email: to, username, locale, timezone, .. } = user;
    let (id, requested_at) = (mail.id, mail.requested_at);
    Ok(Some(OutgoingMail { id, to, username, locale, timezone, requested_at, content }))
}

fn is_wanted(kind: MailKind, user: &User) -> bool {
    match kind {
        MailKind::VerifyEmail => !user.email_verified,
        MailKind::ResetPassword => true,
    }
}

/// The error and its causes in one line, for the operator.
fn reason(error: &MailError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().take(500).collect()
}
