//! Lists the names of the cards of an address book, and what changed since a sync token (RFC 6578).

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
};

use crate::{
    contact::{
        ChangeNumber,
        card_resource::{CardChange, CardName},
        changes::SyncToken,
    },
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

/// Returns the token of the present state of an address book; `None` when the owner was deleted. Costs one statement.
///
/// # Errors
/// Errors of the store.
pub async fn current_sync_token(ports: &Ports, owner: UserId) -> Result<Option<SyncToken>, StoreError> {
    // No change has this number, so none is read.
    let state = ports.store.card_changes_after(owner, ChangeNumber(i64::MAX), 1).await?;
    Ok(state.map(|state| SyncToken { epoch: state.epoch, after: state.newest, began_at: None }))
}

/// Maximum number of names of a part.
const MAX_NAMES: u64 = 1_000;

/// Errors of [`CardSync::read`].
#[derive(Debug, thiserror::Error)]
pub enum CardSyncError {
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

/// The changes of the cards after a token, or all cards, read in parts. No name is in one answer twice.
///
/// A card that changes while they are read belongs to the next answer, so a client never retains a card that was deleted
/// meanwhile. An answer without a token has no next one: see [`CardSync::listing`].
#[derive(Debug, Clone)]
pub struct CardSync {
    owner: UserId,
    token: Option<SyncToken>,
    /// True when all cards are listed, so that removed names say nothing.
    is_first: bool,
    /// The newest change when the first part was read. Later ones belong to the next answer.
    until: Option<ChangeNumber>,
    /// Number of names that the client accepts.
    remaining: u64,
    part: u64,
    /// True for a list without a token.
    is_listing: bool,
    /// Names of the parts so far: all names of a list without a token, else the removed ones. A name that was removed twice
    /// has two changes.
    reported: ReportedNames,
}

/// Names, as hashes. Two of 10,000 names have the same one in one of 10^11 lists.
#[derive(Debug, Clone, Default)]
struct ReportedNames {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

/// One part of the changes.
#[derive(Debug)]
pub struct CardSyncPart {
    /// The changes, with ascending numbers. A removed name that another card has now is left out.
    pub changes: Vec<CardChange>,
    /// The rest.
    pub rest: CardSyncRest,
}

/// Rest of the changes, after one part.
#[derive(Debug)]
pub enum CardSyncRest {
    /// Further parts.
    Parts(CardSync),
    /// None: the answer is complete.
    End {
        /// Token for the next request.
        next: SyncToken,
        /// True when there are more changes than the client accepts.
        is_truncated: bool,
    },
}

impl CardSync {
    /// Creates the list of at most `limit` changes; `None` is no limit. Nothing is read yet.
    #[must_use]
    pub fn new(owner: UserId, since: Option<SyncToken>, limit: Option<u64>) -> Self {
        let (is_first, remaining) = (since.is_none(), limit.unwrap_or(u64::MAX));
        Self {
            owner,
            token: since,
            is_first,
            until: None,
            remaining,
            part: MAX_NAMES,
            is_listing: false,
            reported: ReportedNames::default(),
        }
    }

    /// Creates the list of all cards for an answer without a token. It also has the cards that change while it is read.
    #[must_use]
    pub fn listing(owner: UserId) -> Self {
        Self { is_listing: true, ..Self::new(owner, None, None) }
    }

    /// Sets the maximum number of names of a part, for a caller that reads the cards of each part.
    #[must_use]
    pub fn in_parts_of(self, names: u64) -> Self {
        Self { part: names.clamp(1, MAX_NAMES), ..self }
    }

    /// Reads the next part. Costs one statement, and another one if names were removed.
    ///
    /// # Errors
    /// See [`CardSyncError`].
    pub async fn read(mut self, ports: &Ports) -> Result<CardSyncPart, CardSyncError> {
        let after = self.token.map_or(ChangeNumber(0), |token| token.after);
        let limit = self.part.min(self.remaining);
        // One more shows whether others follow.
        let found = ports.store.card_changes_after(self.owner, after, limit.saturating_add(1)).await?;
        let mut found = found.ok_or(CardSyncError::OwnerNotFound)?;
        let token = self.token.unwrap_or(SyncToken { epoch: found.epoch, after, began_at: Some(found.newest) });
        match (found.continue_from(&token), self.until.is_some()) {
            (true, _) => {}
            (false, false) => return Err(CardSyncError::TokenExpired),
            // A part is sent already: the next request reports it.
            (false, true) => return Ok(CardSyncPart::last(Vec::new(), token, true)),
        }
        let until = self.until.unwrap_or(found.newest);
        if !self.is_listing {
            found.items.retain(|change| change.number <= until);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = found.items.len() > limit;
        found.items.truncate(limit);
        self.remaining = self.remaining.saturating_sub(u64::try_from(found.items.len()).unwrap_or(u64::MAX));
        let last = found.items.last().map_or(token.after, |change| change.number);
        let mut changes = self.without_reused(ports, found.items).await?;
        let is_once = |change: &CardChange| !self.is_listing && change.target.is_some();
        changes.retain(|change| is_once(change) || self.reported.insert(&change.name));
        Ok(match (has_more, self.remaining) {
            // Numbers without a card are known too.
            (false, _) => CardSyncPart::last(changes, token.advanced_to(until), false),
            (true, 0) => CardSyncPart::last(changes, token.advanced_to(last), true),
            (true, _) => {
                let rest = Self { token: Some(token.advanced_to(last)), until: Some(until), ..self };
                CardSyncPart { changes, rest: CardSyncRest::Parts(rest) }
            }
        })
    }

    /// Drops the removed names that another card has now: the client reads that card, or knows it already. Drops all removed
    /// names from a first list.
    async fn without_reused(&self, ports: &Ports, mut changes: Vec<CardChange>) -> Result<Vec<CardChange>, StoreError> {
        if self.is_first {
            changes.retain(|change| change.target.is_some());
        }
        let removed = changes.iter().filter(|change| change.target.is_none()).map(|change| change.name.clone());
        let removed: Vec<CardName> = removed.collect();
        if !removed.is_empty() {
            let reused: HashSet<CardName> = ports.store.used_names(self.owner, &removed).await?.into_iter().collect();
            changes.retain(|change| change.target.is_some() || !reused.contains(&change.name));
        }
        Ok(changes)
    }
}

impl ReportedNames {
    /// Returns false for a name that it has.
    fn insert(&mut self, name: &CardName) -> bool {
        self.hashes.insert(self.hasher.hash_one(name))
    }
}

impl CardSyncPart {
    fn last(changes: Vec<CardChange>, next: SyncToken, is_truncated: bool) -> Self {
        Self { changes, rest: CardSyncRest::End { next, is_truncated } }
    }
}
