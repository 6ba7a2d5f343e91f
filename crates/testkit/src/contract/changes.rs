//! Numbers of changes, and the changes by their numbers.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration as StdDuration,
};

use domain::{
    contact::{
        ChangeNumber, Contact,
        changes::{Change, Changes},
        trash::PurgeScope,
    },
    ids::{ContactId, UserId},
    store::Store,
};

use super::{Backend, at_once};
use crate::samples;

/// Returns the number that the next unit would take.
async fn next_number(store: &dyn Store, owner: UserId) -> i64 {
    let mut unit = store.begin().await.unwrap();
    unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap().first.0
}

/// Adds a contact, after a pause in which another unit could overtake this one.
async fn add(store: &dyn Store, owner: UserId, pause: StdDuration) -> ChangeNumber {
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
    tokio::time::sleep(pause).await;
    let contact = samples::contact(owner, samples::card("Олена", "Коваль"));
    unit.insert_contacts(&[Contact { change, ..contact }]).await.unwrap();
    unit.commit().await.unwrap();
    change
}

async fn all_changes(store: &dyn Store, owner: UserId) -> Changes {
    store.changes_after(owner, ChangeNumber(0), 1000).await.unwrap().unwrap()
}

async fn visible_numbers(store: &dyn Store, owner: UserId) -> HashSet<ChangeNumber> {
    all_changes(store, owner).await.items.iter().map(|change| change.number).collect()
}

pub async fn change_numbers_of_each_owner_increase(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 3, 0).await.unwrap().unwrap();
    assert_eq!([0, 1, 2].map(|index| taken.number(index).0), [1, 2, 3]);
    assert_eq!(unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap().first, ChangeNumber(4));
    assert_eq!(unit.take_change_numbers(other_user, 1, 0).await.unwrap().unwrap().first, ChangeNumber(1));
    unit.commit().await.unwrap();
    assert_eq!(next_number(&*store, owner).await, 5);
    assert_eq!(next_number(&*store, owner).await, 5, "a unit without commit takes nothing");
    assert_eq!(next_number(&*store, other_user).await, 2);
}

pub async fn second_taker_of_change_numbers_waits(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut first = store.begin().await.unwrap();
    first.take_change_numbers(owner, 2, 0).await.unwrap().unwrap();
    let other = backend.open().await;
    let second = tokio::spawn(async move { add(&*other, owner, StdDuration::ZERO).await });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!second.is_finished(), "the second must wait");
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), ChangeNumber(3));
}

pub async fn seen_number_is_never_followed_by_a_smaller_one(backend: &dyn Backend) {
    const WRITERS: usize = 40;
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let finished = Arc::new(AtomicUsize::new(0));
    let (writing, reader) = (Arc::clone(&finished), backend.open().await);
    let reading = tokio::spawn(async move {
        let mut seen: HashSet<ChangeNumber> = HashSet::new();
        loop {
            let are_all_written = finished.load(Ordering::SeqCst) == WRITERS;
            let now = visible_numbers(&*reader, owner).await;
            let newest = seen.iter().max().copied();
            let late: Vec<_> = now.difference(&seen).filter(|number| Some(**number) < newest).collect();
            assert!(late.is_empty(), "{late:?} after {newest:?}");
            seen = now;
            if are_all_written {
                return seen.len();
            }
        }
    });
    let mut numbers = at_once(backend, WRITERS, |store, index| {
        let writing = Arc::clone(&writing);
        async move {
            // Those that take their number first pause the longest.
            let pause = StdDuration::from_millis(if index % 4 == 0 { 10 } else { 0 });
            let number = add(&*store, owner, pause).await;
            writing.fetch_add(1, Ordering::SeqCst);
            number
        }
    })
    .await;
    assert_eq!(reading.await.unwrap(), WRITERS);
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), WRITERS, "no two contacts have the same number");
}

pub async fn unit_without_commit_shows_no_change(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
    let contact = samples::contact(owner, samples::card("Олена", "Коваль"));
    unit.insert_contacts(&[Contact { change, ..contact }]).await.unwrap();
    assert!(visible_numbers(&*store, owner).await.is_empty());
    drop(unit);
    assert_eq!(add(&*store, owner, StdDuration::ZERO).await, change, "its number is taken again");
    assert_eq!(visible_numbers(&*store, owner).await, HashSet::from([change]));
}

/// Deletes contacts permanently, one after the other.
async fn purge(store: &dyn Store, owner: UserId, ids: &[ContactId]) {
    for id in ids {
        trash(store, owner, *id).await;
        let mut unit = store.begin().await.unwrap();
        assert_eq!(unit.purge_trash(PurgeScope::One(owner, *id), 10).await.unwrap().contacts, 1);
        unit.commit().await.unwrap();
    }
}

/// Moves a contact to the trash. Returns the number of the deletion.
async fn trash(store: &dyn Store, owner: UserId, id: ContactId) -> ChangeNumber {
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(owner, 1, -1).await.unwrap().unwrap().first;
    unit.lock_contact(owner, id).await.unwrap().unwrap();
    unit.trash_contacts(owner, &[(id, change)], samples::now()).await.unwrap();
    unit.commit().await.unwrap();
    change
}

fn stored(contact: &Contact) -> Change {
    Change { number: contact.change, id: contact.id, contact: Some(contact.clone()) }
}

