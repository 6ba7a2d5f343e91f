//! Writes of clients that have an earlier version of a contact. Each is rejected, and changes nothing.

use domain::{
    contact::{
        ChangeNumber, Contact, Expected,
        batch::Operation,
        card_resource::{CardChange, CardName, CardPrecondition, GroupCard},
        changes::Changes,
        received::ReceivedCard,
    },
    ids::ContactId,
    time::Timestamp,
    use_cases::{
        card_resource::{DeleteCardError, MoveCardError, PutCardError, delete_card, move_card, put_card},
        contact::{
            ApplyBatchError, ChangePhotoError, DeleteContactError, EditContactError, OperationError, apply_batch,
            change_photo, delete_contact, patch_contact, remove_photo, replace_contact,
        },
        trash::{RestoreContactError, restore_contact},
    },
};
use proptest::prelude::*;
use serde_json::json;

use super::{
    cards::{contact_content, group_content},
    walk::{Walk, picture, plain_card},
};
use crate::samples;

/// Maximum number of rows of each kind that are compared. No walk makes as many.
const ROWS: u64 = 10_000;

/// A write with a precondition.
#[derive(Debug, Clone, Copy)]
pub(super) enum StaleWrite {
    Contact(ContactWrite),
    Card(CardWrite),
}

/// A write of a contact.
#[derive(Debug, Clone, Copy)]
pub(super) enum ContactWrite {
    Patch,
    Replace,
    ChangePhoto,
    RemovePhoto,
    Delete,
    Restore,
    /// An update in a batch that also creates a contact.
    UpdateInBatch,
    /// A deletion in such a batch.
    DeleteInBatch,
}

/// A write of the card of a contact.
#[derive(Debug, Clone, Copy)]
pub(super) enum CardWrite {
    Put,
    PutGroup,
    Delete,
    Move,
}

pub(super) fn stale_writes() -> impl Strategy<Value = StaleWrite> {
    let of_contact = [
        ContactWrite::Patch,
        ContactWrite::Replace,
        ContactWrite::ChangePhoto,
        ContactWrite::RemovePhoto,
        ContactWrite::Delete,
        ContactWrite::Restore,
        ContactWrite::UpdateInBatch,
        ContactWrite::DeleteInBatch,
    ];
    let of_card = [CardWrite::Put, CardWrite::PutGroup, CardWrite::Delete, CardWrite::Move];
    let of_contact = of_contact.into_iter().map(StaleWrite::Contact);
    prop::sample::select(of_contact.chain(of_card.into_iter().map(StaleWrite::Card)).collect::<Vec<_>>())
}

/// Everything that a rejected write leaves as it is.
#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    /// Each contact with its time of deletion if it is in the trash.
    contacts: Vec<(Contact, Option<Timestamp>)>,
    received: Vec<ReceivedCard>,
    groups: Vec<GroupCard>,
    changes: Changes,
    card_changes: Changes<CardChange>,
}

