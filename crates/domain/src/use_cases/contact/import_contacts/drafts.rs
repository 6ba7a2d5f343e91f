//! Drafts: the contacts that a part creates or changes, before they are written.

use std::collections::HashMap;

use super::{
    entries::{ContactEntry, Outcome},
    plan::{Photos, Plan, Step},
};
use crate::{
    contact::{
        Birthday, CardError, ChangeNumber, Contact, ContactCard, TakenNumbers, ValidCard,
        import::{
            ItemAction, ItemError,
            address_book::{AddressBook, KnownContact},
            united::united,
        },
        received::{CardUid, ReceivedCard, ReceivedText},
        same_person::ContactKeys,
    },
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};

/// A new contact, or a known one with its changes.
struct Draft {
    id: ContactId,
    uid: CardUid,
    state: DraftState,
    text: Option<DraftText>,
    /// Photo, and the position of its entry.
    photo: Option<(usize, PictureKey)>,
}

enum DraftState {
    New(Box<ValidCard>),
    Known(Box<KnownDraft>),
}

/// A known contact, and its changed card.
struct KnownDraft {
    old: Contact,
    old_card: ContactCard,
    has_text: bool,
    changed: Option<ValidCard>,
}

/// Text of the entry that the draft has its latest values of.
struct DraftText {
    text: ReceivedText,
    /// True when the text has all values of the contact.
    is_complete: bool,
}

impl Draft {
    fn card(&self) -> &ContactCard {
        match &self.state {
            DraftState::New(card) => card.card(),
            DraftState::Known(known) => known.changed.as_ref().map_or(&known.old_card, ValidCard::card),
        }
    }

    fn has_photo(&self) -> bool {
        let had_photo = matches!(&self.state, DraftState::Known(known) if known.old.photo.is_some());
        had_photo || self.photo.is_some()
    }

    fn has_text(&self) -> bool {
        self.text.is_some() || matches!(&self.state, DraftState::Known(known) if known.has_text)
    }

    fn is_changed(&self) -> bool {
        self.photo.is_some() || !matches!(&self.state, DraftState::Known(known) if known.changed.is_none())
    }

    /// Gives the draft the values of an entry. Returns true when that changes it.
    fn unite(
        &mut self,
        entry: &ContactEntry,
        photo: Option<(usize, PictureKey)>,
        now: Timestamp,
    ) -> Result<bool, Vec<CardError>> {
        let of_entry = entry.contact.card.card();
        let united = united(self.card(), of_entry).check(Birthday::latest(now))?;
        let has_new_values = united.card() != self.card();
        if has_new_values {
            let has_same_uid = entry.contact.uid.as_ref() == Some(&self.uid);
            let is_complete = united.card() == of_entry && has_same_uid;
            // The text of another card of the person, or of a row, would replace lines that no contact can have.
            let replaces_text = (has_same_uid && !entry.contact.is_row) || !self.has_text();
            if let Some(text) = entry.contact.text.clone().filter(|_| replaces_text) {
                self.text = Some(DraftText { text, is_complete });
            } else if let Some(text) = &mut self.text {
                text.is_complete = false;
            }
            match &mut self.state {
                DraftState::New(card) => **card = united,
                DraftState::Known(known) => known.changed = Some(united),
            }
        }
        let gets_photo = photo.is_some() && !self.has_photo();
        if gets_photo {
            self.photo = photo;
        }
        Ok(has_new_values || gets_photo)
    }

    /// Returns the contact to write, with the number of its change.
    fn contact(&self, owner: UserId, change: ChangeNumber, now: Timestamp) -> Contact {
        let mut contact = match &self.state {
            DraftState::New(card) => Contact::new(self.id, owner, card, change, now),
            DraftState::Known(known) => {
                let changed = known.changed.as_ref().and_then(|card| known.old.with_card(card, change, now));
                changed.unwrap_or_else(|| Contact { change, updated_at: now, ..known.old.clone() })
            }
        };
        if let Some((_, photo)) = &self.photo {
            contact.photo = Some(photo.clone());
        }
        contact
    }
}

/// All drafts of a part, and the outcomes of its entries.
pub(super) struct Drafts {
    drafts: Vec<Draft>,
    numbers: HashMap<ContactId, usize>,
    pub(super) outcomes: Vec<Outcome>,
}

/// Rows that a part writes.
#[derive(Default)]
pub(super) struct Written {
    pub(super) created: Vec<Contact>,
    pub(super) updated: Vec<Contact>,
    pub(super) cards: Vec<ReceivedCard>,
    /// The same contacts, for the address book.
    pub(super) known: Vec<(ContactId, KnownContact)>,
}

/// Material of the drafts of a part.
pub(super) struct Material<'a> {
    pub(super) entries: &'a [ContactEntry],
    pub(super) plan: &'a Plan,
    pub(super) photos: &'a Photos,
    pub(super) book: &'a AddressBook,
    /// The contacts that the plan changes.
    pub(super) found: Vec<Contact>,
    pub(super) limit: u64,
    pub(super) now: Timestamp,
}

