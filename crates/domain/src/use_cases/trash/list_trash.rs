//! Lists the trash page by page, the latest deletion first.

use crate::{
    contact::{
        part::{PageProgress, PageState, length},
        trash::{TrashPosition, TrashedContact},
    },
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

/// Page of the owner's trash, read in parts.
#[derive(Debug, Clone)]
pub struct TrashPage {
    owner: UserId,
    after: Option<TrashPosition>,
    /// Known once the first part was read.
    total: Option<u64>,
    progress: PageProgress,
}

/// One part of a page.
#[derive(Debug)]
pub struct TrashPagePart {
    /// The contacts, in the order of [`TrashPosition`].
    pub contacts: Vec<TrashedContact>,
    /// The rest of the page.
    pub rest: TrashPageRest,
}

/// Rest of a page, after one of its parts.
#[derive(Debug)]
pub enum TrashPageRest {
    /// Further parts.
    Parts(TrashPage),
    /// None: the page is complete.
    End {
        /// Number of contacts in the trash.
        total: u64,
        /// Position after which the next page begins, if there is one.
        next: Option<TrashPosition>,
    },
}

impl TrashPage {
    /// Creates the page of at most `limit` contacts after a position, or from the beginning. Nothing is read yet.
    #[must_use]
    pub fn new(owner: UserId, after: Option<TrashPosition>, limit: u64) -> Self {
        Self { owner, after, total: None, progress: PageProgress::new(limit) }
    }

    /// Returns the maximum number of contacts that the next part reads.
    #[must_use]
    pub fn next_contacts(&self) -> u64 {
        self.progress.limit()
    }

    /// Reads the next part. Costs one statement. The first part costs another one for the total, unless it is the whole
    /// trash.
    ///
    /// # Errors
    /// Errors of the store.
    pub async fn read(mut self, ports: &Ports) -> Result<TrashPagePart, StoreError> {
        let limit = self.progress.limit();
        let mut contacts = ports.store.list_trash(self.owner, self.after, limit).await?;
        let total = match (self.total, self.after) {
            (Some(total), _) => total,
            (None, None) if length(&contacts) < limit => length(&contacts),
            (None, _) => ports.store.count_trash(self.owner).await?,
        };
        let state = self.progress.accept(&mut contacts, |trashed| Some(&trashed.contact));
        let last = contacts.last().map(TrashedContact::position);
        let rest = match state {
            PageState::Unfinished => {
                TrashPageRest::Parts(Self { after: last.or(self.after), total: Some(total), ..self })
            }
            PageState::Complete { has_next } => TrashPageRest::End { total, next: last.filter(|_| has_next) },
        };
        Ok(TrashPagePart { contacts, rest })
    }
}
