//! Sessions and refresh tokens.

use std::{sync::Arc, time::Duration as StdDuration};

use chrono::Duration;
use domain::{
    account::User,
    client::ClientInfo,
    secret::Secret,
    session::{RefreshToken, Session},
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

pub async fn a_session_is_found_with_its_user(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (session, secret) = begun(&store, &user).await;
    let found = store.session_with_user(user.id, session.id).await.unwrap();
    assert_eq!(found, Some((session.clone(), user)));
    assert_eq!(store.session_with_user(other.id, session.id).await.unwrap(), None, "another user's session");

    let silent = Session { client: ClientInfo::default(), ..samples::session(other.id) };
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&silent, &samples::secret().digest()).await.unwrap();
    let token = unit.lock_refresh_token(&secret.digest()).await.unwrap().unwrap();
    assert_eq!(token.session, session);
    assert_eq!(token.token, RefreshToken { digest: secret.digest(), used: None });
    assert_eq!(unit.lock_refresh_token(&samples::secret().digest()).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(store.session_with_user(other.id, silent.id).await.unwrap().unwrap().0, silent);
}

pub async fn rotation_is_kept(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let (session, old) = begun(&store, &user).await;
    let (new, later) = (samples::secret(), samples::now() + Duration::minutes(5));
    let sealed = new.seal_under(&old);
    let mut unit = store.begin().await.unwrap();
    unit.rotate_refresh_token(session.id, &old.digest(), later, &sealed, &new.digest()).await.unwrap();
    unit.commit().await.unwrap();

    let mut unit = store.begin().await.unwrap();
    let used = unit.lock_refresh_token(&old.digest()).await.unwrap().unwrap();
    assert_eq!(used.token.used, Some((later, sealed)));
    assert_eq!(used.session.last_used_at, later);
    let fresh = unit.lock_refresh_token(&new.digest()).await.unwrap().unwrap();
    assert_eq!((fresh.token.used, fresh.session.id), (None, session.id));
}

pub async fn ending_a_session_takes_its_tokens(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (session, secret) = begun(&store, &user).await;
    let mut unit = store.begin().await.unwrap();
    assert!(!unit.end_session(other.id, session.id).await.unwrap(), "another user cannot end it");
    assert!(unit.end_session(user.id, session.id).await.unwrap());
    assert!(!unit.end_session(user.id, session.id).await.unwrap());
    assert_eq!(unit.lock_refresh_token(&secret.digest()).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(store.session_with_user(user.id, session.id).await.unwrap(), None);
}

pub async fn ending_all_takes_one_users(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    begun(&store, &user).await;
    begun(&store, &user).await;
    let (kept, _) = begun(&store, &other).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.end_sessions_of(user.id).await.unwrap(), 2);
    unit.commit().await.unwrap();
    assert!(store.session_with_user(other.id, kept.id).await.unwrap().is_some());
}

pub async fn ending_the_others_keeps_one(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (kept, _) = begun(&store, &user).await;
    begun(&store, &user).await;
    let (stranger, _) = begun(&store, &other).await;
    assert_eq!(store.sessions_of(user.id).await.unwrap().len(), 2);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.end_other_sessions(user.id, kept.id).await.unwrap(), 1);
    unit.commit().await.unwrap();
    assert_eq!(store.sessions_of(user.id).await.unwrap(), [kept]);
    assert_eq!(store.sessions_of(other.id).await.unwrap(), [stranger]);
}

pub async fn purging_takes_old_and_idle(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let now = samples::now();
    let at = |begun: i64, used: i64| Session {
        created_at: now - Duration::days(begun),
        last_used_at: now - Duration::days(used),
        ..samples::session(user.id)
    };
    let mut unit = store.begin().await.unwrap();
    let sessions = [at(30, 1), at(20, 7), at(29, 6)];
    for session in &sessions {
        unit.insert_session(session, &samples::secret().digest()).await.unwrap();
    }
    assert_eq!(unit.purge_sessions(now - Duration::days(30), now - Duration::days(7)).await.unwrap(), 2);
    unit.commit().await.unwrap();
    assert!(store.session_with_user(user.id, sessions[2].id).await.unwrap().is_some());
}

pub async fn a_second_locker_of_a_token_waits(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let (session, old) = begun(&store, &user).await;
    let mut first = store.begin().await.unwrap();
    first.lock_refresh_token(&old.digest()).await.unwrap().unwrap();

    let (other, digest) = (backend.open().await, old.digest());
    let second = tokio::spawn(async move {
        let mut unit = other.begin().await.unwrap();
        unit.lock_refresh_token(&digest).await.unwrap().unwrap().token.used
    });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!second.is_finished(), "the second locker must wait");
    let new = samples::secret();
    let sealed = new.seal_under(&old);
    first.rotate_refresh_token(session.id, &old.digest(), samples::now(), &sealed, &new.digest()).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), Some((samples::now(), sealed)), "and sees what the first wrote");
}