impl Walk<'_> {
    /// Writes with the numbers of earlier versions of a contact as precondition.
    pub(super) async fn stale_write(&self, write: StaleWrite, contact: usize, name: usize) {
        let is_trashed = matches!(write, StaleWrite::Contact(ContactWrite::Restore));
        let Some((id, earlier)) = self.model.changed_contact(contact, is_trashed) else { return };
        let before = self.snapshot().await;
        let is_rejected = match write {
            StaleWrite::Contact(write) => self.is_stale(write, id, &Expected::OneOf(earlier), name).await,
            StaleWrite::Card(write) => {
                let Some(card) = self.name_of(id).await else { return };
                self.is_stale_card(write, &card, &CardPrecondition::OneOf(earlier), name).await
            }
        };
        assert!(is_rejected, "{write:?} with the number of an earlier version");
        assert_eq!(self.snapshot().await, before, "{write:?} has changed something");
    }

    /// Writes a contact. Returns true when the write is rejected as stale.
    async fn is_stale(&self, write: ContactWrite, id: ContactId, expected: &Expected, name: usize) -> bool {
        let (ports, owner) = (self.ports(), self.owner);
        let patch = || samples::patch(json!({"job_title": format!("{name}")}));
        match write {
            ContactWrite::Patch => {
                let outcome = patch_contact(ports, owner, id, expected, patch()).await;
                matches!(outcome, Err(EditContactError::Stale))
            }
            ContactWrite::Replace => {
                let outcome = replace_contact(ports, owner, id, expected, plain_card(name)).await;
                matches!(outcome, Err(EditContactError::Stale))
            }
            ContactWrite::ChangePhoto => {
                let outcome = change_photo(ports, owner, id, expected, picture(name).into_bytes()).await;
                matches!(outcome, Err(ChangePhotoError::Stale))
            }
            ContactWrite::RemovePhoto => {
                let outcome = remove_photo(ports, owner, id, expected).await;
                matches!(outcome, Err(ChangePhotoError::Stale))
            }
            ContactWrite::Delete => {
                let outcome = delete_contact(ports, owner, id, expected).await;
                matches!(outcome, Err(DeleteContactError::Stale))
            }
            ContactWrite::Restore => {
                let outcome = restore_contact(ports, owner, id, expected).await;
                matches!(outcome, Err(RestoreContactError::Stale))
            }
            ContactWrite::UpdateInBatch => {
                self.is_stale_in_batch(Operation::Update(id, expected.clone(), patch()), name).await
            }
            ContactWrite::DeleteInBatch => self.is_stale_in_batch(Operation::Delete(id, expected.clone()), name).await,
        }
    }

    /// Applies a batch that also creates a contact. Returns true when it is rejected because of the other operation.
    async fn is_stale_in_batch(&self, stale: Operation, name: usize) -> bool {
        let operations = vec![Operation::Create(Box::new(plain_card(name))), stale];
        match apply_batch(self.ports(), self.owner, operations, None).await {
            Err(ApplyBatchError::Rejected(errors)) => matches!(errors.as_slice(), [(1, OperationError::Stale)]),
            _ => false,
        }
    }

    /// Writes the card of a contact. Returns true when the write is rejected as stale.
    async fn is_stale_card(
        &self,
        write: CardWrite,
        card: &CardName,
        precondition: &CardPrecondition,
        name: usize,
    ) -> bool {
        let (ports, owner) = (self.ports(), self.owner);
        match write {
            CardWrite::Put => {
                let content = contact_content(name, Some(picture(name)));
                let outcome = put_card(ports, owner, card, precondition, content, &|_, _| None).await;
                matches!(outcome, Err(PutCardError::PreconditionFailed))
            }
            CardWrite::PutGroup => {
                let outcome = put_card(ports, owner, card, precondition, group_content(name), &|_, _| None).await;
                matches!(outcome, Err(PutCardError::PreconditionFailed))
            }
            CardWrite::Delete => {
                let outcome = delete_card(ports, owner, card, precondition).await;
                matches!(outcome, Err(DeleteCardError::PreconditionFailed))
            }
            CardWrite::Move => {
                let outcome = move_card(ports, owner, card, &self.model.name(name), precondition, true).await;
                matches!(outcome, Err(MoveCardError::PreconditionFailed))
            }
        }
    }

    async fn snapshot(&self) -> Snapshot {
        let (store, owner, none) = (&self.ports().store, self.owner, ChangeNumber(0));
        Snapshot {
            contacts: store.held_contacts(owner, None, ROWS).await.unwrap(),
            received: store.received_cards_after(owner, None, ROWS).await.unwrap(),
            groups: store.group_cards_after(owner, None, ROWS).await.unwrap(),
            changes: store.changes_after(owner, none, ROWS).await.unwrap().unwrap(),
            card_changes: store.card_changes_after(owner, none, ROWS).await.unwrap().unwrap(),
        }
    }
}
