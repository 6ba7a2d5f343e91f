//! Cards by name.

use std::collections::BTreeSet;

use domain::{
    account::PasswordHash,
    contact::{
        ChangeNumber, Contact,
        card_resource::{CardChange, CardContent, CardName, CardResource, CardTarget, GroupCard},
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
        trash::PurgeScope,
    },
    ids::{ContactId, UserId},
    store::{Store, UnitOfWork},
};

use super::Backend;
use crate::samples;

pub(super) fn name(text: &str) -> CardName {
    CardName::parse(text).unwrap()
}

fn text(of: &str) -> ReceivedText {
    let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{of}\r\nEND:VCARD\r\n");
    ReceivedText::new(CardVersion::V3_0, text).unwrap()
}

fn group(of: &str, change: ChangeNumber) -> GroupCard {
    GroupCard { name: name(of), uid: CardUid::parse(&format!("uid of {of}")).unwrap(), change, text: text(of) }
}

pub(super) async fn stored_contacts(store: &dyn Store, owner: UserId, number: usize) -> Vec<Contact> {
    let mut contacts: Vec<Contact> =
        (0..number).map(|_| samples::contact(owner, samples::card("Леся", "Українка"))).collect();
    samples::store_contacts(store, &mut contacts).await;
    contacts
}

/// Runs one unit that takes a number of the owner first.
async fn in_unit(
    store: &dyn Store,
    owner: UserId,
    added: i64,
    work: impl AsyncFnOnce(&mut dyn UnitOfWork, ChangeNumber),
) -> ChangeNumber {
    let mut unit = store.begin().await.unwrap();
    let number = unit.take_change_numbers(owner, 1, added).await.unwrap().unwrap().first;
    work(&mut *unit, number).await;
    unit.commit().await.unwrap();
    number
}

pub(super) async fn name_contact(store: &dyn Store, contact: &Contact, given: &str) {
    in_unit(store, contact.owner, 0, async |unit, _| {
        unit.name_contact(contact.owner, contact.id, &name(given)).await.unwrap();
    })
    .await;
}

pub(super) async fn trash(store: &dyn Store, contact: &Contact) -> ChangeNumber {
    in_unit(store, contact.owner, -1, async |unit, number| {
        unit.lock_contact(contact.owner, contact.id).await.unwrap().unwrap();
        unit.trash_contacts(contact.owner, &[(contact.id, number)], samples::now()).await.unwrap();
    })
    .await
}

async fn put_group(store: &dyn Store, owner: UserId, of: &str) -> GroupCard {
    let number = in_unit(store, owner, 0, async |unit, number| {
        unit.put_group_card(owner, &group(of, number)).await.unwrap();
    })
    .await;
    group(of, number)
}

async fn changes_after(store: &dyn Store, owner: UserId, after: i64, limit: u64) -> Vec<CardChange> {
    store.card_changes_after(owner, ChangeNumber(after), limit).await.unwrap().unwrap().items
}

fn resource_of(contact: &Contact, given: &CardName, received: Option<ReceivedCard>) -> CardResource {
    CardResource { name: given.clone(), content: CardContent::Contact(Box::new((contact.clone(), received))) }
}

fn group_resource(group: GroupCard) -> CardResource {
    CardResource { name: group.name.clone(), content: CardContent::Group(Box::new(group)) }
}

pub async fn card_is_found_by_its_name(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 3).await;
    // A name with the form of an id, and the greatest length.
    let given = [samples::id().to_string() + ".vcf", "ї".repeat(CardName::MAX)];
    name_contact(&*store, &contacts[0], &given[0]).await;
    name_contact(&*store, &contacts[1], &given[1]).await;
    let friends = put_group(&*store, owner, "Friends").await;
    let card = ReceivedCard {
        contact: contacts[1].id,
        uid: CardUid::parse("a uid").unwrap(),
        change: contacts[1].change,
        text: text("Леся"),
    };
    let mut unit = store.begin().await.unwrap();
    unit.put_received_cards(owner, std::slice::from_ref(&card)).await.unwrap();
    unit.commit().await.unwrap();

    let derived = CardName::of_contact(contacts[2].id);
    let all = [
        resource_of(&contacts[0], &name(&given[0]), None),
        resource_of(&contacts[1], &name(&given[1]), Some(card)),
        resource_of(&contacts[2], &derived, None),
        group_resource(friends),
    ];
    let mut names: Vec<CardName> = all.iter().map(|resource| resource.name.clone()).collect();
    for resource in &all {
        let found = store.card_resources(owner, std::slice::from_ref(&resource.name)).await.unwrap();
        assert_eq!(found, std::slice::from_ref(resource));
        let mut unit = store.begin().await.unwrap();
        assert_eq!(unit.lock_card_resource(owner, &resource.name).await.unwrap().as_ref(), Some(resource));
    }
    // A named contact no longer has the name of its id.
    let absent = CardName::of_contact(contacts[0].id);
    names.extend([absent.clone(), name("FRIENDS"), name("nothing")]);
    let mut found = store.card_resources(owner, &names).await.unwrap();
    found.sort_by_key(|resource| names.iter().position(|name| *name == resource.name));
    assert_eq!(found, all);
    let mut used = store.used_names(owner, &names).await.unwrap();
    used.sort_by_key(|used| names.iter().position(|name| name == used));
    assert_eq!(used, names[..4]);
    assert_eq!(store.card_resources(owner, &[]).await.unwrap(), []);
    assert_eq!(store.used_names(owner, &[]).await.unwrap(), []);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.lock_card_resource(owner, &absent).await.unwrap(), None);
}