pub async fn changes_are_listed_in_the_order_of_their_numbers(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    assert!(store.changes_after(samples::user().id, ChangeNumber(0), 10).await.unwrap().is_none(), "no such owner");
    let empty = all_changes(&*store, owner).await;
    assert_eq!((empty.newest, empty.floor, empty.items.len()), (ChangeNumber(0), ChangeNumber(0), 0));

    let mut contacts = [(); 4].map(|()| samples::contact(owner, samples::card("Олена", "Коваль")));
    samples::store_contacts(&*store, &mut contacts).await;
    samples::store_contacts(&*store, &mut [samples::contact(other_user, samples::card("Ївга", "Чужа"))]).await;
    let mut unit = store.begin().await.unwrap();
    contacts[1].change = unit.take_change_numbers(owner, 3, 0).await.unwrap().unwrap().first;
    unit.lock_contact(owner, contacts[1].id).await.unwrap().unwrap();
    unit.update_contact(&contacts[1]).await.unwrap();
    unit.commit().await.unwrap();
    let expected = [&contacts[0], &contacts[2], &contacts[3], &contacts[1]].map(stored);
    assert_eq!(expected.each_ref().map(|change| change.number.0), [1, 3, 4, 5]);
    let changes = all_changes(&*store, owner).await;
    assert_eq!((changes.newest, &changes.items[..]), (ChangeNumber(7), &expected[..]));
    for (after, limit, found) in [(1, 10, 1..4), (2, 2, 1..3), (4, 1, 3..4), (5, 10, 4..4)] {
        let changes = store.changes_after(owner, ChangeNumber(after), limit).await.unwrap().unwrap();
        assert_eq!(changes.items, expected[found], "after {after}");
        assert_eq!((changes.newest, changes.epoch), (ChangeNumber(7), empty.epoch), "after {after}");
    }
    let others = all_changes(&*store, other_user).await;
    assert_eq!((others.newest, others.items.len(), others.epoch), (ChangeNumber(1), 1, empty.epoch));
}

pub async fn deleted_contact_is_listed_until_it_is_restored(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut contacts = [(); 2].map(|()| samples::contact(owner, samples::card("Олена", "Коваль")));
    samples::store_contacts(&*store, &mut contacts).await;
    let id = contacts[0].id;
    let number = trash(&*store, owner, id).await;
    let expected = [stored(&contacts[1]), Change { number, id, contact: None }];
    assert_eq!(all_changes(&*store, owner).await.items, expected);

    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
    let trashed = unit.lock_trashed_contact(owner, id).await.unwrap().unwrap();
    let restored = Contact { change, ..trashed.contact };
    unit.untrash_contact(&restored).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(all_changes(&*store, owner).await.items, [stored(&contacts[1]), stored(&restored)]);

    purge(&*store, owner, &[id]).await;
    let number = ChangeNumber(change.0 + 1);
    let changes = all_changes(&*store, owner).await;
    assert_eq!(changes.items, [stored(&contacts[1]), Change { number, id, contact: None }]);
    assert_eq!(changes.newest, number, "the number of the deletion is that of the purge");
}

pub async fn earliest_deletions_beyond_the_limit_are_forgotten(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let mut ids = [Vec::new(), Vec::new()];
    for (owner, ids) in [owner, other_user].into_iter().zip(&mut ids) {
        let mut contacts: Vec<Contact> =
            (0..12).map(|_| samples::contact(owner, samples::card("Олена", "Коваль"))).collect();
        samples::store_contacts(&*store, &mut contacts).await;
        ids.extend(contacts.iter().map(|contact| contact.id));
        purge(&*store, owner, ids).await;
    }
    let many = async |contact_limit| store.users_with_many_deletions(contact_limit, 10).await.unwrap();
    assert_eq!(many(2).await, []);
    assert_eq!(many(1).await, [(owner, 10), (other_user, 10)]);
    assert_eq!(store.users_with_many_deletions(1, 1).await.unwrap().len(), 1);
    let mut unit = store.begin().await.unwrap();
    unit.set_contact_limit(other_user, Some(2)).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(many(1).await, [(owner, 10)], "the other one has an own limit");

    // The numbers 1 to 12 are those of the creations.
    for (removed, floor) in [(3, 15), (1, 16), (0, 16)] {
        let mut unit = store.begin().await.unwrap();
        unit.lock_user(owner).await.unwrap().unwrap();
        assert_eq!(unit.forget_deletions(owner, 8, 3).await.unwrap(), removed);
        unit.commit().await.unwrap();
        assert_eq!(all_changes(&*store, owner).await.floor, ChangeNumber(floor));
    }
    let left = all_changes(&*store, owner).await;
    assert_eq!(left.items.iter().map(|change| change.id).collect::<Vec<_>>(), ids[0][4..]);
    assert_eq!(left.newest, ChangeNumber(24));
    let others = all_changes(&*store, other_user).await;
    assert_eq!((others.items.len(), others.floor), (12, ChangeNumber(0)));
}

/// A contact that is purged late has an early number.
pub async fn floor_of_deletions_never_falls(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut contacts = [(); 2].map(|()| samples::contact(owner, samples::card("Олена", "Коваль")));
    samples::store_contacts(&*store, &mut contacts).await;
    let early = trash(&*store, owner, contacts[0].id).await;
    purge(&*store, owner, &[contacts[1].id]).await;
    let floor = ChangeNumber(early.0 + 1);
    for scope in [None, Some(PurgeScope::AllOf(owner))] {
        let mut unit = store.begin().await.unwrap();
        unit.lock_user(owner).await.unwrap().unwrap();
        if let Some(scope) = scope {
            unit.purge_trash(scope, 10).await.unwrap();
        }
        assert_eq!(unit.forget_deletions(owner, 0, 10).await.unwrap(), 1);
        unit.commit().await.unwrap();
        assert_eq!(all_changes(&*store, owner).await.floor, floor);
    }
}
