//! Valid tokens.

use std::sync::Arc;

use auth::{JwtAccessTokens, RejectedToken};
use chrono::{DateTime, TimeDelta};
use domain::{
    ids::{SessionId, UserId},
    session::{AccessClaims, AccessTokens as _},
    time::Clock as _,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::fakes::FrozenClock;
use uuid::Uuid;

use crate::{
    forge::{self, claims, header, service, token, with},
    hostile_tokens::rejection,
};

fn access_claims(clock: &FrozenClock) -> AccessClaims {
    let now = DateTime::from_timestamp(clock.now().timestamp(), 0).unwrap();
    AccessClaims {
        user: UserId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
        token_id: Uuid::from_u128(3),
        issued_at: now,
        expires_at: now + TimeDelta::minutes(15),
    }
}

#[test]
fn issued_access_token_is_verified() {
    let (tokens, clock) = service();
    let claims = access_claims(&clock);
    assert_eq!(tokens.verify(&tokens.issue(&claims).unwrap()).unwrap(), claims);
}

#[test]
fn token_times_are_truncated_to_seconds() {
    let (tokens, clock) = service();
    let claims = access_claims(&clock);
    let part = TimeDelta::microseconds(999_999);
    let fine = AccessClaims { issued_at: claims.issued_at + part, expires_at: claims.expires_at + part, ..claims };
    assert_eq!(tokens.verify(&tokens.issue(&fine).unwrap()).unwrap(), claims);
}

#[test]
fn access_token_has_the_form_of_rfc_9068() {
    let (tokens, clock) = service();
    let claims = access_claims(&clock);
    let token = tokens.issue(&claims).unwrap();
    let (message, _) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();

    assert_eq!(forge::sign(message, forge::SECRET), token, "HMAC-SHA-256 under the current secret");
    assert_eq!(decode(header), forge::header());
    let now = claims.issued_at.timestamp();
    let expected = json!({
        "iss": forge::ISSUER, "aud": forge::AUDIENCE, "iat": now, "nbf": now, "exp": now + 900,
        "sub": Uuid::from_u128(1).to_string(),
        "sid": Uuid::from_u128(2).to_string(),
        "jti": Uuid::from_u128(3).to_string(),
    });
    assert_eq!(decode(payload), expected);
}

#[test]
fn valid_tokens_signed_by_hand_are_accepted() {
    let now = forge::now();
    let cases = [
        ("as issued", json!({})),
        ("expired 4 s ago", json!({ "exp": now - 4 })),
        ("begins in 5 s", json!({ "nbf": now + 5 })),
        ("made 5 s in the future", json!({ "iat": now + 5 })),
        ("lasts as long as a time can", json!({ "exp": chrono::DateTime::<chrono::Utc>::MAX_UTC.timestamp() })),
        ("a claim that is not known", json!({ "scope": "contacts" })),
    ];
    let (tokens, _) = service();
    for (name, changes) in cases {
        let verified = tokens.verify(&token(&header(), &with(claims(), &changes)));
        assert!(verified.is_ok(), "{name}: {verified:?}");
    }
}

#[test]
fn token_that_was_verified_before_is_verified_again() {
    let (tokens, clock) = service();
    let claims = access_claims(&clock);
    let token = tokens.issue(&claims).unwrap();
    let other = tokens.issue(&AccessClaims { token_id: Uuid::from_u128(4), ..claims }).unwrap();
    for _ in 0..2 {
        assert_eq!(tokens.verify(&token).unwrap(), claims);
    }
    let ((message, _), (_, signature)) = (token.rsplit_once('.').unwrap(), other.rsplit_once('.').unwrap());
    assert_eq!(rejection(&tokens, &format!("{message}.{signature}")), Some(RejectedToken::Signature));
    clock.advance(TimeDelta::minutes(16));
    assert_eq!(rejection(&tokens, &token), Some(RejectedToken::Expired), "its times are checked each time");
}

#[test]
fn previous_secret_verifies_tokens_until_it_is_removed() {
    let clock = Arc::new(FrozenClock::default());
    let claims = access_claims(&clock);
    let yesterday = JwtAccessTokens::new(forge::settings(forge::PREVIOUS_SECRET), clock.clone()).unwrap();
    let (today, _) = service();
    let tomorrow = JwtAccessTokens::new(forge::settings(forge::SECRET), clock).unwrap();

    let old = yesterday.issue(&claims).unwrap();
    assert_eq!(today.verify(&old).unwrap(), claims);
    assert_eq!(rejection(&tomorrow, &old), Some(RejectedToken::UnknownKey));

    let new = today.issue(&claims).unwrap();
    assert_eq!(tomorrow.verify(&new).unwrap(), claims, "new tokens are signed by the current secret");
    assert_eq!(rejection(&yesterday, &new), Some(RejectedToken::UnknownKey));
}

#[test]
fn expired_token_is_rejected_after_five_seconds_of_leeway() {
    let (tokens, clock) = service();
    let token = tokens.issue(&access_claims(&clock)).unwrap();
    clock.advance(TimeDelta::minutes(15) + TimeDelta::milliseconds(4_999));
    assert_eq!(rejection(&tokens, &token), None);
    clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(rejection(&tokens, &token), Some(RejectedToken::Expired));
}

#[test]
fn token_issued_before_1970_is_rejected() {
    let (tokens, clock) = service();
    let claims = AccessClaims { issued_at: DateTime::from_timestamp(-1, 0).unwrap(), ..access_claims(&clock) };
    assert!(tokens.issue(&claims).is_err());
}

fn decode(part: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Any ids, and any times around now.
    #[test]
    fn issued_claims_are_verified_until_they_expire(ids in any::<[u128; 3]>(), age in -3600i64..3600, life in 0i64..7200) {
        let (tokens, clock) = service();
        let now = access_claims(&clock).issued_at;
        let [user, session, token_id] = ids.map(Uuid::from_u128);
        let issued_at = now - TimeDelta::seconds(age);
        let expires_at = issued_at + TimeDelta::seconds(life);
        let claims = AccessClaims { user: UserId(user), session: SessionId(session), token_id, issued_at, expires_at };
        let token = tokens.issue(&claims).unwrap();
        // The clock has a part of a second, and replicas differ by five seconds at most.
        let leeway = TimeDelta::seconds(5);
        let is_valid = expires_at > clock.now() - leeway && issued_at <= clock.now() + leeway;
        for _ in 0..2 {
            prop_assert_eq!(tokens.verify(&token).ok(), is_valid.then_some(claims), "also the second time");
        }
    }
}
