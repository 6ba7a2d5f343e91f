//! Known devices.

use std::sync::Arc;

use chrono::Duration;
use domain::{
    account::Email,
    ids::UserId,
    session::{DeviceDigest, MAX_DEVICES},
    store::Store,
    time::Timestamp,
};

use super::{Backend, at_once};
use crate::samples;

fn device() -> DeviceDigest {
    DeviceDigest(samples::secret().digest().0)
}

async fn record(store: &dyn Store, user: UserId, device: &DeviceDigest, at: Timestamp) -> bool {
    let mut unit = store.begin().await.unwrap();
    let is_new = unit.record_device(user, device, at).await.unwrap();
    unit.commit().await.unwrap();
    is_new
}

pub async fn device_is_new_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let (olena, petro) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let device = device();
    let mut dropped = store.begin().await.unwrap();
    assert!(dropped.record_device(olena.id, &device, samples::now()).await.unwrap());
    drop(dropped);
    assert!(record(&*store, olena.id, &device, samples::now()).await, "the dropped unit recorded nothing");
    assert!(!record(&*store, olena.id, &device, samples::now()).await);
    assert!(record(&*store, petro.id, &device, samples::now()).await, "new for another user");
    assert!(record(&*store, petro.id, &self::device(), samples::now()).await);
    let mut unit = store.begin().await.unwrap();
    let counted = [unit.count_devices(olena.id).await.unwrap(), unit.count_devices(petro.id).await.unwrap()];
    assert_eq!(counted, [1, 2]);
}

pub async fn known_device_is_found_by_email_and_device(backend: &dyn Backend) {
    let store = backend.open().await;
    let (olena, petro) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let known = device();
    record(&*store, olena.id, &known, samples::now()).await;
    let unknown = Email::parse("nobody@example.com").unwrap();
    for (email, device, expected) in [
        (&olena.email, known, true),
        (&olena.email, device(), false),
        (&petro.email, known, false),
        (&unknown, known, false),
    ] {
        assert_eq!(store.is_known_device(email, &device).await.unwrap(), expected, "{email:?}");
    }
}

pub async fn longest_unused_devices_beyond_the_limit_are_removed(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let at = |minutes: usize| samples::now() + Duration::minutes(i64::try_from(minutes).unwrap());
    let devices: Vec<DeviceDigest> = (0..=MAX_DEVICES).map(|_| device()).collect();
    record(&*store, other.id, &devices[0], at(0)).await;
    for (minute, device) in devices[..MAX_DEVICES].iter().enumerate() {
        record(&*store, user.id, device, at(minute)).await;
    }
    // The first is used again, so the second has been unused the longest. The new one is recorded with an earlier
    // timestamp.
    assert!(!record(&*store, user.id, &devices[0], at(MAX_DEVICES)).await);
    assert!(record(&*store, user.id, &devices[MAX_DEVICES], at(0)).await);
    for (number, device) in devices.iter().enumerate() {
        let is_known = store.is_known_device(&user.email, device).await.unwrap();
        assert_eq!(is_known, number != 1, "device {number}");
    }
    assert!(record(&*store, user.id, &devices[1], at(0)).await, "removed, so it is new again");
    assert!(store.is_known_device(&other.email, &devices[0]).await.unwrap(), "another user's is retained");
}

pub async fn concurrent_logins_report_a_new_device_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, device) = (samples::stored_user(&*store).await.id, device());
    let work = |store: Arc<dyn Store>, _| async move { record(&*store, user, &device, samples::now()).await };
    let outcomes = at_once(backend, 8, work).await;
    assert_eq!(outcomes.iter().filter(|is_new| **is_new).count(), 1, "{outcomes:?}");
}

pub async fn deleting_a_user_deletes_known_devices(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, device) = (samples::stored_user(&*store).await, device());
    record(&*store, user.id, &device, samples::now()).await;
    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.insert_user(&user, &domain::account::PasswordHash("hash".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    assert!(!store.is_known_device(&user.email, &device).await.unwrap());
}
