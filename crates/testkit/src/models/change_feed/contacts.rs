//! Steps that change one contact, or remove contacts in the trash.

use domain::{
    contact::{Contact, ContactCard, Expected},
    use_cases::{
        contact::{change_photo, create_contact, delete_contact, patch_contact, remove_photo, replace_contact},
        trash::{empty_trash, purge_trashed_contact, restore_contact},
    },
};
use proptest::prelude::*;
use serde_json::json;

use super::walk::{Walk, picture, plain_card};
use crate::samples;

/// A change of a contact.
#[derive(Debug, Clone)]
pub(super) enum ContactStep {
    Create {
        name: usize,
    },
    Patch {
        contact: usize,
        name: usize,
    },
    Replace {
        contact: usize,
        name: usize,
    },
    ChangePhoto {
        contact: usize,
        photo: usize,
    },
    /// Removes the photo of a contact that may have none.
    RemovePhoto {
        contact: usize,
    },
    Delete {
        contact: usize,
    },
    Restore {
        trashed: usize,
    },
    Purge {
        trashed: usize,
    },
    EmptyTrash,
}

pub(super) fn contact_steps() -> impl Strategy<Value = ContactStep> {
    let (index, name, photo) = (0usize..12, 0usize..4, 0usize..2);
    prop_oneof![
        4 => name.clone().prop_map(|name| ContactStep::Create { name }),
        3 => (index.clone(), name.clone()).prop_map(|(contact, name)| ContactStep::Patch { contact, name }),
        1 => (index.clone(), name).prop_map(|(contact, name)| ContactStep::Replace { contact, name }),
        3 => (index.clone(), photo).prop_map(|(contact, photo)| ContactStep::ChangePhoto { contact, photo }),
        2 => index.clone().prop_map(|contact| ContactStep::RemovePhoto { contact }),
        3 => index.clone().prop_map(|contact| ContactStep::Delete { contact }),
        2 => index.clone().prop_map(|trashed| ContactStep::Restore { trashed }),
        2 => index.prop_map(|trashed| ContactStep::Purge { trashed }),
        1 => Just(ContactStep::EmptyTrash),
    ]
}

impl Walk<'_> {
    /// Returns the contact of the answer.
    pub(super) async fn contact_step(&mut self, step: ContactStep) -> Option<Contact> {
        let (ports, owner) = (self.ports(), self.owner);
        match step {
            ContactStep::Create { name } => {
                let created = create_contact(ports, owner, &plain_card(name), None).await.unwrap().contact;
                self.model.create(created.id, plain_card(name).card().clone(), None);
                Some(created)
            }
            ContactStep::Patch { contact, name } => {
                let id = self.model.contact(contact)?;
                let (nickname, favorite) = (format!("нік {name}"), name % 2 == 0);
                let patch = samples::patch(json!({"nickname": nickname, "favorite": favorite}));
                let patched = patch_contact(ports, owner, id, &Expected::Any, patch).await.unwrap();
                let nickname = Some(nickname.parse().unwrap());
                self.model.edit(id, |old| ContactCard { nickname, favorite, ..old });
                Some(patched)
            }
            ContactStep::Replace { contact, name } => {
                let id = self.model.contact(contact)?;
                let card = plain_card(name);
                self.model.edit(id, |_| card.card().clone());
                Some(replace_contact(ports, owner, id, &Expected::Any, card).await.unwrap())
            }
            ContactStep::ChangePhoto { contact, photo } => {
                let (id, photo) = (self.model.contact(contact)?, picture(photo));
                self.model.change_photo(id, photo.clone());
                Some(change_photo(ports, owner, id, &Expected::Any, photo.into_bytes()).await.unwrap())
            }
            ContactStep::RemovePhoto { contact } => {
                let id = self.model.contact(contact)?;
                remove_photo(ports, owner, id, &Expected::Any).await.unwrap();
                self.model.remove_photo(id);
                None
            }
            ContactStep::Delete { contact } => {
                let id = self.model.contact(contact)?;
                delete_contact(ports, owner, id, &Expected::Any).await.unwrap();
                self.model.delete(id);
                None
            }
            ContactStep::Restore { trashed } => {
                let id = self.model.trashed(trashed)?;
                self.model.restore(id);
                Some(restore_contact(ports, owner, id, &Expected::Any).await.unwrap())
            }
            ContactStep::Purge { trashed } => {
                let id = self.model.trashed(trashed)?;
                purge_trashed_contact(ports, owner, id).await.unwrap();
                self.model.trash.remove(&id);
                None
            }
            ContactStep::EmptyTrash => {
                empty_trash(ports, owner).await.unwrap();
                self.model.trash.clear();
                None
            }
        }
    }
}
