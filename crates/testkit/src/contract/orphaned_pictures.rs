//! Orphaned pictures: uploaded, but not referenced.

use std::{collections::HashSet, time::Duration as StdDuration};

use chrono::Duration;
use domain::{
    contact::Contact,
    picture::{OrphanedPicture, PictureKey},
    store::Store,
    time::Timestamp,
};

use super::{Backend, at_once};
use crate::samples;

fn keys(number: usize) -> Vec<PictureKey> {
    (0..number).map(|_| PictureKey::photo(samples::id())).collect()
}

async fn record(store: &dyn Store, keys: &[PictureKey], due_at: Timestamp) {
    let mut unit = store.begin().await.unwrap();
    unit.record_orphaned_pictures(keys, due_at, None).await.unwrap();
    unit.commit().await.unwrap();
}

async fn lease(store: &dyn Store, at: Timestamp, limit: u64) -> Vec<OrphanedPicture> {
    let mut unit = store.begin().await.unwrap();
    let leased = unit.lease_orphaned_pictures(at, at + Duration::minutes(2), limit).await.unwrap();
    unit.commit().await.unwrap();
    leased
}

async fn attach(store: &dyn Store, key: &PictureKey) -> bool {
    let mut unit = store.begin().await.unwrap();
    let is_attached = unit.claim_picture(key).await.unwrap();
    unit.commit().await.unwrap();
    is_attached
}

pub async fn recorded_picture_is_due_at_its_time(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, keys) = (samples::now(), keys(2_500));
    assert!(!store.has_due_orphaned_pictures(now).await.unwrap());
    record(&*store, &[], now).await;
    record(&*store, &keys, now + Duration::microseconds(1)).await;
    assert!(!store.has_due_orphaned_pictures(now).await.unwrap());
    assert!(lease(&*store, now, 10).await.is_empty());
    // Recorded again: due earlier, and due later.
    record(&*store, &keys[7..8], now).await;
    record(&*store, &keys[8..9], now + Duration::hours(1)).await;
    assert!(store.has_due_orphaned_pictures(now).await.unwrap());
    assert_eq!(
        lease(&*store, now, 10).await,
        [OrphanedPicture { key: keys[7].clone(), attempts: 1, may_arrive_until: None }]
    );
    assert_eq!(lease(&*store, now + Duration::seconds(1), 10_000).await.len(), 2_498);
}

pub async fn longest_due_picture_is_leased_first(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, keys) = (samples::now(), keys(4));
    // The greater the key, the earlier it is due.
    for (key, minutes) in keys.iter().zip(0..) {
        record(&*store, std::slice::from_ref(key), now - Duration::minutes(minutes)).await;
    }
    for expected in [[&keys[3], &keys[2]], [&keys[1], &keys[0]]] {
        let leased = lease(&*store, now, 2).await;
        assert_eq!(leased.iter().map(|orphaned| &orphaned.key).collect::<Vec<_>>(), expected);
    }
}

pub async fn picture_being_removed_is_leased_and_cannot_be_used(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, keys) = (samples::now(), keys(3));
    record(&*store, &keys, now).await;
    let first = lease(&*store, now, 2).await;
    assert_eq!(first.len(), 2);
    assert_eq!(lease(&*store, now, 10).await.len(), 1, "the leased ones are not due");
    assert!(!store.has_due_orphaned_pictures(now).await.unwrap());
    // Postponed after a failure: the attempts are retained, and the picture still cannot be claimed for a contact.
    record(&*store, &keys, now + Duration::hours(1)).await;
    for key in &keys {
        assert!(!attach(&*store, key).await, "its removal may have started");
    }
    let again = lease(&*store, now + Duration::hours(1), 10).await;
    assert_eq!(again.iter().map(|orphaned| orphaned.attempts).collect::<Vec<_>>(), [2, 2, 2]);
    let mut unit = store.begin().await.unwrap();
    for key in &keys {
        unit.forget_orphaned_picture(key).await.unwrap();
    }
    unit.commit().await.unwrap();
    assert!(!store.has_due_orphaned_pictures(now + Duration::days(1)).await.unwrap());
}

/// The time until which an upload may still complete is stored, or cleared.
pub async fn time_until_which_an_upload_may_complete_is_stored(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, key) = (samples::now(), keys(1));
    let latest = now + Duration::microseconds(86_400_000_001);
    for (attempts, may_arrive_until) in [(1, Some(latest)), (2, Some(now)), (3, None), (4, Some(latest))] {
        let mut unit = store.begin().await.unwrap();
        unit.record_orphaned_pictures(&key, now, may_arrive_until).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(lease(&*store, now, 1).await, [OrphanedPicture { key: key[0].clone(), attempts, may_arrive_until }]);
    }
    let again = lease(&*store, now + Duration::hours(1), 1).await;
    assert_eq!(again[0].may_arrive_until, Some(latest), "a lease does not change it");
}