pub async fn cards_of_other_users_have_no_name(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let contacts = stored_contacts(&*store, owner, 2).await;
    name_contact(&*store, &contacts[0], "a.vcf").await;
    put_group(&*store, owner, "Friends").await;
    let names = [name("a.vcf"), CardName::of_contact(contacts[1].id), name("Friends")];
    assert_eq!(store.card_resources(owner, &names).await.unwrap().len(), 3);
    assert_eq!(store.card_resources(other, &names).await.unwrap(), []);
    assert_eq!(store.used_names(other, &names).await.unwrap(), []);
    assert_eq!(changes_after(&*store, other, 0, 10).await, []);
    assert_eq!(store.group_cards_after(other, None, 10).await.unwrap(), []);
    assert_eq!(store.group_uids_of(other).await.unwrap(), []);
    assert_eq!(store.card_changes_after(UserId(samples::id()), ChangeNumber(0), 1).await.unwrap(), None);
    let mut unit = store.begin().await.unwrap();
    for name in &names {
        assert_eq!(unit.lock_card_resource(other, name).await.unwrap(), None);
    }
    assert_eq!(unit.name_of_contact(other, contacts[0].id).await.unwrap(), None);
    assert_eq!(unit.count_group_cards(other).await.unwrap(), 0);
    drop(unit);
    // Each address book has names of its own.
    let others = stored_contacts(&*store, other, 1).await;
    name_contact(&*store, &others[0], "a.vcf").await;
}

pub async fn card_is_found_by_its_uid(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let contacts = stored_contacts(&*store, owner, 3).await;
    name_contact(&*store, &contacts[0], "a.vcf").await;
    put_group(&*store, owner, "Friends").await;
    let cards: Vec<ReceivedCard> = ["received uid", "trashed uid"]
        .iter()
        .zip(&contacts)
        .map(|(uid, contact)| ReceivedCard {
            contact: contact.id,
            uid: CardUid::parse(uid).unwrap(),
            change: contact.change,
            text: text("Леся"),
        })
        .collect();
    let mut unit = store.begin().await.unwrap();
    unit.put_received_cards(owner, &cards).await.unwrap();
    unit.commit().await.unwrap();
    trash(&*store, &contacts[1]).await;

    let mut unit = store.begin().await.unwrap();
    let third = CardName::of_contact(contacts[2].id);
    for (uid, expected) in [
        ("received uid".to_owned(), Some(name("a.vcf"))),
        ("uid of Friends".to_owned(), Some(name("Friends"))),
        (contacts[2].id.0.to_string(), Some(third)),
        // These have another UID, or are in the trash.
        (contacts[0].id.0.to_string(), None),
        (contacts[1].id.0.to_string(), None),
        // Other forms of the id that is a UID.
        (contacts[2].id.0.simple().to_string(), None),
        (contacts[2].id.0.braced().to_string(), None),
        ("trashed uid".to_owned(), None),
        ("Received uid".to_owned(), None),
    ] {
        let parsed = CardUid::parse(&uid).unwrap();
        assert_eq!(unit.card_with_uid(owner, &parsed).await.unwrap(), expected, "{uid}");
        assert_eq!(unit.card_with_uid(other, &parsed).await.unwrap(), None, "{uid}");
    }
}

