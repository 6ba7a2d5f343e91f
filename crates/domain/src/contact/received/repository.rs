//! Storage of received cards. Owners access only their own, as with all contacts.

use async_trait::async_trait;

use super::{CardUid, ReceivedCard, ReceivedText};
use crate::{
    error::StoreError,
    ids::{ContactId, UserId},
};

/// Reads of received cards, directly from the pool.
#[async_trait]
pub trait ReceivedCardQueries {
    /// Returns the received cards of these contacts of the owner, in the trash or not, in any order. Costs one statement.
    async fn received_cards(&self, owner: UserId, ids: &[ContactId]) -> Result<Vec<ReceivedCard>, StoreError>;

    /// Returns at most `limit` received cards of the owner, those of contacts in the trash included, with contact ids
    /// greater than `after`, by ascending contact id. Costs one statement.
    async fn received_cards_after(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<ReceivedCard>, StoreError>;

    /// Returns the UIDs of the received cards of the owner, without those of contacts in the trash, in any order. Costs
    /// one statement.
    async fn uids_of(&self, owner: UserId) -> Result<Vec<(ContactId, CardUid)>, StoreError>;

    /// Returns the former texts of these contacts, in any order. Costs one statement.
    async fn former_texts(
        &self,
        owner: UserId,
        ids: &[ContactId],
    ) -> Result<Vec<(ContactId, ReceivedText)>, StoreError>;
}

/// Received cards in a unit of work.
#[async_trait]
pub trait ReceivedCardRepository {
    /// Stores received cards, and replaces earlier ones of the same contacts. Each contact MUST exist and belong to the
    /// owner; otherwise it fails. A card MUST be deleted with its contact. Former texts stay. The number of statements does
    /// not grow with each card.
    async fn put_received_cards(&mut self, owner: UserId, cards: &[ReceivedCard]) -> Result<(), StoreError>;

    /// Stores one received card in the same way, and the text that its contact had before it was overwritten, which
    /// replaces an earlier former text. Costs one statement.
    async fn overwrite_received_card(
        &mut self,
        owner: UserId,
        card: &ReceivedCard,
        former: &ReceivedText,
    ) -> Result<(), StoreError>;
}
