//! Comparisons of the model with the store, with the changes after each step, and with what the clients have.

use std::collections::BTreeMap;

use domain::{
    Ports,
    contact::{Contact, ContactQuery, Filter, PageStart, Sort, card_resource::CardContent},
    ids::{ContactId, UserId},
    use_cases::contact::{ContactPage, ContactPageRest},
};

use super::{
    model::{View, views},
    walk::{CLIENTS, Walk},
};
use crate::models::followers::{CardFollower, RestFollower, read_page};

/// Maximum number of changes of a page after a step. It is small, so that an import has several pages.
const STEP_CHANGES: u64 = 2;
/// Maximum number of contacts that are read from the trash. No walk makes as many.
const HELD: u64 = 10_000;

impl Walk<'_> {
    /// Reads the changes of a step. They have each contact that the step has changed once, and no other one.
    pub(super) async fn check_changes(&mut self) {
        let mut changes = Vec::new();
        loop {
            let page = read_page(self.ports(), self.owner, self.token, STEP_CHANGES).await;
            let (page, next, has_more) = page.unwrap();
            changes.extend(page);
            self.token = Some(next);
            if !has_more {
                break;
            }
        }
        let mut reported: Vec<ContactId> = changes.iter().map(|change| change.id).collect();
        reported.sort_unstable();
        assert_eq!(reported, self.model.take_changed(), "the reported contacts");
        for change in changes {
            match change.contact {
                Some(contact) => {
                    self.model.reported(change.id, change.number);
                    self.check_contact(&contact).await;
                }
                None => assert!(!self.model.contacts.contains_key(&change.id), "{} is not deleted", change.id),
            }
        }
    }

    /// The contact is as in the model.
    pub(super) async fn check_contact(&self, contact: &Contact) {
        assert_eq!(self.view(contact).await, self.model.contacts[&contact.id].view(), "{}", contact.id);
    }

    /// Returns what a client reads of a contact. Fails when its photo is not stored.
    async fn view(&self, contact: &Contact) -> View {
        let photo = match &contact.photo {
            Some(key) => {
                let photo = self.ports().picture_store.get(key).await.unwrap();
                Some(String::from_utf8(photo.unwrap()).unwrap())
            }
            None => None,
        };
        (contact.change, contact.card.clone(), photo)
    }

    /// The address book has the contacts of the model, and the client has those of the address book.
    pub(super) async fn check_rest(&self, client: usize) {
        let (mut found, mut stored) = (BTreeMap::new(), BTreeMap::new());
        for contact in all_contacts(self.ports(), self.owner).await {
            found.insert(contact.id, self.view(&contact).await);
            stored.insert(contact.id, (contact.change, contact.card, contact.photo));
        }
        assert_eq!(found, views(&self.model.contacts), "the model");
        assert_eq!(self.rest[client].contacts, stored, "client {client}");
    }

    /// Each contact and each group has one name, and the client has these names.
    pub(super) async fn check_cards(&self, client: usize) {
        let follower = &self.cards[client];
        let names = self.model.names.union(&follower.cards.keys().cloned().collect()).cloned().collect();
        let stored = self.cards_of(names).await;
        let numbers: BTreeMap<_, _> = stored.iter().map(|(name, (number, _))| (name.clone(), *number)).collect();
        assert_eq!(follower.cards, numbers, "client {client}");
        let (mut contacts, mut groups) = (Vec::new(), BTreeMap::new());
        for (name, (_, content)) in stored {
            match content {
                CardContent::Contact(contact) => contacts.push((contact.0.id, self.view(&contact.0).await)),
                CardContent::Group(group) => drop(groups.insert(name, group.text.as_str().to_owned())),
            }
        }
        assert_eq!(contacts.len(), self.model.contacts.len(), "each contact has one name");
        assert_eq!(contacts.into_iter().collect::<BTreeMap<_, _>>(), views(&self.model.contacts), "the model");
        assert_eq!(groups, self.model.groups, "the model");
    }

    /// The trash has the contacts of the model.
    async fn check_trash(&self) {
        let mut found = BTreeMap::new();
        for (contact, deleted_at) in self.ports().store.held_contacts(self.owner, None, HELD).await.unwrap() {
            if deleted_at.is_some() {
                found.insert(contact.id, self.view(&contact).await);
            }
        }
        assert_eq!(found, views(&self.model.trash), "the trash of the model");
    }

    /// Brings all clients to the end, each with another page size, and a new one.
    pub(super) async fn finish(&mut self) {
        let (ports, owner) = (self.ports(), self.owner);
        for (client, limit) in (0..CLIENTS).zip([1, 2, 100]) {
            self.rest[client].read_all(ports, owner, limit).await;
            self.check_rest(client).await;
            let limit_of_answer = Some(limit).filter(|limit| *limit > 1);
            self.cards[client].read_all(ports, owner, limit_of_answer, limit).await;
            self.check_cards(client).await;
        }
        self.rest[0] = RestFollower::default();
        self.cards[0] = CardFollower::default();
        self.rest[0].read_all(ports, owner, 3).await;
        self.cards[0].read_all(ports, owner, Some(3), 2).await;
        self.check_rest(0).await;
        self.check_cards(0).await;
        self.check_trash().await;
    }
}

/// Reads the list of contacts, in an order that no change influences.
async fn all_contacts(ports: &Ports, owner: UserId) -> Vec<Contact> {
    let query = ContactQuery {
        filter: Filter::default(),
        sort: Sort::by_creation(),
        start: PageStart::Skip(0),
        limit: ContactQuery::MAX_LIMIT,
    };
    let (mut contacts, mut page) = (Vec::new(), ContactPage::new(owner, query));
    loop {
        let part = page.read(ports).await.unwrap();
        contacts.extend(part.contacts);
        page = match part.rest {
            ContactPageRest::Parts(rest) => *rest,
            ContactPageRest::End { total, next } => {
                assert_eq!((total, next.is_none()), (u64::try_from(contacts.len()).unwrap(), true));
                return contacts;
            }
        };
    }
}
