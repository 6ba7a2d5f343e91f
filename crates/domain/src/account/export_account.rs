//! Export: everything held about a user.

use super::User;
use crate::{
    Ports,
    contact::{Contact, ContactQuery, Cursor, Filter, PageStart, Sort},
    session::{Principal, Session},
    store::StoreError,
};

/// Everything held about a user, but for what would open their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountExport {
    /// The user.
    pub user: User,
    /// The devices they are signed in on.
    pub sessions: Vec<Session>,
    /// Their contacts, oldest first.
    pub contacts: Vec<Contact>,
}

/// Collects what is held about the user. Costs one statement for the sessions and one or two for each
/// thousand contacts.
///
/// # Errors
/// Only what the store reports.
pub async fn export_account(ports: &Ports, principal: &Principal) -> Result<AccountExport, StoreError> {
    let user = principal.user.clone();
    let sessions = ports.store.sessions_of(user.id).await?;
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
            return Ok(AccountExport { user, sessions, contacts });
        }
    }
}
