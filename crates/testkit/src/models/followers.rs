//! Clients that follow the changes of an address book: over REST, and over CardDAV.

use std::collections::BTreeMap;

use domain::{
    Ports,
    contact::{
        CardJson, ChangeNumber,
        card_resource::CardName,
        changes::{Change, SyncEpoch, SyncToken},
    },
    ids::{ContactId, UserId},
    picture::PictureKey,
    use_cases::{
        card_resource::{CardSync, CardSyncError, CardSyncRest},
        contact::{ChangesPage, ChangesRest, ListChangesError},
    },
};
use uuid::Uuid;

/// Returns true when the store does not have all changes that a client with this token must read.
async fn is_expired(ports: &Ports, owner: UserId, token: &SyncToken) -> bool {
    let state = ports.store.changes_after(owner, ChangeNumber(i64::MAX), 1).await.unwrap().unwrap();
    let known = token.began_at.map_or(token.after, |began_at| began_at.max(token.after));
    token.epoch != state.epoch || known < state.floor || known > state.newest
}

/// A token that the store never issued: of another epoch, or of the future.
fn foreign(token: SyncToken, is_of_future: bool) -> SyncToken {
    match is_of_future {
        true => SyncToken { after: ChangeNumber(i64::MAX), began_at: None, ..token },
        false => SyncToken { epoch: SyncEpoch(Uuid::from_u128(u128::MAX)), ..token },
    }
}

/// Reads one page. Returns its changes, the next token, and true when there are more.
pub(super) async fn read_page(
    ports: &Ports,
    owner: UserId,
    token: Option<SyncToken>,
    limit: u64,
) -> Result<(Vec<Change>, SyncToken, bool), ListChangesError> {
    let (mut page, mut changes) = (ChangesPage::new(owner, token, limit), Vec::new());
    loop {
        let part = page.read(ports).await?;
        changes.extend(part.changes);
        assert!(changes.is_sorted_by_key(|change| change.number));
        page = match part.rest {
            ChangesRest::Parts(rest) => rest,
            ChangesRest::End { next, has_more } => return Ok((changes, next, has_more)),
        };
    }
}

/// A program that reads contacts page by page.
#[derive(Debug, Default)]
pub(super) struct RestFollower {
    pub(super) contacts: BTreeMap<ContactId, (ChangeNumber, CardJson, Option<PictureKey>)>,
    token: Option<SyncToken>,
}

impl RestFollower {
    /// Reads one page. Returns true when there are more.
    pub(super) async fn read(&mut self, ports: &Ports, owner: UserId, limit: u64) -> bool {
        let was_expired = match &self.token {
            Some(token) => is_expired(ports, owner, token).await,
            None => false,
        };
        let (changes, next, has_more) = match read_page(ports, owner, self.token, limit).await {
            Ok(page) => page,
            Err(ListChangesError::TokenExpired) => {
                assert!(was_expired, "the token {:?} is valid", self.token);
                *self = Self::default();
                return true;
            }
            Err(other) => panic!("{other}"),
        };
        assert!(!was_expired, "the token {:?} has expired", self.token);
        let number = u64::try_from(changes.len()).unwrap();
        assert!(number <= limit && (!has_more || number > 0), "{number} of {limit}");
        for change in changes {
            match change.contact {
                Some(contact) => {
                    assert_eq!((contact.id, contact.change, contact.owner), (change.id, change.number, owner));
                    self.contacts.insert(change.id, (change.number, contact.card, contact.photo));
                }
                None => drop(self.contacts.remove(&change.id)),
            }
        }
        self.token = Some(next.to_string().parse().unwrap());
        has_more
    }

    /// Reads all pages.
    pub(super) async fn read_all(&mut self, ports: &Ports, owner: UserId, limit: u64) {
        while self.read(ports, owner, limit).await {}
    }

    /// A token that the store never issued is rejected.
    pub(super) async fn read_with_foreign_token(&self, ports: &Ports, owner: UserId, is_of_future: bool) {
        let Some(token) = self.token else { return };
        let read = ChangesPage::new(owner, Some(foreign(token, is_of_future)), 10).read(ports).await;
        assert!(matches!(read, Err(ListChangesError::TokenExpired)), "{read:?}");
    }
}

/// A program that synchronizes cards. It may pause between two parts of an answer.
#[derive(Debug, Default)]
pub(super) struct CardFollower {
    pub(super) cards: BTreeMap<CardName, ChangeNumber>,
    token: Option<SyncToken>,
    answer: Option<CardSync>,
}

impl CardFollower {
    /// Reads one part of an answer of at most `limit` names. Returns true when there are more.
    pub(super) async fn read(&mut self, ports: &Ports, owner: UserId, limit: Option<u64>, part: u64) -> bool {
        let is_new_request = self.answer.is_none();
        let was_expired = match &self.token {
            Some(token) if is_new_request => is_expired(ports, owner, token).await,
            _ => false,
        };
        let answer = self.answer.take().unwrap_or_else(|| CardSync::new(owner, self.token, limit).in_parts_of(part));
        let part = match answer.read(ports).await {
            Ok(part) => part,
            Err(CardSyncError::TokenExpired) => {
                assert!(was_expired, "the token {:?} is valid", self.token);
                *self = Self::default();
                return true;
            }
            Err(other) => panic!("{other}"),
        };
        assert!(!was_expired, "the token {:?} has expired", self.token);
        assert!(part.changes.is_sorted_by_key(|change| change.number));
        for change in part.changes {
            match change.target {
                Some(_) => drop(self.cards.insert(change.name, change.number)),
                None => {
                    assert!(self.token.is_some(), "a first list has no removed names");
                    self.cards.remove(&change.name);
                }
            }
        }
        match part.rest {
            CardSyncRest::Parts(rest) => {
                self.answer = Some(rest);
                true
            }
            CardSyncRest::End { next, is_truncated } => {
                self.token = Some(next.to_string().parse().unwrap());
                is_truncated
            }
        }
    }

    /// Reads all parts of the present answer, and of a new one: an answer that began earlier has an earlier state.
    pub(super) async fn read_all(&mut self, ports: &Ports, owner: UserId, limit: Option<u64>, part: u64) {
        let has_begun = self.answer.is_some();
        while self.read(ports, owner, limit, part).await {}
        if has_begun {
            while self.read(ports, owner, limit, part).await {}
        }
    }

    /// A token that the store never issued is rejected.
    pub(super) async fn read_with_foreign_token(&self, ports: &Ports, owner: UserId, is_of_future: bool) {
        let Some(token) = self.token else { return };
        let read = CardSync::new(owner, Some(foreign(token, is_of_future)), None).read(ports).await;
        assert!(matches!(read, Err(CardSyncError::TokenExpired)), "{read:?}");
    }
}
