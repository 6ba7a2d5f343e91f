//! Fuzz targets of access tokens: see `crates/fuzz`.

use domain::session::AccessTokens as _;
use serde_json::Value;

use crate::forge::{AUDIENCE, ISSUER, PREVIOUS_SECRET, SECRET, now, service, sign, token};

/// A token of any bytes. An accepted one has the signature of one of the secrets, computed here, in its only spelling.
#[test]
fn access_token() {
    let (tokens, _) = service();
    fuzz::check!("access_token", 5_000, |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if tokens.verify(&text).is_ok() {
            let (signed, _) = text.rsplit_once('.').unwrap();
            assert!([SECRET, PREVIOUS_SECRET].iter().any(|secret| sign(signed, secret) == text), "{text}");
        }
    });
}

/// A header and claims of any bytes, in two lines, with a valid signature. The claims of an accepted token are those that
/// another parser reads.
#[test]
fn signed_claims() {
    let (tokens, _) = service();
    fuzz::check!("signed_claims", 5_000, |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let (header, claims) = text.split_once('\n').unwrap_or((&text, ""));
        let Ok(accepted) = tokens.verify(&token(&header, &claims)) else { return };
        let header: Value = serde_json::from_str(header).unwrap();
        assert_eq!((&header["alg"], &header["typ"]), (&Value::from("HS256"), &Value::from("at+jwt")));
        let claims: Value = serde_json::from_str(claims).unwrap();
        assert_eq!((&claims["iss"], &claims["aud"]), (&Value::from(ISSUER), &Value::from(AUDIENCE)));
        for (name, id) in [("sub", accepted.user.0), ("sid", accepted.session.0), ("jti", accepted.token_id)] {
            assert_eq!(claims[name].as_str().unwrap(), id.to_string(), "{name}");
        }
        let seconds = |name: &str| claims[name].as_i64().unwrap();
        assert_eq!(seconds("exp"), accepted.expires_at.timestamp());
        assert!(seconds("exp") > now() - 5 && seconds("nbf") <= now() + 5 && seconds("iat") <= now() + 5);
    });
}
