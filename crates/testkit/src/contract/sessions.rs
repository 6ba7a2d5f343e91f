//! Sessions, with the digests of their refresh tokens.

use std::{sync::Arc, time::Duration as StdDuration};

use chrono::Duration;
use domain::{
    account::User,
    client::ClientInfo,
    ids::SessionId,
    secret::Secret,
    session::{PreviousToken, Session, StoredTokens},
    store::Store,
};

use super::Backend;
use crate::samples;

async fn begun(store: &Arc<dyn Store>, user: &User) -> (Session, Secret) {
    let (session, secret) = (samples::session(user.id), samples::secret());
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &secret.digest()).await.unwrap();
    unit.commit().await.unwrap();
    (session, secret)
}

pub async fn session_is_found_with_its_user(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (session, secret) = begun(&store, &user).await;
    let found = store.session_with_user(user.id, session.id).await.unwrap();
    assert_eq!(found, Some((session.clone(), user)));
    assert_eq!(store.session_with_user(other.id, session.id).await.unwrap(), None, "another user's session");

    let silent = Session { client: ClientInfo::default(), ..samples::session(other.id) };
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&silent, &samples::secret().digest()).await.unwrap();
    let locked = unit.lock_session(session.id).await.unwrap().unwrap();
    assert_eq!(locked.session, session);
    assert_eq!(locked.tokens, StoredTokens { current: secret.digest(), previous: None });
    assert_eq!(unit.lock_session(SessionId(samples::id())).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(store.session_with_user(other.id, silent.id).await.unwrap().unwrap().0, silent);
}

pub async fn renewed_session_retains_two_tokens(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let (session, first) = begun(&store, &user).await;
    let mut renewed = session.clone();
    let (mut secret, mut stored) = (first, None);
    for minutes in [5, 10] {
        let next = samples::secret();
        renewed.last_used_at = samples::now() + Duration::minutes(minutes);
        renewed.client.ip = Some(format!("198.51.100.{minutes}").parse().unwrap());
        let previous = PreviousToken {
            digest: secret.digest(),
            used_at: renewed.last_used_at,
            sealed_successor: next.seal_under(&secret),
        };
        let tokens = StoredTokens { current: next.digest(), previous: Some(previous) };
        let mut unit = store.begin().await.unwrap();
        unit.renew_session(&renewed, &tokens).await.unwrap();
        unit.commit().await.unwrap();
        (secret, stored) = (next, Some(tokens));
    }
    let mut unit = store.begin().await.unwrap();
    let locked = unit.lock_session(session.id).await.unwrap().unwrap();
    assert_eq!((locked.session, Some(locked.tokens)), (renewed.clone(), stored));
    drop(unit);
    assert_eq!(store.sessions_of(user.id).await.unwrap(), [renewed], "with the ip of the last use");
}

pub async fn ended_session_is_not_found(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (session, _) = begun(&store, &user).await;
    let mut unit = store.begin().await.unwrap();
    assert!(!unit.end_session(other.id, session.id).await.unwrap(), "another user cannot end it");
    assert!(unit.end_session(user.id, session.id).await.unwrap());
    assert!(!unit.end_session(user.id, session.id).await.unwrap());
    assert_eq!(unit.lock_session(session.id).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(store.session_with_user(user.id, session.id).await.unwrap(), None);
    assert!(store.sessions_of(user.id).await.unwrap().is_empty());
}

pub async fn ending_all_sessions_affects_one_user(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    begun(&store, &user).await;
    begun(&store, &user).await;
    let (retained, _) = begun(&store, &other).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.end_sessions_of(user.id).await.unwrap(), 2);
    unit.commit().await.unwrap();
    assert!(store.session_with_user(other.id, retained.id).await.unwrap().is_some());
}

pub async fn ending_other_sessions_does_not_end_the_current(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (retained, _) = begun(&store, &user).await;
    begun(&store, &user).await;
    let (other_session, _) = begun(&store, &other).await;
    assert_eq!(store.sessions_of(user.id).await.unwrap().len(), 2);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.end_other_sessions(user.id, retained.id).await.unwrap(), 1);
    unit.commit().await.unwrap();
    assert_eq!(store.sessions_of(user.id).await.unwrap(), [retained]);
    assert_eq!(store.sessions_of(other.id).await.unwrap(), [other_session]);
}

pub async fn sessions_beyond_the_limit_end_longest_unused_first(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    begun(&store, &other).await;
    let used = |minutes: i64| Session {
        last_used_at: samples::now() + Duration::minutes(minutes),
        ..samples::session(user.id)
    };
    let sessions = [used(3), used(1), used(4), used(2)];
    let mut unit = store.begin().await.unwrap();
    for session in &sessions {
        unit.insert_session(session, &samples::secret().digest()).await.unwrap();
    }
    assert_eq!(unit.end_longest_unused_sessions(user.id, 4).await.unwrap(), 0);
    assert_eq!(unit.end_longest_unused_sessions(user.id, 2).await.unwrap(), 2);
    unit.commit().await.unwrap();
    let mut left = store.sessions_of(user.id).await.unwrap();
    left.sort_by_key(|session| session.last_used_at);
    assert_eq!(left, [sessions[0].clone(), sessions[2].clone()]);
    assert_eq!(store.sessions_of(other.id).await.unwrap().len(), 1, "only sessions of this user end");
}

pub async fn purging_removes_ended_old_and_idle_sessions(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let now = samples::now();
    let at = |begun: i64, used: i64| Session {
        created_at: now - Duration::days(begun),
        last_used_at: now - Duration::days(used),
        ..samples::session(user.id)
    };
    let mut unit = store.begin().await.unwrap();
    let sessions = [at(30, 1), at(20, 7), at(29, 6), at(0, 0)];
    for session in &sessions {
        unit.insert_session(session, &samples::secret().digest()).await.unwrap();
    }
    unit.end_session(user.id, sessions[3].id).await.unwrap();
    let (begun, used) = (now - Duration::days(30), now - Duration::days(7));
    for (limit, removed) in [(2, 2), (2, 1), (2, 0)] {
        assert_eq!(unit.purge_sessions(begun, used, limit).await.unwrap(), removed);
    }
    unit.commit().await.unwrap();
    assert_eq!(store.sessions_of(user.id).await.unwrap(), [sessions[2].clone()]);
}

pub async fn second_lock_of_a_session_waits(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let (session, _) = begun(&store, &user).await;
    let mut first = store.begin().await.unwrap();
    first.lock_session(session.id).await.unwrap().unwrap();

    let (other, id) = (backend.open().await, session.id);
    let second = tokio::spawn(async move {
        let mut unit = other.begin().await.unwrap();
        unit.lock_session(id).await.unwrap().unwrap().tokens
    });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!second.is_finished(), "the second locker must wait");
    let tokens = StoredTokens { current: samples::secret().digest(), previous: None };
    first.renew_session(&session, &tokens).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), tokens, "it reads what the first wrote");
}
