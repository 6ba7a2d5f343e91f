//! Lists the changes of an address book, for clients that follow it.

use crate::{
    contact::{
        ChangeNumber,
        changes::{Change, SyncToken},
        part::{PageProgress, PageState},
    },
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

/// Errors of [`ChangesPage::read`].
#[derive(Debug, thiserror::Error)]
pub enum ListChangesError {
    /// The client may miss changes if it continues. It must begin again, without a token.
    #[error("the sync token has expired")]
    TokenExpired,
    /// The owner was deleted.
    #[error("no such user")]
    OwnerNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Page of the changes after a token, or from the beginning, read in parts. Each part is of a moment of its own: a
/// contact that changes meanwhile appears again, as on two pages.
#[derive(Debug, Clone)]
pub struct ChangesPage {
    owner: UserId,
    token: Option<SyncToken>,
    /// True after the first part.
    is_begun: bool,
    progress: PageProgress,
}

/// One part of a page.
#[derive(Debug)]
pub struct ChangesPart {
    /// The changes, with ascending numbers.
    pub changes: Vec<Change>,
    /// The rest of the page.
    pub rest: ChangesRest,
}

/// Rest of a page, after one of its parts.
#[derive(Debug)]
pub enum ChangesRest {
    /// Further parts.
    Parts(ChangesPage),
    /// None: the page is complete.
    End {
        /// Token for the next request.
        next: SyncToken,
        /// True when there are more changes already.
        has_more: bool,
    },
}

impl ChangesPage {
    /// Creates the page of at most `limit` changes. Nothing is read yet.
    #[must_use]
    pub fn new(owner: UserId, since: Option<SyncToken>, limit: u64) -> Self {
        Self { owner, token: since, is_begun: false, progress: PageProgress::new(limit) }
    }

    /// Returns the maximum number of contacts that the next part reads.
    #[must_use]
    pub fn next_contacts(&self) -> u64 {
        self.progress.limit()
    }

    /// Reads the next part. Costs one statement.
    ///
    /// # Errors
    /// See [`ListChangesError`].
    pub async fn read(mut self, ports: &Ports) -> Result<ChangesPart, ListChangesError> {
        let after = self.token.map_or(ChangeNumber(0), |token| token.after);
        let found = ports.store.changes_after(self.owner, after, self.progress.limit()).await?;
        let mut found = found.ok_or(ListChangesError::OwnerNotFound)?;
        let (epoch, newest) = (found.epoch, found.newest);
        let token = self.token.unwrap_or(SyncToken { epoch, after, began_at: Some(newest) });
        match (found.continue_from(&token), self.is_begun) {
            (true, _) => {}
            (false, false) => return Err(ListChangesError::TokenExpired),
            // A part is sent already: the next request reports it.
            (false, true) => return Ok(ChangesPart::last(Vec::new(), token, true)),
        }
        let state = self.progress.accept(&mut found.items, |change| change.contact.as_ref());
        let last = found.items.last().map_or(token.after, |change| change.number);
        Ok(match state {
            PageState::Unfinished => {
                let rest = Self { token: Some(token.advanced_to(last)), is_begun: true, ..self };
                ChangesPart { changes: found.items, rest: ChangesRest::Parts(rest) }
            }
            PageState::Complete { has_next: true } => ChangesPart::last(found.items, token.advanced_to(last), true),
            // Numbers without a contact are known too.
            PageState::Complete { has_next: false } => ChangesPart::last(found.items, token.advanced_to(newest), false),
        })
    }
}

impl ChangesPart {
    fn last(changes: Vec<Change>, next: SyncToken, has_more: bool) -> Self {
        Self { changes, rest: ChangesRest::End { next, has_more } }
    }
}