pub async fn used_picture_is_not_orphaned(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, keys) = (samples::now(), keys(2));
    record(&*store, &keys, now).await;
    assert!(attach(&*store, &keys[0]).await);
    assert!(!attach(&*store, &keys[0]).await, "the record was deleted");
    assert!(!attach(&*store, &PictureKey::photo(samples::id())).await, "never recorded");
    let leased = lease(&*store, now, 10).await;
    assert_eq!(leased, [OrphanedPicture { key: keys[1].clone(), attempts: 1, may_arrive_until: None }]);
}

pub async fn several_pictures_are_claimed_at_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, mut keys) = (samples::now(), keys(200));
    record(&*store, &keys[1..], now).await;
    let removed = lease(&*store, now, 1).await.remove(0).key;
    let mut unit = store.begin().await.unwrap();
    let mut claimed = unit.claim_pictures(&keys).await.unwrap();
    unit.commit().await.unwrap();
    keys.retain(|key| *key != removed);
    claimed.sort_by(|left, right| left.as_str().cmp(right.as_str()));
    assert_eq!(claimed, keys[1..], "neither the one without a record nor the one that is removed");
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.claim_pictures(&keys).await.unwrap(), [], "once");
    assert_eq!(unit.claim_pictures(&[]).await.unwrap(), []);
}

pub async fn concurrent_workers_get_each_picture_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let keys = keys(60);
    record(&*store, &keys, samples::now()).await;
    let leased = at_once(backend, 12, |store, _| async move { lease(&*store, samples::now(), 5).await }).await;
    let leased: Vec<String> = leased.into_iter().flatten().map(|orphaned| orphaned.key.as_str().to_owned()).collect();
    let distinct: HashSet<&String> = leased.iter().collect();
    assert_eq!(leased.len(), distinct.len(), "no picture was leased twice");
    // Concurrent workers may leave some for the next round; none may be lost.
    assert_eq!(leased.len() + lease(&*store, samples::now(), 1000).await.len(), keys.len());
}

/// Of a slow uploader and the remover exactly one gets the picture.
pub async fn picture_is_either_used_or_removed(backend: &dyn Backend) {
    let store = backend.open().await;
    for _ in 0..8 {
        let key = keys(1).remove(0);
        record(&*store, std::slice::from_ref(&key), samples::now()).await;
        let outcomes = at_once(backend, 8, |store, number| {
            let key = key.clone();
            async move {
                match number {
                    0 => usize::from(attach(&*store, &key).await),
                    _ => lease(&*store, samples::now(), 10).await.len(),
                }
            }
        })
        .await;
        let winners: usize = outcomes.iter().sum();
        assert_eq!(winners, 1, "{outcomes:?}");
    }
}

pub async fn orphan_records_are_part_of_the_unit(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, keys) = (samples::now(), keys(2));
    record(&*store, &keys[..1], now).await;
    let mut unit = store.begin().await.unwrap();
    unit.record_orphaned_pictures(&keys[1..], now, None).await.unwrap();
    assert!(unit.claim_picture(&keys[0]).await.unwrap());
    drop(unit);
    // The rollback runs in the background, and a lease skips rows that are still locked.
    let mut leased = lease(&*store, now, 10).await;
    while leased.is_empty() {
        tokio::time::sleep(StdDuration::from_millis(10)).await;
        leased = lease(&*store, now, 10).await;
    }
    assert_eq!(leased.iter().map(|orphaned| &orphaned.key).collect::<Vec<_>>(), [&keys[0]], "as before the unit");
}

/// A user is deleted while one of the contacts gets a photo: the photo must be returned for removal.
pub async fn deleting_a_user_returns_a_photo_being_added(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let mut contact = samples::contact(user.id, samples::card("Леся", "Українка"));
    samples::store_contacts(&*store, std::slice::from_mut(&mut contact)).await;
    let photo = keys(1).remove(0);
    let mut giving = store.begin().await.unwrap();
    let change = giving.take_change_numbers(user.id, 1, 0).await.unwrap().unwrap().first;
    giving.lock_contact(user.id, contact.id).await.unwrap().unwrap();
    let other = backend.open().await;
    let leaving = tokio::spawn(async move {
        let mut unit = other.begin().await.unwrap();
        let pictures = unit.delete_user(&user).await.unwrap();
        unit.commit().await.unwrap();
        pictures
    });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!leaving.is_finished(), "the deletion must wait");
    giving.update_contact(&Contact { photo: Some(photo.clone()), change, ..contact }).await.unwrap();
    giving.commit().await.unwrap();
    assert_eq!(leaving.await.unwrap(), [photo]);
}
