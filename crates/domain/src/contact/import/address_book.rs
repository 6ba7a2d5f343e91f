//! The address book during an import: finds the contact of an entry, without reading the contacts again.
//!
//! `contact/same_person.rs` has the rule by which an entry is the same person as a contact.

use std::collections::{HashMap, HashSet};

use crate::{
    contact::{
        ChangeNumber, ContactCard,
        received::CardUid,
        same_person::{CardDigest, ContactKeys, SharedKey, identifies_person},
    },
    folding::fold_case,
    ids::ContactId,
};

/// Contact of the address book.
#[derive(Debug)]
pub(crate) struct KnownContact {
    pub(crate) uid: CardUid,
    pub(crate) has_photo: bool,
    /// True when the contact has a received card.
    pub(crate) has_text: bool,
    keys: ContactKeys,
    /// Tags with their case folded.
    tags: HashSet<String>,
}

impl KnownContact {
    pub(crate) fn new(uid: CardUid, card: &ContactCard, keys: ContactKeys) -> Self {
        let tags = card.tags.iter().map(|tag| fold_case(tag.as_str())).collect();
        Self { uid, has_photo: false, has_text: false, keys, tags }
    }

    /// Sets what the contact has beside its card: a photo, and a received card.
    pub(crate) fn having(self, has_photo: bool, has_text: bool) -> Self {
        Self { has_photo, has_text, ..self }
    }

    /// Returns true when the contact has a tag; `folded` is the tag with its case folded.
    pub(crate) fn has_tag(&self, folded: &str) -> bool {
        self.tags.contains(folded)
    }
}

/// Contacts outside the trash, by everything that finds them.
#[derive(Debug)]
pub(crate) struct AddressBook {
    /// Number of the last change that is known.
    pub(crate) newest: ChangeNumber,
    contacts: HashMap<ContactId, KnownContact>,
    by_uid: HashMap<CardUid, ContactId>,
    /// UIDs of the groups. All cards of an address book have different ones (RFC 6352, 5.1).
    group_uids: HashSet<CardUid>,
    by_key: HashMap<SharedKey, Vec<ContactId>>,
    by_card: HashMap<CardDigest, Vec<ContactId>>,
}

impl Default for AddressBook {
    fn default() -> Self {
        Self {
            newest: ChangeNumber(0),
            contacts: HashMap::new(),
            by_uid: HashMap::new(),
            group_uids: HashSet::new(),
            by_key: HashMap::new(),
            by_card: HashMap::new(),
        }
    }
}

impl AddressBook {
    /// Returns a contact.
    pub(crate) fn contact(&self, id: ContactId) -> Option<&KnownContact> {
        self.contacts.get(&id)
    }

    /// Returns the contact with a UID.
    pub(crate) fn by_uid(&self, uid: &CardUid) -> Option<ContactId> {
        self.by_uid.get(uid).copied()
    }

    /// Returns true when neither a contact nor a group has a UID.
    pub(crate) fn is_free(&self, uid: &CardUid) -> bool {
        !self.by_uid.contains_key(uid) && !self.group_uids.contains(uid)
    }

    /// Sets the UIDs of all groups.
    pub(crate) fn set_group_uids(&mut self, uids: impl IntoIterator<Item = CardUid>) {
        self.group_uids = uids.into_iter().collect();
    }

    /// Returns the contact of an entry: the one with its UID, else with this id, which is the UID in exported tables, else
    /// with the same card, else the same person.
    pub(crate) fn find(&self, uid: Option<&CardUid>, keys: &ContactKeys) -> Option<ContactId> {
        let with_id = || uid.and_then(CardUid::contact).filter(|id| self.contacts.contains_key(id));
        let same_card = || self.by_card.get(&keys.card).and_then(|ids| ids.first()).copied();
        uid.and_then(|uid| self.by_uid(uid)).or_else(with_id).or_else(same_card).or_else(|| self.same_person(keys))
    }

    fn same_person(&self, keys: &ContactKeys) -> Option<ContactId> {
        let agrees = |id: &&ContactId| self.contacts.get(id).is_some_and(|known| known.keys.agrees_with(keys));
        let sharing =
            keys.shared.iter().filter_map(|key| self.by_key.get(key)).filter(|ids| identifies_person(ids.len()));
        sharing.flatten().find(agrees).copied()
    }

    /// Adds a contact, or replaces what is known of it.
    pub(crate) fn put(&mut self, id: ContactId, contact: KnownContact) {
        self.remove(id);
        // Of two contacts with one UID the first is found.
        self.by_uid.entry(contact.uid.clone()).or_insert(id);
        for key in &contact.keys.shared {
            self.by_key.entry(key.clone()).or_default().push(id);
        }
        self.by_card.entry(contact.keys.card).or_default().push(id);
        self.contacts.insert(id, contact);
    }

    /// Sets the UID of a contact with a received card.
    pub(crate) fn set_uid(&mut self, id: ContactId, uid: CardUid) {
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        contact.has_text = true;
        let old = std::mem::replace(&mut contact.uid, uid.clone());
        forget_uid(&mut self.by_uid, &old, id);
        self.by_uid.entry(uid).or_insert(id);
    }

    /// Removes a contact.
    pub(crate) fn remove(&mut self, id: ContactId) {
        let Some(contact) = self.contacts.remove(&id) else { return };
        forget_uid(&mut self.by_uid, &contact.uid, id);
        for key in &contact.keys.shared {
            remove_from(&mut self.by_key, key, id);
        }
        remove_from(&mut self.by_card, &contact.keys.card, id);
    }
}

/// Removes a UID, unless it is that of another contact.
fn forget_uid(by_uid: &mut HashMap<CardUid, ContactId>, uid: &CardUid, id: ContactId) {
    if by_uid.get(uid) == Some(&id) {
        by_uid.remove(uid);
    }
}

fn remove_from<K: std::hash::Hash + Eq>(ids: &mut HashMap<K, Vec<ContactId>>, key: &K, id: ContactId) {
    if let Some(found) = ids.get_mut(key) {
        found.retain(|other| *other != id);
        if found.is_empty() {
            ids.remove(key);
        }
    }
}