impl Drafts {
    /// Carries out the steps of a plan.
    pub(super) fn new(material: &Material<'_>) -> Self {
        let mut drafts = Self { drafts: Vec::new(), numbers: HashMap::new(), outcomes: Vec::new() };
        let found = material.found.iter();
        let mut found: HashMap<ContactId, &Contact> = found.map(|contact| (contact.id, contact)).collect();
        for (position, (entry, step)) in material.entries.iter().zip(&material.plan.steps).enumerate() {
            let photo = material.photos.get(&position);
            let stored = photo.and_then(|photo| photo.as_ref().ok()).map(|key| (position, key.clone()));
            let mut outcome = match step {
                Step::Create(id, uid) => drafts.create(*id, uid.clone(), entry, stored),
                Step::Unite(id) => {
                    drafts.open(*id, material, &mut found);
                    drafts.unite(*id, entry, stored, material.now)
                }
                Step::Leave(id) => Outcome::done(ItemAction::Skipped, *id),
                Step::Full => Outcome::failed(vec![ItemError::LimitReached { limit: material.limit }]),
            };
            outcome.errors.extend(photo.and_then(|photo| photo.as_ref().err()).cloned());
            drafts.outcomes.push(outcome);
        }
        drafts
    }

    fn create(
        &mut self,
        id: ContactId,
        uid: CardUid,
        entry: &ContactEntry,
        photo: Option<(usize, PictureKey)>,
    ) -> Outcome {
        // A card without a UID gets one with its first change.
        let is_complete = entry.contact.uid.as_ref().is_none_or(|own| *own == uid);
        let text = entry.contact.text.clone().map(|text| DraftText { text, is_complete });
        let state = DraftState::New(Box::new(entry.contact.card.clone()));
        self.add(Draft { id, uid, state, text, photo });
        Outcome::done(ItemAction::Created, id)
    }

    /// Opens a draft of a known contact, unless there is one.
    fn open(&mut self, id: ContactId, material: &Material<'_>, found: &mut HashMap<ContactId, &Contact>) {
        let Some(old) = found.remove(&id) else { return };
        let Some((old_card, known)) = old.parsed_card().ok().zip(material.book.contact(id)) else { return };
        let draft = KnownDraft { old: old.clone(), old_card, has_text: known.has_text, changed: None };
        let state = DraftState::Known(Box::new(draft));
        self.add(Draft { id, uid: known.uid.clone(), state, text: None, photo: None });
    }

    fn add(&mut self, draft: Draft) {
        self.numbers.insert(draft.id, self.drafts.len());
        self.drafts.push(draft);
    }

    fn unite(
        &mut self,
        id: ContactId,
        entry: &ContactEntry,
        photo: Option<(usize, PictureKey)>,
        now: Timestamp,
    ) -> Outcome {
        let draft = self.numbers.get(&id).and_then(|number| self.drafts.get_mut(*number));
        let Some(draft) = draft else { return Outcome::failed(vec![ItemError::Deleted]) };
        match draft.unite(entry, photo, now) {
            Ok(true) => Outcome::done(ItemAction::Updated, id),
            Ok(false) => Outcome::done(ItemAction::Skipped, id),
            Err(errors) => Outcome::failed(errors.into_iter().map(ItemError::Value).collect()),
        }
    }

    /// Returns the photos of the drafts.
    pub(super) fn photos(&self) -> Vec<PictureKey> {
        self.drafts.iter().filter_map(|draft| draft.photo.as_ref()).map(|(_, key)| key.clone()).collect()
    }

    /// Drops and reports the photos that are not among the claimed ones: they were stored too slowly.
    pub(super) fn retain_photos(&mut self, claimed: &[PictureKey]) {
        for draft in &mut self.drafts {
            let lost = draft.photo.take_if(|(_, key)| !claimed.contains(key));
            let Some((position, _)) = lost else { continue };
            if let Some(outcome) = self.outcomes.get_mut(position) {
                outcome.errors.push(ItemError::Photo("storing it took too long".to_owned()));
            }
        }
    }

    /// Returns what is to be written, each contact with a number of its own.
    pub(super) fn written(&self, owner: UserId, taken: TakenNumbers, now: Timestamp) -> Written {
        let mut written = Written::default();
        for (index, draft) in self.drafts.iter().filter(|draft| draft.is_changed()).enumerate() {
            let contact = draft.contact(owner, taken.number(index), now);
            written.cards.extend(draft.text.as_ref().map(|DraftText { text, is_complete }| {
                let change = if *is_complete { contact.change } else { ChangeNumber(0) };
                ReceivedCard { contact: draft.id, uid: draft.uid.clone(), change, text: text.clone() }
            }));
            let (card, has_photo) = (draft.card(), contact.photo.is_some());
            let known = KnownContact::new(draft.uid.clone(), card, ContactKeys::of(card));
            written.known.push((draft.id, known.having(has_photo, draft.has_text())));
            match draft.state {
                DraftState::New(_) => written.created.push(contact),
                DraftState::Known(_) => written.updated.push(contact),
            }
        }
        written
    }
}
