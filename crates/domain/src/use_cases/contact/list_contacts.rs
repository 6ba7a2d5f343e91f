//! Lists the contacts that match a query, page by page.

use crate::{
    contact::{
        Contact, ContactQuery, Cursor, Filter, PageStart,
        part::{PageProgress, PageState, length},
    },
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

/// Page of the owner's contacts, read in parts. The parts after the first one begin at a cursor. So they neither repeat
/// nor skip contacts when others are added or removed meanwhile.
#[derive(Debug, Clone)]
pub struct ContactPage {
    owner: UserId,
    query: ContactQuery,
    /// Known once the first part was read.
    total: Option<u64>,
    progress: PageProgress,
}

/// One part of a page.
#[derive(Debug)]
pub struct ContactPagePart {
    /// The contacts, in order.
    pub contacts: Vec<Contact>,
    /// The rest of the page.
    pub rest: ContactPageRest,
}

/// Rest of a page, after one of its parts.
#[derive(Debug)]
pub enum ContactPageRest {
    /// Further parts.
    Parts(Box<ContactPage>),
    /// None: the page is complete.
    End {
        /// Number of contacts that match the filter, on all pages.
        total: u64,
        /// Cursor of the next page, if there is one.
        next: Option<Cursor>,
    },
}

impl ContactPage {
    /// Creates the page of a query. Nothing is read yet.
    #[must_use]
    pub fn new(owner: UserId, query: ContactQuery) -> Self {
        let progress = PageProgress::new(query.limit);
        Self { owner, query, total: None, progress }
    }

    /// Returns the maximum number of contacts that the next part reads.
    #[must_use]
    pub fn next_contacts(&self) -> u64 {
        self.progress.limit()
    }

    /// Reads the next part. Costs one statement. The first part costs another one for the total, unless it is the whole
    /// list.
    ///
    /// # Errors
    /// Errors of the store.
    pub async fn read(mut self, ports: &Ports) -> Result<ContactPagePart, StoreError> {
        self.query.limit = self.progress.limit();
        let mut contacts = ports.store.list_contacts(self.owner, &self.query).await?;
        let state = self.progress.accept(&mut contacts, |contact| Some(contact));
        let next = match state {
            PageState::Complete { has_next: false } => None,
            // The card of the last contact must be parsed for this.
            PageState::Complete { has_next: true } | PageState::Unfinished => {
                contacts.last().map(|last| Cursor::at(last, &self.query.sort))
            }
        };
        let total = match self.total {
            Some(total) => total,
            None => self.total(ports, state, length(&contacts), next.as_ref()).await?,
        };
        let rest = match state {
            PageState::Complete { .. } => ContactPageRest::End { total, next },
            PageState::Unfinished => {
                self.query.start = next.map_or(self.query.start, PageStart::After);
                ContactPageRest::Parts(Box::new(Self { total: Some(total), ..self }))
            }
        };
        Ok(ContactPagePart { contacts, rest })
    }

    /// Returns the total, after a first part with that number of contacts. A search from the start of the list counts only
    /// the contacts after the part, because each count reads texts. A count without a filter reads none.
    async fn total(
        &self,
        ports: &Ports,
        state: PageState,
        read: u64,
        next: Option<&Cursor>,
    ) -> Result<u64, StoreError> {
        let ContactQuery { filter, sort, start, .. } = &self.query;
        let until_here = match start {
            PageStart::Skip(skip) if read > 0 || *skip == 0 => Some(skip.saturating_add(read)),
            PageStart::Skip(_) | PageStart::After(_) => None,
        };
        match (until_here, state, next) {
            (Some(until_here), PageState::Complete { has_next: false }, _) => Ok(until_here),
            (Some(until_here), _, Some(next)) if *filter != Filter::default() => {
                let after = ports.store.count_contacts(self.owner, filter, Some((sort, next))).await?;
                Ok(until_here.saturating_add(after))
            }
            _ => ports.store.count_contacts(self.owner, filter, None).await,
        }
    }
}
