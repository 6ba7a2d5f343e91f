//! One-time tokens.

use std::sync::Arc;

use chrono::Duration;
use domain::{
    account::{OneTimeToken, Purpose, User},
    error::StoreError,
};
use tokio::{sync::Barrier, time::timeout};

use super::{Backend, at_once};
use crate::samples;

fn token(user: &User, purpose: Purpose) -> OneTimeToken {
    OneTimeToken {
        digest: samples::secret().digest(),
        purpose,
        user: user.id,
        email: user.email.clone(),
        expires_at: samples::now() + Duration::hours(1),
    }
}

async fn stored(backend: &dyn Backend, purposes: &[Purpose]) -> (User, Vec<OneTimeToken>) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let tokens: Vec<_> = purposes.iter().map(|purpose| token(&user, *purpose)).collect();
    let mut unit = store.begin().await.unwrap();
    for token in &tokens {
        unit.insert_one_time_token(token).await.unwrap();
    }
    unit.commit().await.unwrap();
    (user, tokens)
}

pub async fn token_is_consumed_once(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail]).await;
    let (token, now) = (&tokens[0], samples::now());
    let store = backend.open().await;
    assert_eq!(store.one_time_token_owner(&token.digest, token.purpose, now).await.unwrap(), Some(token.user));

    let mut dropped = store.begin().await.unwrap();
    assert_eq!(dropped.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap().as_ref(), Some(token));
    drop(dropped);

    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap().as_ref(), Some(token));
    assert_eq!(unit.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(store.one_time_token_owner(&token.digest, token.purpose, now).await.unwrap(), None);
    assert_eq!(store.one_time_tokens_of(token.user).await.unwrap(), []);
}

pub async fn used_token_is_remembered_until_it_is_purged(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail, Purpose::VerifyEmail]).await;
    let (token, now) = (&tokens[0], samples::now());
    let before = now - Duration::microseconds(1);
    let store = backend.open().await;
    let was_used = async |token: &OneTimeToken, purpose, since| {
        store.one_time_token_was_used(&token.digest, purpose, since).await.unwrap()
    };
    assert!(!was_used(token, token.purpose, before).await, "it is unused");
    let mut unit = store.begin().await.unwrap();
    unit.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap().unwrap();
    unit.discard_one_time_tokens(token.user, token.purpose).await.unwrap();
    unit.discard_later_one_time_tokens(token.user, token.purpose, now).await.unwrap();
    unit.commit().await.unwrap();
    assert!(was_used(token, token.purpose, before).await);
    assert!(!was_used(token, token.purpose, now).await, "it was used before that");
    assert!(!was_used(token, Purpose::ResetPassword, before).await, "it has another purpose");
    assert!(!was_used(&tokens[1], token.purpose, before).await, "it was discarded unused");
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_one_time_tokens(token.expires_at, 9).await.unwrap(), 1);
    unit.commit().await.unwrap();
    assert!(!was_used(token, token.purpose, before).await);
}

pub async fn concurrent_uses_consume_a_token_once(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::ResetPassword]).await;
    let outcomes = at_once(backend, 20, |store, _| {
        let token = tokens[0].clone();
        async move {
            let mut unit = store.begin().await.unwrap();
            let used = unit.consume_one_time_token(&token.digest, token.purpose, samples::now()).await.unwrap();
            unit.commit().await.unwrap();
            used.is_some()
        }
    })
    .await;
    assert_eq!(outcomes.into_iter().filter(|used| *used).count(), 1);
}

pub async fn only_one_of_two_concurrent_user_tokens_is_consumed(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::ResetPassword, Purpose::ResetPassword]).await;
    let both_have_one = Arc::new(Barrier::new(2));
    let outcomes = at_once(backend, 2, |store, number| {
        let (token, both_have_one) = (tokens[number].clone(), Arc::clone(&both_have_one));
        async move {
            let mut unit = store.begin().await?;
            unit.lock_user(token.user).await?;
            let used = unit.consume_one_time_token(&token.digest, token.purpose, samples::now()).await?;
            // If the lock admitted both, each would wait for the token of the other.
            let _ = timeout(std::time::Duration::from_millis(200), both_have_one.wait()).await;
            unit.discard_one_time_tokens(token.user, token.purpose).await?;
            unit.commit().await?;
            Ok::<_, StoreError>(used)
        }
    })
    .await;
    let used: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(used.iter().flatten().count(), 1, "{used:?}");
}

