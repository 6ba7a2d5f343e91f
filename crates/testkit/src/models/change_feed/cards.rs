//! Steps that change cards by name, and the reading of cards by name.

use std::collections::BTreeMap;

use domain::{
    contact::{
        ChangeNumber, Contact,
        card_resource::{CardContent, CardName, CardPrecondition, PutContact, PutContent},
        received::{CardVersion, ReceivedText},
    },
    ids::ContactId,
    use_cases::card_resource::{CardReading, delete_card, move_card, put_card},
};
use proptest::prelude::*;

use super::walk::{Walk, picture, plain_card};

/// A change of a card.
#[derive(Debug, Clone)]
pub(super) enum CardStep {
    Put { card: usize, name: usize, photo: Option<usize> },
    PutGroup { card: usize, name: usize },
    Delete { card: usize },
    Move { from: usize, to: usize, overwrite: bool },
}

pub(super) fn card_steps() -> impl Strategy<Value = CardStep> {
    let (index, name, photo) = (0usize..12, 0usize..4, prop::option::of(0usize..2));
    prop_oneof![
        4 => (index.clone(), name.clone(), photo).prop_map(|(card, name, photo)| CardStep::Put { card, name, photo }),
        2 => (index.clone(), name).prop_map(|(card, name)| CardStep::PutGroup { card, name }),
        2 => index.clone().prop_map(|card| CardStep::Delete { card }),
        3 => (index.clone(), index, any::<bool>())
            .prop_map(|(from, to, overwrite)| CardStep::Move { from, to, overwrite }),
    ]
}

/// Returns a contact as a client sends it.
pub(super) fn contact_content(name: usize, photo: Option<String>) -> PutContent {
    PutContent::Contact(Box::new(PutContact {
        card: plain_card(name),
        favorite: None,
        uid: None,
        text: received(name, "contact"),
        photo: photo.map(String::into_bytes),
        text_with_photo: None,
    }))
}

/// Returns a group as a client sends it.
pub(super) fn group_content(name: usize) -> PutContent {
    PutContent::Group { uid: None, text: received(name, "group") }
}

fn received(name: usize, kind: &str) -> ReceivedText {
    ReceivedText::new(CardVersion::V3_0, format!("{kind} {name}")).unwrap()
}

impl Walk<'_> {
    /// Returns the contact of the answer.
    pub(super) async fn card_step(&mut self, step: CardStep) -> Option<Contact> {
        match step {
            CardStep::Put { card, name, photo } => return Some(self.put_contact(card, name, photo).await),
            CardStep::PutGroup { card, name } => self.put_group(card, name).await,
            CardStep::Delete { card } => {
                let name = self.model.name(card);
                let target = self.card(&name).await;
                let outcome = delete_card(self.ports(), self.owner, &name, &CardPrecondition::Any).await;
                assert_eq!(outcome.is_ok(), target.is_some(), "{outcome:?}");
                self.card_removed(&name, target);
            }
            CardStep::Move { from, to, overwrite } => self.move_card(from, to, overwrite).await,
        }
        None
    }

    async fn put_contact(&mut self, index: usize, name: usize, photo: Option<usize>) -> Contact {
        let (target, photo) = (self.model.name(index), photo.map(picture));
        let before = self.card(&target).await;
        let content = contact_content(name, photo.clone());
        let outcome = put_card(self.ports(), self.owner, &target, &CardPrecondition::Any, content, &|_, _| None).await;
        let stored = outcome.unwrap();
        assert_eq!(stored.is_new, before.is_none());
        let CardContent::Contact(contact) = stored.resource.content else { panic!("a group") };
        let contact = contact.0;
        match before {
            Some(CardContent::Contact(before)) => assert_eq!(contact.id, before.0.id),
            Some(CardContent::Group(_)) | None => self.model.assert_new(contact.id),
        }
        self.model.groups.remove(&target);
        self.model.put(contact.id, plain_card(name).card().clone(), photo, name);
        contact
    }

    async fn put_group(&mut self, index: usize, name: usize) {
        let target = self.model.name(index);
        let before = self.card(&target).await;
        let content = group_content(name);
        let outcome = put_card(self.ports(), self.owner, &target, &CardPrecondition::Any, content, &|_, _| None).await;
        assert_eq!(outcome.unwrap().is_new, before.is_none());
        self.card_removed(&target, before);
        self.model.groups.insert(target, received(name, "group").as_str().to_owned());
    }

    async fn move_card(&mut self, from: usize, to: usize, overwrite: bool) {
        let (from, to) = (self.model.name(from), self.model.name(to));
        let (moved, replaced) = (self.card(&from).await, self.card(&to).await);
        let any = CardPrecondition::Any;
        let outcome = move_card(self.ports(), self.owner, &from, &to, &any, overwrite).await;
        let is_allowed = moved.is_some() && (from == to || overwrite || replaced.is_none());
        assert_eq!(outcome.is_ok(), is_allowed, "{outcome:?}");
        if is_allowed && from != to {
            assert_eq!(outcome.unwrap(), replaced.is_some());
            self.card_removed(&to, replaced);
            if let Some(CardContent::Contact(contact)) = moved {
                self.model.rename(contact.0.id);
            }
            if let Some(text) = self.model.groups.remove(&from) {
                self.model.groups.insert(to, text);
            }
        }
    }

    /// A card lost its name: its contact is in the trash, or its group is gone.
    fn card_removed(&mut self, name: &CardName, content: Option<CardContent>) {
        match content {
            Some(CardContent::Contact(contact)) => self.model.delete(contact.0.id),
            Some(CardContent::Group(_)) => drop(self.model.groups.remove(name)),
            None => {}
        }
    }

    /// Reads the card that has a name, which no list of changes is used for.
    async fn card(&self, name: &CardName) -> Option<CardContent> {
        self.cards_of(vec![name.clone()]).await.remove(name).map(|(_, content)| content)
    }

    pub(super) async fn cards_of(&self, names: Vec<CardName>) -> BTreeMap<CardName, (ChangeNumber, CardContent)> {
        let (mut cards, mut reading) = (BTreeMap::new(), Some(CardReading::new(self.owner, names, false)));
        while let Some(next) = reading {
            let part = next.read(self.ports()).await.unwrap();
            let found = part.cards.into_iter().filter_map(|(name, card)| Some((name, card?.resource)));
            cards.extend(found.map(|(name, resource)| (name, (resource.change(), resource.content))));
            reading = part.rest;
        }
        cards
    }

    /// Returns the name of a contact. `None` when it is not one of the known names, because a restore has chosen it.
    pub(super) async fn name_of(&self, id: ContactId) -> Option<CardName> {
        let cards = self.cards_of(self.model.names.iter().cloned().collect()).await;
        let is_card_of = |content: &CardContent| match content {
            CardContent::Contact(contact) => contact.0.id == id,
            CardContent::Group(_) => false,
        };
        cards.into_iter().find(|(_, (_, content))| is_card_of(content)).map(|(name, _)| name)
    }
}
