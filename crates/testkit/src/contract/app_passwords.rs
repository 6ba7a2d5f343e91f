//! App passwords, with the digests of their secrets.

use std::sync::Arc;

use chrono::Duration;
use domain::{
    account::{PasswordHash, User, Username},
    app_password::{AppPassword, AppPasswordName, Scope, Scopes},
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    store::Store,
};

use super::{Backend, at_once};
use crate::samples;

async fn inserted(store: &dyn Store, password: &AppPassword) -> SecretDigest {
    let digest = samples::secret().digest();
    let mut unit = store.begin().await.unwrap();
    unit.insert_app_password(password, &digest).await.unwrap();
    unit.commit().await.unwrap();
    digest
}

async fn created(store: &dyn Store, user: UserId) -> (AppPassword, SecretDigest) {
    let password = samples::app_password(user);
    let digest = inserted(store, &password).await;
    (password, digest)
}

async fn ids_of(store: &dyn Store, user: UserId) -> Vec<AppPasswordId> {
    store.app_passwords_of(user).await.unwrap().iter().map(|password| password.id).collect()
}

pub async fn app_password_is_found_by_its_digest_with_its_user(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let full = AppPassword {
        name: AppPasswordName::parse("Телефон \"O'Neil\" \\ 😀").unwrap(),
        scopes: Scopes::new(Scope::ALL).unwrap(),
        expires_at: Some(samples::now() + Duration::microseconds(1)),
        ..samples::app_password(user.id)
    };
    let digest = inserted(&*store, &full).await;
    let (plain, of_plain) = created(&*store, other.id).await;
    for _ in 0..3 {
        assert_eq!(store.app_password_with_user(&digest).await.unwrap(), Some((full.clone(), user.clone())));
        assert_eq!(store.app_password_with_user(&of_plain).await.unwrap(), Some((plain.clone(), other.clone())));
        assert_eq!(store.app_password_with_user(&samples::secret().digest()).await.unwrap(), None);
    }
}

pub async fn cached_app_password_is_the_stored_one(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let (password, digest) = created(&*store, user.id).await;
    assert_eq!(store.cached_app_password(&digest).await, None, "it was never read");
    let expected = (password.clone(), user.clone());
    for _ in 0..3 {
        assert_eq!(store.app_password_with_user(&digest).await.unwrap().as_ref(), Some(&expected));
        let cached = store.cached_app_password(&digest).await;
        assert!(cached.is_none() || cached == Some(expected.clone()), "{cached:?}");
        assert_eq!(store.cached_app_password(&samples::secret().digest()).await, None);
    }
    let is_cached = store.cached_app_password(&digest).await.is_some();
    assert_eq!(is_cached, backend.has_session_cache(), "it was read often enough");
    let renamed = User { username: Username::parse("Леся").unwrap(), ..user.clone() };
    let other = backend.open().await;
    let mut unit = other.begin().await.unwrap();
    unit.update_profile(&renamed).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.cached_app_password(&digest).await, None, "another store has changed the user");
    for _ in 0..3 {
        assert_eq!(store.app_password_with_user(&digest).await.unwrap().unwrap().1, renamed);
    }
    assert_eq!(store.cached_app_password(&digest).await.is_some(), is_cached, "it was read again");
    let mut unit = store.begin().await.unwrap();
    assert!(unit.end_app_password(user.id, password.id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(store.cached_app_password(&digest).await, None, "it has ended");
}

pub async fn digest_of_an_app_password_is_unique(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (_, digest) = created(&*store, user.id).await;
    let mut unit = store.begin().await.unwrap();
    assert!(unit.insert_app_password(&samples::app_password(other.id), &digest).await.is_err());
}

pub async fn app_passwords_of_a_user_are_counted_and_listed_latest_first(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let at = |minutes: i64| AppPassword {
        created_at: samples::now() + Duration::minutes(minutes),
        ..samples::app_password(user.id)
    };
    let [second, third, first] = [at(2), at(3), at(1)];
    for password in [&second, &third, &first] {
        inserted(&*store, password).await;
    }
    let (others, _) = created(&*store, other.id).await;
    assert_eq!(store.app_passwords_of(user.id).await.unwrap(), [third, second, first]);
    assert_eq!(store.app_passwords_of(other.id).await.unwrap(), [others]);
    let mut unit = store.begin().await.unwrap();
    for (user, expected) in [(user.id, 3), (other.id, 1), (UserId(samples::id()), 0)] {
        assert_eq!(unit.count_app_passwords(user).await.unwrap(), expected);
    }
}

pub async fn use_of_an_app_password_is_recorded_once_in_a_time(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (password, digest) = created(&*store, user.id).await;
    let at = |minutes: i64| samples::now() + Duration::minutes(minutes);
    let mut unit = store.begin().await.unwrap();
    for (owner, now, since, is_recorded) in [
        (other.id, at(1), at(0), false),
        (user.id, at(1), at(0), true),
        (user.id, at(2), at(0), false),
        (user.id, at(61), at(1), true),
    ] {
        let recorded = unit.record_app_password_use(owner, password.id, now, since).await.unwrap();
        assert_eq!(recorded, is_recorded, "{owner} {now}");
    }
    let unknown = AppPasswordId(samples::id());
    assert!(!unit.record_app_password_use(user.id, unknown, at(1), at(0)).await.unwrap());
    unit.commit().await.unwrap();
    let expected = AppPassword { last_used_at: Some(at(61)), ..password };
    assert_eq!(store.app_password_with_user(&digest).await.unwrap().unwrap().0, expected);
}

pub async fn concurrent_uses_of_an_app_password_are_recorded_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await.id;
    let id = created(&*store, user).await.0.id;
    let work = move |store: Arc<dyn Store>, _| async move {
        let mut unit = store.begin().await.unwrap();
        let now = samples::now();
        let is_recorded = unit.record_app_password_use(user, id, now, now - Duration::hours(1)).await.unwrap();
        unit.commit().await.unwrap();
        is_recorded
    };
    let outcomes = at_once(backend, 8, work).await;
    assert_eq!(outcomes.iter().filter(|is_recorded| **is_recorded).count(), 1, "{outcomes:?}");
}