pub async fn token_of_another_purpose_or_time_is_not_found(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail]).await;
    let token = &tokens[0];
    let cases = [
        (token.digest, Purpose::ResetPassword, samples::now(), "another purpose"),
        (token.digest, Purpose::VerifyEmail, token.expires_at, "the time of expiry"),
        (samples::secret().digest(), Purpose::VerifyEmail, samples::now(), "another secret"),
    ];
    let store = backend.open().await;
    for (digest, purpose, now, case) in cases {
        assert_eq!(store.one_time_token_owner(&digest, purpose, now).await.unwrap(), None, "{case}");
        let mut unit = store.begin().await.unwrap();
        assert_eq!(unit.consume_one_time_token(&digest, purpose, now).await.unwrap(), None, "{case}");
    }
    let last_moment = token.expires_at - Duration::microseconds(1);
    assert!(store.one_time_token_owner(&token.digest, token.purpose, last_moment).await.unwrap().is_some());
}

pub async fn discarding_removes_tokens_of_one_user_and_purpose(backend: &dyn Backend) {
    let purposes = [Purpose::VerifyEmail, Purpose::VerifyEmail, Purpose::ResetPassword];
    let (user, tokens) = stored(backend, &purposes).await;
    let (_, others) = stored(backend, &[Purpose::VerifyEmail]).await;
    let store = backend.open().await;
    let mut unit = store.begin().await.unwrap();
    unit.discard_one_time_tokens(user.id, Purpose::VerifyEmail).await.unwrap();
    unit.commit().await.unwrap();
    let mut alive = Vec::new();
    for token in tokens.iter().chain(&others) {
        alive.push(store.one_time_token_owner(&token.digest, token.purpose, samples::now()).await.unwrap().is_some());
    }
    assert_eq!(alive, [false, false, true, true]);
}

pub async fn discarding_removes_tokens_that_expire_from_a_given_time(backend: &dyn Backend) {
    let (user, _) = stored(backend, &[]).await;
    let (other, _) = stored(backend, &[]).await;
    let from = samples::now() + Duration::days(1);
    let cases = [
        (&user, Purpose::RevertEmail, from - Duration::microseconds(1), true),
        (&user, Purpose::RevertEmail, from, false),
        (&user, Purpose::RevertEmail, from + Duration::days(1), false),
        (&user, Purpose::ResetPassword, from, true),
        (&other, Purpose::RevertEmail, from, true),
    ];
    let tokens = cases.map(|(user, purpose, expires_at, _)| OneTimeToken { expires_at, ..token(user, purpose) });
    let store = backend.open().await;
    let mut unit = store.begin().await.unwrap();
    for token in &tokens {
        unit.insert_one_time_token(token).await.unwrap();
    }
    unit.discard_later_one_time_tokens(user.id, Purpose::RevertEmail, from).await.unwrap();
    unit.commit().await.unwrap();
    for (token, (.., is_valid)) in tokens.iter().zip(cases) {
        let owner = store.one_time_token_owner(&token.digest, token.purpose, samples::now()).await.unwrap();
        assert_eq!(owner.is_some(), is_valid, "{token:?}");
    }
}

pub async fn expired_tokens_are_purged(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail, Purpose::ResetPassword]).await;
    let store = backend.open().await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_one_time_tokens(tokens[0].expires_at - Duration::microseconds(1), 9).await.unwrap(), 0);
    for (limit, removed) in [(1, 1), (9, 1), (9, 0)] {
        assert_eq!(unit.purge_one_time_tokens(tokens[0].expires_at, limit).await.unwrap(), removed);
    }
    unit.commit().await.unwrap();
}

pub async fn tokens_of_a_user_are_listed(backend: &dyn Backend) {
    let (_, mut tokens) = stored(backend, &Purpose::ALL).await;
    stored(backend, &[Purpose::VerifyEmail]).await;
    let store = backend.open().await;
    let mut listed = store.one_time_tokens_of(tokens[0].user).await.unwrap();
    for list in [&mut listed, &mut tokens] {
        list.sort_by_key(|token| token.purpose.as_str());
    }
    assert_eq!(listed, tokens);
}
