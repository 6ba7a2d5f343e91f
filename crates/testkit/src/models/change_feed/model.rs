//! The model of an address book: what each step makes of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use domain::{
    contact::{CardJson, ChangeNumber, ContactCard, card_resource::CardName},
    ids::ContactId,
};

use crate::samples;

/// Names of the cards that clients put.
const NAMES: [&str; 4] = ["a.vcf", "b", "ї ґ.vcf", "c.vcf"];

/// Number of the last change, card, and content of the photo of a contact.
pub(super) type View = (ChangeNumber, CardJson, Option<String>);

/// A contact, in the trash or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    card: ContactCard,
    /// Content of the photo.
    photo: Option<String>,
    /// Number of the text that a client has put, until the contact is changed otherwise.
    text: Option<usize>,
    /// Numbers of all changes, the last one last. The deletion is none of them.
    versions: Vec<ChangeNumber>,
}

impl Known {
    /// Returns what a client reads of the contact. Its last change must be reported already.
    pub(super) fn view(&self) -> View {
        let number = *self.versions.last().unwrap();
        (number, samples::valid(self.card.clone()).to_json(), self.photo.clone())
    }

    /// Returns true when the contact has this card, apart from the mark as favorite.
    fn has_card(&self, card: &ContactCard) -> bool {
        let bare = ContactCard { favorite: false, ..self.card.clone() };
        bare == *card
    }

    /// Returns the numbers of the versions before the last one; `None` if there are none.
    fn earlier(&self) -> Option<&[ChangeNumber]> {
        let (_, earlier) = self.versions.split_last()?;
        (!earlier.is_empty()).then_some(earlier)
    }
}

/// Returns what a client reads of contacts.
pub(super) fn views(contacts: &BTreeMap<ContactId, Known>) -> BTreeMap<ContactId, View> {
    contacts.iter().map(|(id, known)| (*id, known.view())).collect()
}

/// The address book of one user.
pub(super) struct Model {
    pub(super) contacts: BTreeMap<ContactId, Known>,
    pub(super) trash: BTreeMap<ContactId, Known>,
    /// Texts of the groups.
    pub(super) groups: BTreeMap<CardName, String>,
    /// Names that a card had once.
    pub(super) names: BTreeSet<CardName>,
    /// Contacts that the feed must report next.
    changed: BTreeSet<ContactId>,
}

impl Model {
    /// Creates an empty address book.
    pub(super) fn new() -> Self {
        Self {
            contacts: BTreeMap::new(),
            trash: BTreeMap::new(),
            groups: BTreeMap::new(),
            names: NAMES.iter().map(|name| CardName::parse(name).unwrap()).collect(),
            changed: BTreeSet::new(),
        }
    }

    pub(super) fn contact(&self, index: usize) -> Option<ContactId> {
        self.contacts.keys().nth(index.checked_rem(self.contacts.len())?).copied()
    }

    pub(super) fn trashed(&self, index: usize) -> Option<ContactId> {
        self.trash.keys().nth(index.checked_rem(self.trash.len())?).copied()
    }

    pub(super) fn name(&self, index: usize) -> CardName {
        self.names.iter().nth(index % self.names.len()).unwrap().clone()
    }

    /// Returns the contacts with this card, apart from the mark as favorite.
    pub(super) fn with_card(&self, card: &ContactCard) -> BTreeSet<ContactId> {
        self.contacts.iter().filter(|(_, known)| known.has_card(card)).map(|(id, _)| *id).collect()
    }

    /// Returns one of the contacts that had several versions, and the numbers of those before the last one.
    pub(super) fn changed_contact(&self, index: usize, is_trashed: bool) -> Option<(ContactId, Vec<ChangeNumber>)> {
        let contacts = if is_trashed { &self.trash } else { &self.contacts };
        let earlier = |(id, known): (&ContactId, &Known)| Some((*id, known.earlier()?.to_vec()));
        let changed: Vec<_> = contacts.iter().filter_map(earlier).collect();
        changed.get(index.checked_rem(changed.len())?).cloned()
    }

