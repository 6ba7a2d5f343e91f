//! The changes of an address book. Clients follow them with any page size, and pause where they like. A client that has
//! read everything has what the address book has: the model has each contact, and the names of all cards.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use domain::{
    Policy, Ports,
    contact::{
        CardJson, ChangeNumber, Contact, ContactQuery, Expected, Filter, PageStart, Sort, ValidCard,
        batch::Operation,
        card_resource::{CardContent, CardName, CardPrecondition, PutContact, PutContent},
        import::{ImportMode, ImportOptions},
        received::{CardVersion, ReceivedText},
    },
    ids::{ContactId, UserId},
    use_cases::{
        background::sweep,
        card_resource::{CardReading, delete_card, move_card, put_card},
        contact::{
            ContactPage, ContactPageRest, Importer, apply_batch, create_contact, delete_contact, import_contacts,
            patch_contact, replace_contact,
        },
        trash::{empty_trash, purge_trashed_contact, restore_contact},
    },
};
use proptest::prelude::*;
use serde_json::json;

use super::{
    Run,
    followers::{CardFollower, RestFollower},
};
use crate::{
    TestEnvironment,
    import_file::{ImportFile, imported, with_uid},
    samples,
};

/// Number of clients of each kind.
const CLIENTS: usize = 3;
/// Names of the cards that clients put.
const NAMES: [&str; 4] = ["a.vcf", "b", "ї ґ.vcf", "c.vcf"];

/// One step. An index is taken modulo the length of its list.
#[derive(Debug, Clone)]
enum Step {
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
    Import {
        first: usize,
        number: usize,
        with_uid: bool,
        mode: ImportMode,
    },
    /// Creates, patches and deletes at once.
    Batch {
        created: usize,
        patched: usize,
        deleted: usize,
        name: usize,
    },
    PutCard {
        card: usize,
        name: usize,
    },
    PutGroup {
        card: usize,
        name: usize,
    },
    DeleteCard {
        card: usize,
    },
    MoveCard {
        from: usize,
        to: usize,
        overwrite: bool,
    },
    /// Removes what is recorded of permanently deleted contacts, so that old tokens expire.
    ForgetDeletions,
    /// Removes what has been in the trash for too long.
    Age,
    Follow {
        client: usize,
        limit: u64,
        to_the_end: bool,
    },
    FollowCards {
        client: usize,
        limit: Option<u64>,
        part: u64,
        to_the_end: bool,
    },
    FollowWithForeignToken {
        client: usize,
        is_of_future: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (index, name) = (0usize..12, 0usize..4);
    let limit = prop_oneof![Just(1u64), 1u64..4, Just(1_000)];
    let mode = prop::sample::select(ImportMode::ALL.to_vec());
    let step = prop_oneof![
        4 => name.clone().prop_map(|name| Step::Create { name }),
        3 => (index.clone(), name.clone()).prop_map(|(contact, name)| Step::Patch { contact, name }),
        1 => (index.clone(), name.clone()).prop_map(|(contact, name)| Step::Replace { contact, name }),
        3 => index.clone().prop_map(|contact| Step::Delete { contact }),
        2 => index.clone().prop_map(|trashed| Step::Restore { trashed }),
        2 => index.clone().prop_map(|trashed| Step::Purge { trashed }),
        1 => Just(Step::EmptyTrash),
        1 => (name.clone(), 1usize..4, any::<bool>(), mode)
            .prop_map(|(first, number, with_uid, mode)| Step::Import { first, number, with_uid, mode }),
        1 => (0usize..3, index.clone(), index.clone(), name.clone())
            .prop_map(|(created, patched, deleted, name)| Step::Batch { created, patched, deleted, name }),
        4 => (index.clone(), name.clone()).prop_map(|(card, name)| Step::PutCard { card, name }),
        2 => (index.clone(), name).prop_map(|(card, name)| Step::PutGroup { card, name }),
        2 => index.clone().prop_map(|card| Step::DeleteCard { card }),
        3 => (index.clone(), index, any::<bool>()).prop_map(|(from, to, overwrite)| Step::MoveCard { from, to, overwrite }),
        1 => Just(Step::ForgetDeletions),
        1 => Just(Step::Age),
        6 => (0..CLIENTS, limit.clone(), any::<bool>())
            .prop_map(|(client, limit, to_the_end)| Step::Follow { client, limit, to_the_end }),
        6 => (0..CLIENTS, prop::option::of(limit.clone()), limit, any::<bool>())
            .prop_map(|(client, limit, part, to_the_end)| Step::FollowCards { client, limit, part, to_the_end }),
        1 => (0..CLIENTS, any::<bool>())
            .prop_map(|(client, is_of_future)| Step::FollowWithForeignToken { client, is_of_future }),
    ];
    prop::collection::vec(step, 1..60)
}

/// Walks through random steps. Clients follow meanwhile, and to the end after the last one.
pub fn brings_each_client_to_the_state_of_the_store(run: &Run<'_>) {
    run.over(&steps(), &async |env: &TestEnvironment, steps| {
        let owner = samples::stored_user(&*env.ports.store).await.id;
        let mut walk = Walk::new(env, owner);
        for step in steps {
            env.clock.advance(Duration::milliseconds(1));
            walk.step(step).await;
        }
        walk.finish().await;
    });
}

fn card(name: usize) -> ValidCard {
    samples::valid_card(["Леся", "Іван", "Ольга", "Тарас"][name % 4], "Коваль")
}

fn received(name: usize, kind: &str) -> ReceivedText {
    ReceivedText::new(CardVersion::V3_0, format!("{kind} {name}")).unwrap()
}

struct Walk<'a> {
    env: &'a TestEnvironment,
    owner: UserId,
    /// The contacts of the address book.
    contacts: BTreeMap<ContactId, CardJson>,
    trash: BTreeSet<ContactId>,
    /// Texts of the groups.
    groups: BTreeMap<CardName, String>,
    /// Names that a card had once.
    names: BTreeSet<CardName>,
    rest: [RestFollower; CLIENTS],
    cards: [CardFollower; CLIENTS],
}

