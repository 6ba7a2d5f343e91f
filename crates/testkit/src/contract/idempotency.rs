//! Idempotency keys.

use chrono::Duration;
use domain::{
    idempotency::{Fingerprint, IdempotencyKey, StoredResult},
    ids::{ContactId, UserId},
    store::Store,
};

use super::{Backend, at_once};
use crate::samples;

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

/// A result of now, with several contacts.
fn done() -> StoredResult {
    let contacts = (0..200).map(|_| ContactId(samples::id())).collect();
    let fingerprint = Fingerprint::of("POST /api/contacts", &samples::unique().to_be_bytes());
    StoredResult { fingerprint, contacts, at: samples::now() }
}

async fn remember(store: &dyn Store, owner: UserId, key: &IdempotencyKey, done: &StoredResult) {
    let mut unit = store.begin().await.unwrap();
    unit.remember_idempotency_key(owner, key, done).await.unwrap();
    unit.commit().await.unwrap();
}

async fn find(store: &dyn Store, owner: UserId, key: &IdempotencyKey) -> Option<StoredResult> {
    store.begin().await.unwrap().find_idempotency_key(owner, key).await.unwrap()
}

pub async fn key_belongs_to_its_owner(backend: &dyn Backend) {
    let store = backend.open().await;
    let (olena, petro) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let (hers, his) = (done(), StoredResult { contacts: Vec::new(), ..done() });
    remember(&*store, olena, &key("k"), &hers).await;
    assert_eq!(find(&*store, petro, &key("k")).await, None);
    remember(&*store, petro, &key("k"), &his).await;
    assert_eq!(find(&*store, olena, &key("k")).await, Some(hers), "with the contacts in order");
    assert_eq!(find(&*store, petro, &key("k")).await, Some(his));
    assert_eq!(find(&*store, olena, &key("K")).await, None, "another key");
}

pub async fn key_returns_its_last_result(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let later = StoredResult { at: samples::now() + Duration::microseconds(1), ..done() };
    remember(&*store, owner, &key("k"), &done()).await;
    remember(&*store, owner, &key("k"), &later).await;
    assert_eq!(find(&*store, owner, &key("k")).await, Some(later.clone()));
    let mut dropped = store.begin().await.unwrap();
    dropped.remember_idempotency_key(owner, &key("k"), &done()).await.unwrap();
    dropped.remember_idempotency_key(owner, &key("other"), &done()).await.unwrap();
    drop(dropped);
    assert_eq!(find(&*store, owner, &key("k")).await, Some(later), "nothing was committed");
    assert_eq!(find(&*store, owner, &key("other")).await, None);
}

pub async fn old_keys_are_purged(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    for (text, offset) in [("old", -1), ("edge", 0), ("young", 1)] {
        let at = samples::now() + Duration::microseconds(offset);
        remember(&*store, owner, &key(text), &StoredResult { at, ..done() }).await;
    }
    let mut unit = store.begin().await.unwrap();
    for (limit, expected) in [(1, 1), (9, 1), (9, 0)] {
        assert_eq!(unit.purge_idempotency_keys(samples::now(), limit).await.unwrap(), expected);
    }
    unit.commit().await.unwrap();
    assert_eq!(find(&*store, owner, &key("edge")).await, None);
    assert!(find(&*store, owner, &key("young")).await.is_some());
}

pub async fn deleting_a_user_deletes_idempotency_keys(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    remember(&*store, user.id, &key("k"), &done()).await;
    remember(&*store, other.id, &key("k"), &done()).await;
    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(find(&*store, user.id, &key("k")).await, None);
    assert!(find(&*store, other.id, &key("k")).await.is_some());
}

/// Stores results under the lock of the count, on two stores, like two replicas.
pub async fn concurrent_requests_with_one_key_run_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let seen = at_once(backend, 32, |store, _| async move {
        let mut unit = store.begin().await.unwrap();
        unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap();
        if let Some(known) = unit.find_idempotency_key(owner, &key("k")).await.unwrap() {
            return known;
        }
        let done = done();
        unit.remember_idempotency_key(owner, &key("k"), &done).await.unwrap();
        unit.commit().await.unwrap();
        done
    })
    .await;
    assert!(seen.iter().all(|done| *done == seen[0]), "all got the same result");
    assert_eq!(find(&*store, owner, &key("k")).await.as_ref(), seen.first());
}
