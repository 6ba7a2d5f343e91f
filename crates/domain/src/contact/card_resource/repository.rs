//! Storage of cards by name. Owners access only their own, as with all contacts.

use async_trait::async_trait;

use super::{CardChange, CardName, CardResource, GroupCard};
use crate::{
    contact::{ChangeNumber, changes::Changes, received::CardUid},
    error::StoreError,
    ids::{ContactId, UserId},
};

/// Reads of cards by name, directly from the pool. Contacts in the trash have no name here.
#[async_trait]
pub trait CardResourceQueries {
    /// Returns at most `limit` names whose last change has a greater number than `after`, in the order of the numbers. MUST
    /// contain removed names. A name may appear twice: as removed, and later with a new target. Returns `None` when the
    /// owner does not exist.
    ///
    /// Costs one statement, so everything returned is of one moment.
    async fn card_changes_after(
        &self,
        owner: UserId,
        after: ChangeNumber,
        limit: u64,
    ) -> Result<Option<Changes<CardChange>>, StoreError>;

    /// Returns the existing cards with these names, in any order. Costs one statement, and another one unless each name
    /// is that of a contact.
    async fn card_resources(&self, owner: UserId, names: &[CardName]) -> Result<Vec<CardResource>, StoreError>;

    /// Returns those of the names that a card has. Costs one statement.
    async fn used_names(&self, owner: UserId, names: &[CardName]) -> Result<Vec<CardName>, StoreError>;

    /// Returns at most `limit` groups of the owner with names greater than `after`, by ascending name. Costs one statement.
    async fn group_cards_after(
        &self,
        owner: UserId,
        after: Option<&CardName>,
        limit: u64,
    ) -> Result<Vec<GroupCard>, StoreError>;

    /// Returns the UIDs of the groups of the owner, in any order. Costs one statement.
    async fn group_uids_of(&self, owner: UserId) -> Result<Vec<CardUid>, StoreError>;
}

/// Cards by name in a unit of work that has taken change numbers of the owner.
#[async_trait]
pub trait CardResourceRepository {
    /// Returns a card, locked as by [`ContactRepository::lock_contact`](crate::contact::ContactRepository::lock_contact).
    async fn lock_card_resource(&mut self, owner: UserId, name: &CardName) -> Result<Option<CardResource>, StoreError>;

    /// Returns the name of a card with this UID, if there is one. MUST NOT return a contact in the trash.
    async fn card_with_uid(&mut self, owner: UserId, uid: &CardUid) -> Result<Option<CardName>, StoreError>;

    /// Returns the name of a contact, in the trash or not. `None` when the owner has no such contact.
    async fn name_of_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<CardName>, StoreError>;

    /// Gives a contact a name, in the trash or not. No other contact outside the trash may have it.
    async fn name_contact(&mut self, owner: UserId, id: ContactId, name: &CardName) -> Result<(), StoreError>;

    /// Records that a name was removed, with the number of this change. Clients that follow the address book read it until
    /// it is forgotten like a deletion.
    async fn record_removed_name(
        &mut self,
        owner: UserId,
        number: ChangeNumber,
        name: &CardName,
    ) -> Result<(), StoreError>;

    /// Stores a group, and replaces an earlier one with its name.
    async fn put_group_card(&mut self, owner: UserId, group: &GroupCard) -> Result<(), StoreError>;

    /// Removes a group, and does not record that.
    async fn remove_group_card(&mut self, owner: UserId, name: &CardName) -> Result<(), StoreError>;

    /// Returns the number of groups.
    async fn count_group_cards(&mut self, owner: UserId) -> Result<u64, StoreError>;
}