pub async fn ended_app_password_is_not_found(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (ended, digest) = created(&*store, user.id).await;
    let (retained, _) = created(&*store, user.id).await;
    let mut unit = store.begin().await.unwrap();
    assert!(!unit.end_app_password(other.id, ended.id).await.unwrap(), "another user cannot end it");
    assert!(unit.end_app_password(user.id, ended.id).await.unwrap());
    assert!(!unit.end_app_password(user.id, ended.id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(store.app_password_with_user(&digest).await.unwrap(), None);
    assert_eq!(store.app_passwords_of(user.id).await.unwrap(), [retained]);
}

pub async fn ending_all_app_passwords_affects_one_user(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    created(&*store, user.id).await;
    created(&*store, user.id).await;
    let (retained, _) = created(&*store, other.id).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.end_app_passwords_of(user.id).await.unwrap(), 2);
    assert_eq!(unit.end_app_passwords_of(user.id).await.unwrap(), 0);
    unit.commit().await.unwrap();
    assert_eq!(ids_of(&*store, user.id).await, []);
    assert_eq!(ids_of(&*store, other.id).await, [retained.id]);
}

pub async fn expired_app_passwords_are_purged(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await.id;
    let until = samples::now();
    let expiring = |minutes: Option<i64>| AppPassword {
        expires_at: minutes.map(|minutes| until + Duration::minutes(minutes)),
        ..samples::app_password(user)
    };
    for minutes in [-2, -1, 0] {
        inserted(&*store, &expiring(Some(minutes))).await;
    }
    let [later, never] = [expiring(Some(1)), expiring(None)];
    let digest = inserted(&*store, &later).await;
    inserted(&*store, &never).await;
    let mut unit = store.begin().await.unwrap();
    for (limit, removed) in [(2, 2), (2, 1), (2, 0)] {
        assert_eq!(unit.purge_app_passwords(until, limit).await.unwrap(), removed);
    }
    unit.commit().await.unwrap();
    let mut left = ids_of(&*store, user).await;
    left.sort();
    assert_eq!(left, [later.id, never.id]);
    assert!(store.app_password_with_user(&digest).await.unwrap().is_some(), "an expired one is found, too");
}

pub async fn deleting_a_user_deletes_app_passwords(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let (_, digest) = created(&*store, user.id).await;
    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.insert_user(&user, &PasswordHash("hash".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.app_password_with_user(&digest).await.unwrap(), None);
    assert_eq!(ids_of(&*store, user.id).await, []);
}
