//! One-time tokens.

use chrono::Duration;
use domain::account::{OneTimeToken, Purpose, User};

use super::{Backend, at_once};
use crate::samples;

fn token(user: &User, purpose: Purpose) -> OneTimeToken {
    OneTimeToken {
        digest: samples::secret().digest(),
        purpose,
        user: user.id,
        address: user.email.clone(),
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

pub async fn a_token_is_consumed_once(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail]).await;
    let (token, now) = (&tokens[0], samples::now());
    let store = backend.open().await;
    assert!(store.one_time_token_is_alive(&token.digest, token.purpose, now).await.unwrap());

    let mut dropped = store.begin().await.unwrap();
    assert_eq!(dropped.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap().as_ref(), Some(token));
    drop(dropped);

    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap().as_ref(), Some(token));
    assert_eq!(unit.consume_one_time_token(&token.digest, token.purpose, now).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert!(!store.one_time_token_is_alive(&token.digest, token.purpose, now).await.unwrap());
}

pub async fn of_many_uses_one_wins(backend: &dyn Backend) {
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

pub async fn a_token_of_another_purpose_or_time_is_none(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail]).await;
    let token = &tokens[0];
    let cases = [
        (token.digest, Purpose::ResetPassword, samples::now(), "another purpose"),
        (token.digest, Purpose::VerifyEmail, token.expires_at, "the end itself"),
        (samples::secret().digest(), Purpose::VerifyEmail, samples::now(), "another secret"),
    ];
    let store = backend.open().await;
    for (digest, purpose, now, case) in cases {
        assert!(!store.one_time_token_is_alive(&digest, purpose, now).await.unwrap(), "{case}");
        let mut unit = store.begin().await.unwrap();
        assert_eq!(unit.consume_one_time_token(&digest, purpose, now).await.unwrap(), None, "{case}");
    }
    let last_moment = token.expires_at - Duration::microseconds(1);
    assert!(store.one_time_token_is_alive(&token.digest, token.purpose, last_moment).await.unwrap());
}

pub async fn discarding_takes_the_users_others(backend: &dyn Backend) {
    let purposes = [Purpose::VerifyEmail, Purpose::VerifyEmail, Purpose::ResetPassword];
    let (user, tokens) = stored(backend, &purposes).await;
    let (_, others) = stored(backend, &[Purpose::VerifyEmail]).await;
    let store = backend.open().await;
    let mut unit = store.begin().await.unwrap();
    unit.discard_one_time_tokens(user.id, Purpose::VerifyEmail).await.unwrap();
    unit.commit().await.unwrap();
    let mut alive = Vec::new();
    for token in tokens.iter().chain(&others) {
        alive.push(store.one_time_token_is_alive(&token.digest, token.purpose, samples::now()).await.unwrap());
    }
    assert_eq!(alive, [false, false, true, true]);
}

pub async fn purging_takes_what_ended(backend: &dyn Backend) {
    let (_, tokens) = stored(backend, &[Purpose::VerifyEmail, Purpose::ResetPassword]).await;
    let store = backend.open().await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_one_time_tokens(tokens[0].expires_at - Duration::microseconds(1)).await.unwrap(), 0);
    assert_eq!(unit.purge_one_time_tokens(tokens[0].expires_at).await.unwrap(), 2);
    unit.commit().await.unwrap();
}
