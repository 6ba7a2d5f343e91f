//! Export: everything held about a user.

use super::{OneTimeToken, User};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    contact::{Contact, trash::TrashedContact},
    mail::Mail,
    session::{Principal, Session},
    store::StoreError,
};

/// Events of the audit trail that are given: a stranger who guesses at the password may have made very
/// many, and all of them have to lie in memory.
const EVENTS: u64 = 10_000;
/// Contacts that are read at once.
const PAGE: u64 = 1000;

/// Everything held about a user, but for what would open their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountExport {
    /// The user.
    pub user: User,
    /// The devices they are signed in on.
    pub sessions: Vec<Session>,
    /// Their contacts, oldest first.
    pub contacts: Vec<Contact>,
    /// What is in their trash, the latest deleted first.
    pub trash: Vec<TrashedContact>,
    /// The mails to them that wait, or could not be sent.
    pub waiting_mails: Vec<Mail>,
    /// The links they were mailed and have not used. The links themselves are not known here.
    pub one_time_tokens: Vec<OneTimeToken>,
    /// What was done to their account, the latest 10,000 at most, the latest first.
    pub audit_events: Vec<AuditEvent>,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportAccountError {
    /// The user is gone.
    #[error("no such user")]
    NotFound,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Collects what is held about the user, and notes that it did. Costs one statement each for sessions,
/// mails, links and events, and one for each thousand contacts, kept or deleted.
///
/// # Errors
/// See [`ExportAccountError`].
pub async fn export_account(ports: &Ports, principal: &Principal) -> Result<AccountExport, ExportAccountError> {
    let mut unit = ports.store.begin().await?;
    // Locked, so that nothing is noted of an account that has just left.
    let user = unit.lock_user(principal.user.id).await?.ok_or(ExportAccountError::NotFound)?;
    unit.record(&AuditEvent::success(ports, AuditAction::ExportAccount, user.id, &principal.client)).await?;
    unit.commit().await?;
    let (contacts, trash) = all_contacts(ports, &user).await?;
    Ok(AccountExport {
        sessions: ports.store.sessions_of(user.id).await?,
        contacts,
        trash,
        waiting_mails: ports.store.mails_of(&user).await?,
        one_time_tokens: ports.store.one_time_tokens_of(user.id).await?,
        audit_events: ports.store.audit_events_of(user.id, EVENTS).await?,
        user,
    })
}

/// By their ids, which neither deleting nor restoring changes: each is met once, wherever it is then.
async fn all_contacts(ports: &Ports, user: &User) -> Result<(Vec<Contact>, Vec<TrashedContact>), StoreError> {
    let (mut contacts, mut trash, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = ports.store.held_contacts(user.id, after, PAGE).await?;
        let is_last = u64::try_from(page.len()).is_ok_and(|length| length < PAGE);
        after = page.last().map(|(contact, _)| contact.id);
        for (contact, deleted_at) in page {
            match deleted_at {
                None => contacts.push(contact),
                Some(deleted_at) => trash.push(TrashedContact { contact, deleted_at }),
            }
        }
        if is_last {
            trash.sort_by_key(|trashed: &TrashedContact| std::cmp::Reverse(trashed.place()));
            return Ok((contacts, trash));
        }
    }
}
