//! Exports all data of a user.

use crate::{
    account::{OneTimeToken, User},
    audit::{AuditAction, AuditEvent},
    contact::{Contact, trash::TrashedContact},
    error::StoreError,
    mail::Mail,
    ports::Ports,
    session::{Principal, Session},
    use_cases::steps::record_success,
};

/// Maximum number of exported audit events. Password guessing can produce very many, and all of them are held in
/// memory.
const EVENTS: u64 = 10_000;
/// Number of contacts read in one statement.
const PAGE: u64 = 1000;

/// All data of a user, except secrets that give access to the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountExport {
    /// The user.
    pub user: User,
    /// Sessions, in any order.
    pub sessions: Vec<Session>,
    /// Contacts outside the trash, the oldest first.
    pub contacts: Vec<Contact>,
    /// Contacts in the trash, the latest deleted first.
    pub trash: Vec<TrashedContact>,
    /// Mails to the user that wait or are parked.
    pub waiting_mails: Vec<Mail>,
    /// Unused one-time tokens. Only digests are stored, not the links themselves.
    pub one_time_tokens: Vec<OneTimeToken>,
    /// Audit events of the account: at most 10,000, the latest first.
    pub audit_events: Vec<AuditEvent>,
}

/// Errors of [`export_account`].
#[derive(Debug, thiserror::Error)]
pub enum ExportAccountError {
    /// The user was deleted.
    #[error("no such user")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Collects the data of a user, and records the export. Costs one statement each for sessions, mails, tokens and
/// events, and one for each thousand contacts, in the trash or not.
///
/// # Errors
/// See [`ExportAccountError`].
pub async fn export_account(ports: &Ports, principal: &Principal) -> Result<AccountExport, ExportAccountError> {
    let mut unit = ports.store.begin().await?;
    // The lock prevents events for an account that has just been deleted.
    let user = unit.lock_user(principal.user.id).await?.ok_or(ExportAccountError::NotFound)?;
    record_success(ports, &mut *unit, AuditAction::ExportAccount, user.id, &principal.client).await?;
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

/// Reads the contacts by id, which neither deleting nor restoring changes. So each contact is read exactly once, even
/// if it moves to or from the trash.
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
