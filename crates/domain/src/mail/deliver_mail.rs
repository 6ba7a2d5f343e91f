//! Deliver: what the outbox worker does each time it wakes.

use chrono::Duration;

use super::{MAX_ATTEMPTS, Mail, MailContent, MailError, MailKind, OutgoingMail, pause_after};
use crate::{
    Ports,
    account::{OneTimeToken, Purpose, User},
    store::StoreError,
};

/// Mails claimed at once. Each takes at most half a minute ([`Mailer::send`](super::Mailer::send)),
/// so the lease outlives the batch.
const BATCH: u64 = 8;
const LEASE_MINUTES: i64 = 6;

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
    let mails = unit.claim_due_mail(now, now + Duration::minutes(LEASE_MINUTES), BATCH).await?;
    unit.commit().await?;
    for mail in &mails {
        deliver(ports, mail).await?;
    }
    Ok(mails.len())
}

async fn deliver(ports: &Ports, mail: &Mail) -> Result<(), StoreError> {
    let Some(outgoing) = prepare(ports, mail).await? else {
        return Ok(());
    };
    let outcome = ports.mailer.send(&outgoing).await;
    let mut unit = ports.store.begin().await?;
    match outcome {
        Ok(()) => unit.remove_mail(mail.id).await?,
        Err(error @ MailError::Permanent(_)) => unit.park_mail(mail.id, &reason(&error)).await?,
        Err(error @ MailError::Transient(_)) if mail.attempts >= MAX_ATTEMPTS => {
            unit.park_mail(mail.id, &reason(&error)).await?;
        }
        Err(error @ MailError::Transient(_)) => {
            let at = ports.clock.now() + pause_after(mail.attempts);
            unit.reschedule_mail(mail.id, at, &reason(&error)).await?;
        }
    }
    unit.commit().await
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