pub async fn changes_of_names_are_listed_in_the_order_of_their_numbers(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 2).await;
    name_contact(&*store, &contacts[0], "a.vcf").await;
    let friends = put_group(&*store, owner, "Friends").await;
    let change = |given: &CardName, number: ChangeNumber, target: Option<CardTarget>| CardChange {
        name: given.clone(),
        number,
        target,
    };
    let second = CardName::of_contact(contacts[1].id);
    let first = change(&name("a.vcf"), contacts[0].change, Some(CardTarget::Contact(contacts[0].id)));
    let before = [
        first.clone(),
        change(&second, contacts[1].change, Some(CardTarget::Contact(contacts[1].id))),
        change(&friends.name, friends.change, Some(CardTarget::Group)),
    ];
    assert_eq!(changes_after(&*store, owner, 0, 10).await, before);
    assert_eq!(changes_after(&*store, owner, 0, 2).await, before[..2]);
    assert_eq!(changes_after(&*store, owner, contacts[0].change.0, 10).await, before[1..]);

    let trashed = trash(&*store, &contacts[1]).await;
    let removed = in_unit(&*store, owner, 0, async |unit, number| {
        unit.remove_group_card(owner, &friends.name).await.unwrap();
        unit.record_removed_name(owner, number, &friends.name).await.unwrap();
    })
    .await;
    let after = [first, change(&second, trashed, None), change(&friends.name, removed, None)];
    assert_eq!(changes_after(&*store, owner, 0, 10).await, after);
    let found = store.card_changes_after(owner, removed, 10).await.unwrap().unwrap();
    assert_eq!((found.newest, found.items), (removed, Vec::new()));
    // Clients of contacts read nothing of groups and names.
    let contact_changes = store.changes_after(owner, ChangeNumber(0), 10).await.unwrap().unwrap().items;
    let ids: Vec<ContactId> = contact_changes.iter().map(|change| change.id).collect();
    assert_eq!(ids, [contacts[0].id, contacts[1].id]);

    trash(&*store, &contacts[0]).await;
    in_unit(&*store, owner, 0, async |unit, _| {
        unit.purge_trash(PurgeScope::AllOf(owner), 10).await.unwrap();
    })
    .await;
    let purged = changes_after(&*store, owner, 0, 10).await;
    let names: Vec<_> = purged.iter().map(|change| (change.name.clone(), change.target)).collect();
    assert_eq!(names, [(second, None), (friends.name, None), (name("a.vcf"), None)]);
}

pub async fn contact_in_the_trash_retains_its_name(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 2).await;
    name_contact(&*store, &contacts[0], "a.vcf").await;
    trash(&*store, &contacts[0]).await;
    assert_eq!(store.card_resources(owner, &[name("a.vcf")]).await.unwrap(), []);
    assert_eq!(store.used_names(owner, &[name("a.vcf")]).await.unwrap(), []);
    // Another contact may have the name meanwhile.
    name_contact(&*store, &contacts[1], "a.vcf").await;
    let mut unit = store.begin().await.unwrap();
    for contact in &contacts {
        assert_eq!(unit.name_of_contact(owner, contact.id).await.unwrap(), Some(name("a.vcf")));
    }
    let derived = CardName::of_contact(contacts[0].id);
    unit.name_contact(owner, contacts[0].id, &derived).await.unwrap();
    assert_eq!(unit.name_of_contact(owner, contacts[0].id).await.unwrap(), Some(derived));
    assert_eq!(unit.name_of_contact(owner, ContactId(samples::id())).await.unwrap(), None);
}

pub async fn update_of_a_contact_retains_its_name(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 2).await;
    name_contact(&*store, &contacts[0], "a.vcf").await;
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 3, 0).await.unwrap().unwrap();
    unit.lock_contacts(owner, &[contacts[0].id, contacts[1].id]).await.unwrap();
    let changed = |index: usize, number: usize| Contact { change: taken.number(number), ..contacts[index].clone() };
    unit.update_contact(&changed(0, 0)).await.unwrap();
    unit.update_contacts(&[changed(0, 1), changed(1, 2)]).await.unwrap();
    unit.commit().await.unwrap();
    let found = store.card_resources(owner, &[name("a.vcf")]).await.unwrap();
    assert_eq!(found, [resource_of(&changed(0, 1), &name("a.vcf"), None)]);
}

pub async fn group_is_stored_and_replaced(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    for of in ["b", "a", "ґ"] {
        put_group(&*store, owner, of).await;
    }
    let replaced = put_group(&*store, owner, "a").await;
    let groups = store.group_cards_after(owner, None, 10).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["a", "b", "ґ"]);
    assert_eq!(groups[0], replaced);
    assert_eq!(store.group_cards_after(owner, Some(&name("a")), 1).await.unwrap(), groups[1..2]);
    let uids: BTreeSet<CardUid> = store.group_uids_of(owner).await.unwrap().into_iter().collect();
    assert_eq!(uids, groups.into_iter().map(|group| group.uid).collect());
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.count_group_cards(owner).await.unwrap(), 3);
    unit.remove_group_card(owner, &name("b")).await.unwrap();
    assert_eq!(unit.count_group_cards(owner).await.unwrap(), 2);
}

pub async fn deleting_a_user_deletes_cards(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let mut contacts = stored_contacts(&*store, user.id, 1).await;
    name_contact(&*store, &contacts[0], "a.vcf").await;
    put_group(&*store, user.id, "Friends").await;
    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.insert_user(&user, &PasswordHash("hash".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.card_resources(user.id, &[name("Friends")]).await.unwrap(), []);
    assert_eq!(store.group_cards_after(user.id, None, 10).await.unwrap(), []);
    samples::store_contacts(&*store, &mut contacts).await;
    let mut unit = store.begin().await.unwrap();
    let derived = CardName::of_contact(contacts[0].id);
    assert_eq!(unit.name_of_contact(user.id, contacts[0].id).await.unwrap(), Some(derived));
}