    /// Fails for a contact that is known.
    pub(super) fn assert_new(&self, id: ContactId) {
        assert!(!self.contacts.contains_key(&id) && !self.trash.contains_key(&id), "{id} is not new");
    }

    /// Adds a new contact.
    pub(super) fn create(&mut self, id: ContactId, card: ContactCard, photo: Option<String>) {
        self.assert_new(id);
        self.write(id, card, photo, None);
    }

    /// Changes the card of a contact. Returns true when it differs from the old one: else nothing is changed.
    pub(super) fn edit(&mut self, id: ContactId, change: impl FnOnce(ContactCard) -> ContactCard) -> bool {
        let old = &self.contacts[&id];
        let (card, photo) = (change(old.card.clone()), old.photo.clone());
        let is_changed = card != old.card;
        if is_changed {
            self.write(id, card, photo, None);
        }
        is_changed
    }

    /// Gives a contact the name of an entry, and its photo if the contact has none. Returns true when that changes it.
    pub(super) fn unite(&mut self, id: ContactId, entry: &ContactCard, photo: Option<String>) -> bool {
        let old = &self.contacts[&id];
        let (first_name, last_name) = (entry.first_name.clone(), entry.last_name.clone());
        let card = ContactCard { first_name, last_name, ..old.card.clone() };
        let photo = old.photo.clone().or(photo);
        let is_changed = (&card, &photo) != (&old.card, &old.photo);
        if is_changed {
            self.write(id, card, photo, None);
        }
        is_changed
    }

    /// Stores what a client has put. It leaves the mark as favorite. The same again changes nothing.
    pub(super) fn put(&mut self, id: ContactId, card: ContactCard, photo: Option<String>, text: usize) {
        let old = self.contacts.get(&id);
        let card = ContactCard { favorite: old.is_some_and(|old| old.card.favorite), ..card };
        let is_same = |old: &Known| (&old.card, &old.photo, old.text) == (&card, &photo, Some(text));
        if !old.is_some_and(is_same) {
            self.write(id, card, photo, Some(text));
        }
    }

    /// Sets the photo of a contact. The same picture again is a change.
    pub(super) fn change_photo(&mut self, id: ContactId, photo: String) {
        let card = self.contacts[&id].card.clone();
        self.write(id, card, Some(photo), None);
    }

    /// Removes the photo of a contact. Without a photo that changes nothing.
    pub(super) fn remove_photo(&mut self, id: ContactId) {
        let old = &self.contacts[&id];
        if old.photo.is_some() {
            let card = old.card.clone();
            self.write(id, card, None, None);
        }
    }

    fn write(&mut self, id: ContactId, card: ContactCard, photo: Option<String>, text: Option<usize>) {
        let known = self.contacts.entry(id).or_default();
        (known.card, known.photo, known.text) = (card, photo, text);
        self.names.insert(CardName::of_contact(id));
        self.changed.insert(id);
    }

    /// Gives the card of a contact another name. That is a change of the contact.
    pub(super) fn rename(&mut self, id: ContactId) {
        assert!(self.contacts.contains_key(&id));
        self.changed.insert(id);
    }

    /// Moves a contact into the trash.
    pub(super) fn delete(&mut self, id: ContactId) {
        let known = self.contacts.remove(&id).unwrap();
        self.trash.insert(id, known);
        self.changed.insert(id);
    }

    /// Restores a contact from the trash.
    pub(super) fn restore(&mut self, id: ContactId) {
        let known = self.trash.remove(&id).unwrap();
        self.contacts.insert(id, Known { text: None, ..known });
        self.changed.insert(id);
    }

    /// Returns the contacts that have changed since the last call.
    pub(super) fn take_changed(&mut self) -> Vec<ContactId> {
        mem::take(&mut self.changed).into_iter().collect()
    }

    /// Adds the number of a reported change.
    pub(super) fn reported(&mut self, id: ContactId, number: ChangeNumber) {
        let Some(known) = self.contacts.get_mut(&id) else { panic!("{id} is deleted") };
        assert!(known.versions.last().is_none_or(|last| *last < number), "{id}: {number:?} is not later");
        known.versions.push(number);
    }
}
