//! Numbers of changes.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration as StdDuration,
};

use domain::{
    contact::{ChangeNumber, Contact, ContactQuery, Filter, PageStart, Sort},
    ids::UserId,
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

async fn visible_numbers(store: &dyn Store, owner: UserId) -> HashSet<ChangeNumber> {
    let (filter, start) = (Filter::default(), PageStart::Skip(0));
    let query = ContactQuery { filter, sort: Sort::default(), start, limit: 1000 };
    store.list_contacts(owner, &query).await.unwrap().iter().map(|contact| contact.change).collect()
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
