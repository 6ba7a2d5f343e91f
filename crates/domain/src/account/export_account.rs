//! Export: everything held about a user.

use super::{OneTimeToken, User};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    contact::{
        Contact, ContactQuery, Cursor, Filter, PageStart, Sort,
        trash::{TrashedContact, list_trash},
    },
    mail::Mail,
    session::{Principal, Session},
    store::StoreError,
};

/// Events of the audit trail that are given: a stranger who guesses at the password may have made very
/// many, and all of them have to lie in memory.
const EVENTS: u64 = 10_000;

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

/// Collects what is held about the user, and notes that it did. Costs one statement each for sessions,
/// mails, links and events, and one for each thousand contacts, kept or deleted (pages of which there are
/// more are counted, too).
///
/// # Errors
/// Only what the store reports.
pub async fn export_account(ports: &Ports, principal: &Principal) -> Result<AccountExport, StoreError> {
    let user = principal.user.clone();
    let mut unit = ports.store.begin().await?;
    unit.record(&AuditEvent::success(ports, AuditAction::ExportAccount, user.id, &principal.client)).await?;
    unit.commit().await?;
    Ok(AccountExport {
        sessions: ports.store.sessions_of(user.id).await?,
        contacts: all_contacts(ports, &user).await?,
        trash: all_trash(ports, &user).await?,
        waiting_mails: ports.store.mails_of(&user).await?,
        one_time_tokens: ports.store.one_time_tokens_of(user.id).await?,
        audit_events: ports.store.audit_events_of(user.id, EVENTS).await?,
        user,
    })
}

async fn all_contacts(ports: &Ports, user: &User) -> Result<Vec<Contact>, StoreError> {
    let mut query = ContactQuery {
        filter: Filter::default(),
        sort: Sort::by_creation(),
        start: PageStart::Skip(0),
        limit: ContactQuery::MAX_LIMIT,
    };
    let mut contacts = Vec::new();
    loop {
        let page = ports.store.list_contacts(user.id, &query).await?.items;
        let is_last = u64::try_from(page.len()).is_ok_and(|length| length < query.limit);
        if let Some(last) = page.last() {
            query.start = PageStart::After(Cursor::at(last, &query.sort));
        }
        contacts.extend(page);
        if is_last {
            return Ok(contacts);
        }
    }
}

async fn all_trash(ports: &Ports, user: &User) -> Result<Vec<TrashedContact>, StoreError> {
    let (mut trash, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = list_trash(ports, user.id, after, ContactQuery::MAX_LIMIT).await?;
        trash.extend(page.items);
        after = next;
        if after.is_none() {
            return Ok(trash);
        }
    }
}
