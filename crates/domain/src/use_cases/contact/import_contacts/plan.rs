//! The plan of a part: for each entry a new contact, a change of a known one, or nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::entries::{ContactEntry, Part};
use crate::{
    contact::{
        import::{
            ImportMode, ItemError,
            address_book::{AddressBook, KnownContact},
        },
        received::CardUid,
    },
    ids::ContactId,
    picture::PictureKey,
};

/// Planned action of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Create a contact with this id and UID.
    Create(ContactId, CardUid),
    /// Change this contact. An earlier entry of the part may create it.
    Unite(ContactId),
    /// Leave this contact as it is.
    Leave(ContactId),
    /// Nothing: the address book is full.
    Full,
}

impl Step {
    /// Returns true when the photo of the entry is used. A known contact with a photo retains it: whether the photo of the
    /// entry is another one cannot be seen, because stored photos are converted.
    pub(super) fn needs_photo(&self, book: &AddressBook) -> bool {
        match self {
            Self::Create(..) => true,
            Self::Unite(id) => book.contact(*id).is_some_and(|contact| !contact.has_photo),
            Self::Leave(_) | Self::Full => false,
        }
    }

    fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Create(id, _) | Self::Unite(id) | Self::Leave(id) => Some(*id),
            Self::Full => None,
        }
    }
}

/// Stored photos, or why a photo is not stored, by the position of the entry.
pub(super) type Photos = HashMap<usize, Result<PictureKey, ItemError>>;

/// Steps for all entries of a part, in their order.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
}

impl Plan {
    /// Makes the plan. Adds the new contacts to the address book, so that later entries find them.
    pub(super) fn new(
        part: &Part,
        book: &mut AddressBook,
        mode: ImportMode,
        mut new_id: impl FnMut() -> ContactId,
    ) -> Self {
        let mut step = |entry: &ContactEntry| {
            let uid = entry.contact.uid.as_ref();
            let known = if mode == ImportMode::Add { None } else { book.find(uid, &entry.keys) };
            match (known, mode) {
                (Some(id), ImportMode::Update) => return Step::Unite(id),
                (Some(id), _) => return Step::Leave(id),
                (None, _) => {}
            }
            let id = new_id();
            let free = uid.filter(|uid| book.is_free(uid)).cloned();
            let uid = free.unwrap_or_else(|| CardUid::of_contact(id));
            let known = KnownContact::new(uid.clone(), entry.contact.card.card(), entry.keys.clone());
            let (has_photo, has_text) = (entry.contact.photo.is_some(), entry.contact.text.is_some());
            book.put(id, known.having(has_photo, has_text));
            Step::Create(id, uid)
        };
        Self { steps: part.entries.iter().map(&mut step).collect() }
    }

    /// Returns the ids of the new contacts, in the order of their entries.
    pub(super) fn created(&self) -> Vec<ContactId> {
        let created = |step: &Step| if let Step::Create(id, _) = step { Some(*id) } else { None };
        self.steps.iter().filter_map(created).collect()
    }

    /// Returns the existing contacts that are to be changed.
    pub(super) fn changed(&self) -> BTreeSet<ContactId> {
        let created: HashSet<ContactId> = self.created().into_iter().collect();
        let united = |step: &Step| if let Step::Unite(id) = step { Some(*id) } else { None };
        self.steps.iter().filter_map(united).filter(|id| !created.contains(id)).collect()
    }

    /// Gives up the last new contacts, and the entries that would change them.
    pub(super) fn give_up_last(&mut self, number: usize, book: &mut AddressBook) {
        let created = self.created();
        let given_up = created.get(created.len().saturating_sub(number)..).unwrap_or_default();
        for id in given_up {
            book.remove(*id);
        }
        for step in &mut self.steps {
            if step.contact().is_some_and(|id| given_up.contains(&id)) {
                *step = Step::Full;
            }
        }
    }

    /// Removes the new contacts from the address book again.
    pub(super) fn undo(self, book: &mut AddressBook) {
        for id in self.created() {
            book.remove(id);
        }
    }
}
