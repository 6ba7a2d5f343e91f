//! Hand-made tokens, without the tested library.

use std::sync::Arc;

use auth::{JwtAccessTokens, JwtSettings};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::time::Clock as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::fakes::FrozenClock;

pub(crate) const SECRET: &str = "the secret of today, 32 bytes long or more";
pub(crate) const PREVIOUS_SECRET: &str = "the secret of yesterday, as long as that";
pub(crate) const ISSUER: &str = "https://contacts.example";
pub(crate) const AUDIENCE: &str = "contacts-api";
pub(crate) const ID: &str = "0192f0c1-2b3c-7d4e-8f50-617283940a1b";

/// The tokens of a service that knows both secrets, and its clock.
pub(crate) fn service() -> (JwtAccessTokens, Arc<FrozenClock>) {
    let clock = Arc::new(FrozenClock::default());
    let settings = JwtSettings { previous_secret: Some(PREVIOUS_SECRET.into()), ..settings(SECRET) };
    (JwtAccessTokens::new(settings, clock.clone()).unwrap(), clock)
}

pub(crate) fn settings(secret: &str) -> JwtSettings {
    JwtSettings {
        secret: secret.into(),
        previous_secret: None,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
    }
}

/// The first second of the frozen clock.
pub(crate) fn now() -> i64 {
    FrozenClock::default().now().timestamp()
}

pub(crate) fn kid(secret: &str) -> String {
    let digest = Sha256::new().chain_update("contacts-api/kid").chain_update(secret).finalize();
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// A header that is accepted.
pub(crate) fn header() -> Value {
    json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid(SECRET) })
}

/// Claims that are accepted.
pub(crate) fn claims() -> Value {
    let now = now();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": ID, "sid": ID, "jti": ID,
        "iat": now, "nbf": now, "exp": now + 900,
    })
}

/// `base` with some members set, or removed where the value is null.
pub(crate) fn with(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members = base.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    base
}

pub(crate) fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// A token of these JSON texts, with a valid signature.
pub(crate) fn token(header: &impl ToString, claims: &impl ToString) -> String {
    sign(&format!("{}.{}", encode(header.to_string()), encode(claims.to_string())), SECRET)
}

/// `message` and its HMAC-SHA-256 under `secret`.
pub(crate) fn sign(message: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", encode(mac.finalize().into_bytes()))
}