impl<'a> Walk<'a> {
    fn new(env: &'a TestEnvironment, owner: UserId) -> Self {
        Self {
            env,
            owner,
            contacts: BTreeMap::new(),
            trash: BTreeSet::new(),
            groups: BTreeMap::new(),
            names: NAMES.iter().map(|name| CardName::parse(name).unwrap()).collect(),
            rest: Default::default(),
            cards: Default::default(),
        }
    }

    fn ports(&self) -> &'a Ports {
        &self.env.ports
    }

    fn contact(&self, index: usize) -> Option<ContactId> {
        self.contacts.keys().nth(index.checked_rem(self.contacts.len())?).copied()
    }

    fn trashed(&self, index: usize) -> Option<ContactId> {
        self.trash.iter().nth(index.checked_rem(self.trash.len())?).copied()
    }

    fn name(&self, index: usize) -> CardName {
        self.names.iter().nth(index % self.names.len()).unwrap().clone()
    }

    fn stored(&mut self, contact: Contact) {
        self.trash.remove(&contact.id);
        self.names.insert(CardName::of_contact(contact.id));
        self.contacts.insert(contact.id, contact.card);
    }

    fn deleted(&mut self, id: ContactId) {
        assert!(self.contacts.remove(&id).is_some());
        self.trash.insert(id);
    }

    async fn step(&mut self, step: Step) {
        let (ports, owner) = (self.ports(), self.owner);
        match step {
            Step::Create { name } => {
                let created = create_contact(ports, owner, &card(name), None).await.unwrap();
                self.stored(created.contact);
            }
            Step::Patch { contact, name } => {
                let Some(id) = self.contact(contact) else { return };
                let patch = samples::patch(json!({"nickname": format!("нік {name}"), "favorite": name % 2 == 0}));
                self.stored(patch_contact(ports, owner, id, &Expected::Any, patch).await.unwrap());
            }
            Step::Replace { contact, name } => {
                let Some(id) = self.contact(contact) else { return };
                self.stored(replace_contact(ports, owner, id, &Expected::Any, card(name)).await.unwrap());
            }
            Step::Delete { contact } => {
                let Some(id) = self.contact(contact) else { return };
                delete_contact(ports, owner, id, &Expected::Any).await.unwrap();
                self.deleted(id);
            }
            Step::Restore { trashed } => {
                let Some(id) = self.trashed(trashed) else { return };
                self.stored(restore_contact(ports, owner, id, &Expected::Any).await.unwrap());
            }
            Step::Purge { trashed } => {
                let Some(id) = self.trashed(trashed) else { return };
                purge_trashed_contact(ports, owner, id).await.unwrap();
                self.trash.remove(&id);
            }
            Step::EmptyTrash => {
                empty_trash(ports, owner).await.unwrap();
                self.trash.clear();
            }
            Step::Import { first, number, with_uid, mode } => self.import(first, number, with_uid, mode).await,
            Step::Batch { created, patched, deleted, name } => self.batch(created, patched, deleted, name).await,
            Step::PutCard { card, name } => self.put_card(card, name).await,
            Step::PutGroup { card, name } => self.put_group(card, name).await,
            Step::DeleteCard { card } => {
                let name = self.name(card);
                let target = self.card(&name).await;
                let outcome = delete_card(ports, owner, &name, &CardPrecondition::Any).await;
                assert_eq!(outcome.is_ok(), target.is_some(), "{outcome:?}");
                self.card_removed(&name, target);
            }
            Step::MoveCard { from, to, overwrite } => self.move_card(from, to, overwrite).await,
            Step::ForgetDeletions => {
                let policy = Policy { contact_limit: 0, ..ports.policy };
                sweep(&Ports { policy, ..ports.clone() }).await.unwrap();
            }
            Step::Age => {
                self.env.clock.advance(Duration::days(31));
                sweep(ports).await.unwrap();
                self.trash.clear();
            }
            Step::Follow { client, limit, to_the_end } => {
                self.rest[client].read(ports, owner, limit).await;
                if to_the_end {
                    self.rest[client].read_all(ports, owner, limit).await;
                    self.check_rest(client).await;
                }
            }
            Step::FollowCards { client, limit, part, to_the_end } => {
                self.cards[client].read(ports, owner, limit, part).await;
                if to_the_end {
                    self.cards[client].read_all(ports, owner, limit, part).await;
                    self.check_cards(client).await;
                }
            }
            Step::FollowWithForeignToken { client, is_of_future } => {
                self.rest[client].read_with_foreign_token(ports, owner, is_of_future).await;
                self.cards[client].read_with_foreign_token(ports, owner, is_of_future).await;
            }
        }
    }

    async fn import(&mut self, first: usize, number: usize, has_uid: bool, mode: ImportMode) {
        let contact = |name| {
            let card = card(name).card().clone();
            if has_uid { with_uid(&format!("uid-{}", name % 4), card) } else { imported(card) }
        };
        let mut file = ImportFile::of((first..first + number).map(contact));
        let importer = Importer { owner: self.owner, client: &TestEnvironment::client() };
        let options = ImportOptions { mode, is_dry_run: false };
        import_contacts(self.ports(), importer, &mut file, options, None).await.unwrap();
        for contact in all_contacts(self.ports(), self.owner).await {
            self.stored(contact);
        }
    }

    async fn batch(&mut self, created: usize, patched: usize, deleted: usize, name: usize) {
        let mut operations: Vec<Operation> = (0..created).map(|_| Operation::Create(Box::new(card(name)))).collect();
        let (patched, deleted) = (self.contact(patched), self.contact(deleted));
        let patch = samples::patch(json!({"notes": format!("{name}")}));
        operations.extend(patched.map(|id| Operation::Update(id, Expected::Any, patch)));
        let deleted = deleted.filter(|id| Some(*id) != patched);
        operations.extend(deleted.map(|id| Operation::Delete(id, Expected::Any)));
        if operations.is_empty() {
            return;
        }
        let outcomes = apply_batch(self.ports(), self.owner, operations, None).await.unwrap().outcomes;
        assert_eq!(outcomes.len(), created + usize::from(patched.is_some()) + usize::from(deleted.is_some()));
        if let Some(id) = deleted {
            self.deleted(id);
        }
        for contact in all_contacts(self.ports(), self.owner).await {
            self.stored(contact);
        }
    }

    async fn put_card(&mut self, index: usize, name: usize) {
        let target = self.name(index);
        let before = self.card(&target).await;
        let put = PutContact {
            card: card(name),
            favorite: None,
            uid: None,
            text: received(name, "contact"),
            photo: None,
            text_with_photo: None,
        };
        let content = PutContent::Contact(Box::new(put));
        let outcome = put_card(self.ports(), self.owner, &target, &CardPrecondition::Any, content, &|_, _| None).await;
        let stored = outcome.unwrap();
        assert_eq!(stored.is_new, before.is_none());
        self.groups.remove(&target);
        let CardContent::Contact(contact) = stored.resource.content else { panic!("a group") };
        self.stored(contact.0);
    }

    async fn put_group(&mut self, index: usize, name: usize) {
        let target = self.name(index);
        let before = self.card(&target).await;
        let text = received(name, "group");
        let content = PutContent::Group { uid: None, text: text.clone() };
        let outcome = put_card(self.ports(), self.owner, &target, &CardPrecondition::Any, content, &|_, _| None).await;
        assert_eq!(outcome.unwrap().is_new, before.is_none());
        self.card_removed(&target, before);
        self.groups.insert(target, text.as_str().to_owned());
    }

    async fn move_card(&mut self, from: usize, to: usize, overwrite: bool) {
        let (from, to) = (self.name(from), self.name(to));
        let (moved, replaced) = (self.card(&from).await, self.card(&to).await);
        let any = CardPrecondition::Any;
        let outcome = move_card(self.ports(), self.owner, &from, &to, &any, overwrite).await;
        let is_allowed = moved.is_some() && (from == to || overwrite || replaced.is_none());
        assert_eq!(outcome.is_ok(), is_allowed, "{outcome:?}");
        if is_allowed && from != to {
            assert_eq!(outcome.unwrap(), replaced.is_some());
            self.card_removed(&to, replaced);
            if let Some(text) = self.groups.remove(&from) {
                self.groups.insert(to, text);
            }
        }
    }

    /// A card lost its name: its contact is in the trash, or its group is gone.
    fn card_removed(&mut self, name: &CardName, content: Option<CardContent>) {
        match content {
            Some(CardContent::Contact(contact)) => self.deleted(contact.0.id),
            Some(CardContent::Group(_)) => drop(self.groups.remove(name)),
            None => {}
        }
    }

    /// Reads the card that has a name, which no list of changes is used for.
    async fn card(&self, name: &CardName) -> Option<CardContent> {
        self.cards_of(vec![name.clone()]).await.remove(name).map(|(_, content)| content)
    }

    async fn cards_of(&self, names: Vec<CardName>) -> BTreeMap<CardName, (ChangeNumber, CardContent)> {
        let (mut cards, mut reading) = (BTreeMap::new(), Some(CardReading::new(self.owner, names, false)));
        while let Some(next) = reading {
            let part = next.read(self.ports()).await.unwrap();
            let found = part.cards.into_iter().filter_map(|(name, card)| Some((name, card?.resource)));
            cards.extend(found.map(|(name, resource)| (name, (resource.change(), resource.content))));
            reading = part.rest;
        }
        cards
    }

    /// The address book has the contacts of the model, and the client has those of the address book.
    async fn check_rest(&self, client: usize) {
        let stored = all_contacts(self.ports(), self.owner).await;
        let stored: BTreeMap<_, _> =
            stored.into_iter().map(|contact| (contact.id, (contact.change, contact.card))).collect();
        let cards: BTreeMap<_, _> = stored.iter().map(|(id, (_, card))| (*id, card.clone())).collect();
        assert_eq!(cards, self.contacts, "the model");
        assert_eq!(self.rest[client].contacts, stored, "client {client}");
    }

    /// Each contact and each group has one name, and the client has these names.
    async fn check_cards(&self, client: usize) {
        let follower = &self.cards[client];
        let names = self.names.union(&follower.cards.keys().cloned().collect()).cloned().collect();
        let stored = self.cards_of(names).await;
        let numbers: BTreeMap<_, _> = stored.iter().map(|(name, (number, _))| (name.clone(), *number)).collect();
        assert_eq!(follower.cards, numbers, "client {client}");
        let (mut contacts, mut groups) = (Vec::new(), BTreeMap::new());
        for (name, (_, content)) in stored {
            match content {
                CardContent::Contact(contact) => contacts.push((contact.0.id, contact.0.card)),
                CardContent::Group(group) => drop(groups.insert(name, group.text.as_str().to_owned())),
            }
        }
        assert_eq!(contacts.len(), self.contacts.len(), "each contact has one name");
        assert_eq!(contacts.into_iter().collect::<BTreeMap<_, _>>(), self.contacts, "the model");
        assert_eq!(groups, self.groups, "the model");
    }

    /// Brings all clients to the end, each with another page size, and a new one.
    async fn finish(&mut self) {
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
