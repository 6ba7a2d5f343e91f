//! Rejected tokens, each with its error.

use auth::{
    JwtAccessTokens,
    RejectedToken::{
        self, Audience, Claims, Expired, Header, Issuer, Malformed, NotYet, Signature, TooLong, UnknownKey,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use domain::session::AccessTokens as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Sha384, Sha512};

use crate::forge::{PREVIOUS_SECRET, SECRET, claims, encode, header, kid, now, service, sign, token, with};

/// The error of a rejected token.
pub(crate) fn rejection(tokens: &JwtAccessTokens, token: &str) -> Option<RejectedToken> {
    tokens.verify(token).err().map(|error| *error.0.downcast::<RejectedToken>().unwrap())
}

fn assert_rejected(cases: impl IntoIterator<Item = (String, String, RejectedToken)>) {
    let (tokens, _) = service();
    for (name, token, expected) in cases {
        assert_eq!(rejection(&tokens, &token), Some(expected), "{name}");
    }
}

#[test]
fn token_with_an_unexpected_header_is_rejected() {
    let cases = [
        ("no algorithm", json!({ "alg": null }), Malformed),
        ("alg none", json!({ "alg": "none" }), Malformed),
        ("alg None", json!({ "alg": "None" }), Malformed),
        ("alg NONE", json!({ "alg": "NONE" }), Malformed),
        ("alg nOnE", json!({ "alg": "nOnE" }), Malformed),
        ("alg empty", json!({ "alg": "" }), Malformed),
        ("alg in lower case", json!({ "alg": "hs256" }), Malformed),
        ("alg as an array", json!({ "alg": ["HS256"] }), Malformed),
        ("alg HS384 over an HS256 signature", json!({ "alg": "HS384" }), Header),
        ("alg RS256 over an HMAC of the secret", json!({ "alg": "RS256" }), Header),
        ("alg ES256", json!({ "alg": "ES256" }), Header),
        ("alg EdDSA", json!({ "alg": "EdDSA" }), Header),
        ("no typ", json!({ "typ": null }), Header),
        ("typ JWT", json!({ "typ": "JWT" }), Header),
        ("typ of a refresh token", json!({ "typ": "rt+jwt" }), Header),
        ("typ in upper case", json!({ "typ": "AT+JWT" }), Header),
        ("typ in its long form", json!({ "typ": "application/at+jwt" }), Header),
        ("no kid", json!({ "kid": null }), UnknownKey),
        ("an unknown kid", json!({ "kid": "00000000" }), UnknownKey),
        ("an empty kid", json!({ "kid": "" }), UnknownKey),
        ("kid as a path", json!({ "kid": "../../dev/null" }), UnknownKey),
        ("kid as a number", json!({ "kid": 1 }), Malformed),
        ("the kid of the other secret", json!({ "kid": kid(PREVIOUS_SECRET) }), Signature),
        ("crit", json!({ "crit": ["exp"] }), Header),
        ("crit of an unknown extension", json!({ "crit": ["b64"], "b64": false }), Header),
        ("an empty crit", json!({ "crit": [] }), Header),
        ("an embedded jwk", json!({ "jwk": { "kty": "oct", "k": encode(SECRET) } }), Header),
        ("jku", json!({ "jku": "http://127.0.0.1/keys" }), Header),
        ("x5u", json!({ "x5u": "http://127.0.0.1/cert" }), Header),
        ("a nested token", json!({ "cty": "JWT" }), Header),
        ("compression", json!({ "zip": "DEF" }), Header),
        ("an unknown member", json!({ "extra": true }), Header),
    ];
    assert_rejected(
        cases.map(|(name, changes, expected)| (name.into(), token(&with(header(), &changes), &claims()), expected)),
    );
}

#[test]
fn token_with_missing_or_malformed_claims_is_rejected() {
    let names = ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"];
    let missing = names.map(|name| (format!("no {name}"), json!({ name: null })));
    let times = ["iat", "nbf", "exp"].into_iter().flat_map(|name| {
        let later = now() + 900;
        [json!(later.to_string()), json!(900.5 + 1e9), json!(-1), json!(u64::MAX), json!(true), json!([later])]
            .map(|value| (format!("{name} {value}"), json!({ name: value })))
    });
    let ids = ["sub", "sid", "jti"].into_iter().flat_map(|name| {
        [
            "",
            "admin",
            "0192f0c12b3c7d4e8f50617283940a1b",
            "0192F0C1-2B3C-7D4E-8F50-617283940A1B",
            "{0192f0c1-2b3c-7d4e-8f50-617283940a1b}",
            "urn:uuid:0192f0c1-2b3c-7d4e-8f50-617283940a1b",
        ]
        .map(|value| (format!("{name} {value:?}"), json!({ name: value })))
    });
    let cases = missing.into_iter().chain(times).chain(ids);
    assert_rejected(cases.map(|(name, changes)| (name, token(&header(), &with(claims(), &changes)), Claims)));

    // A null is no value, not even for a required claim.
    let nulls = names.map(|name| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().insert(name.to_owned(), Value::Null);
        (format!("{name} null"), token(&header(), &claims), Claims)
    });
    assert_rejected(nulls);
}

#[test]
fn token_with_wrong_time_audience_or_issuer_is_rejected() {
    let now = now();
    let cases = [
        ("ended 5 s ago, just beyond the leeway", json!({ "exp": now - 5 }), Expired),
        ("ended in 1970", json!({ "exp": 0 }), Expired),
        ("begins just beyond the leeway", json!({ "nbf": now + 6 }), NotYet),
        ("made in the future", json!({ "iat": now + 6 }), NotYet),
        ("another audience", json!({ "aud": "another-api" }), Audience),
        ("an empty audience", json!({ "aud": "" }), Audience),
        ("audiences without ours", json!({ "aud": ["another-api"] }), Claims),
        ("audiences, ours among them: never issued", json!({ "aud": ["contacts-api", "another-api"] }), Claims),
        ("another issuer", json!({ "iss": "https://evil.example" }), Issuer),
        ("our issuer with a slash", json!({ "iss": "https://contacts.example/" }), Issuer),
        ("issuers, ours among them", json!({ "iss": ["https://contacts.example"] }), Claims),
    ];
    assert_rejected(
        cases.map(|(name, changes, expected)| (name.into(), token(&header(), &with(claims(), &changes)), expected)),
    );
}

#[test]
fn token_with_duplicate_members_is_rejected() {
    let doubled = |object: Value, member: &str| object.to_string().replacen('{', &format!("{{{member},"), 1);
    assert_rejected([
        ("sub twice".into(), token(&header(), &doubled(claims(), r#""sub":"admin""#)), Claims),
        ("exp twice".into(), token(&header(), &doubled(claims(), r#""exp":99999999999"#)), Claims),
        ("aud twice".into(), token(&header(), &doubled(claims(), r#""aud":"another-api""#)), Claims),
        ("alg twice".into(), token(&doubled(header(), r#""alg":"none""#), &claims()), Malformed),
        ("kid twice".into(), token(&doubled(header(), r#""kid":"00000000""#), &claims()), Malformed),
    ]);
}

#[test]
fn token_with_an_invalid_signature_is_rejected() {
    let good = token(&header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let other_user = encode(with(claims(), &json!({ "sub": "0192f0c1-2b3c-7d4e-8f50-617283940a1c" })).to_string());
    let mac_384 = Hmac::<Sha384>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(message).finalize();
    let mac_512 = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(message).finalize();
    assert_rejected([
        ("no signature".into(), format!("{message}."), Signature),
        ("an empty secret".into(), sign(message, ""), Signature),
        ("another secret".into(), sign(message, "another secret, also of 32 bytes or more"), Signature),
        ("the secret of the other kid".into(), sign(message, PREVIOUS_SECRET), Signature),
        ("the kid as the secret".into(), sign(message, &kid(SECRET)), Signature),
        ("HMAC-SHA-384".into(), format!("{message}.{}", encode(mac_384.into_bytes())), Signature),
        ("HMAC-SHA-512".into(), format!("{message}.{}", encode(mac_512.into_bytes())), Signature),
        ("zeros".into(), format!("{message}.{}", encode([0u8; 32])), Signature),
        ("the signature of another payload".into(), format!("{head}.{other_user}.{signature}"), Signature),
        ("parts changed round".into(), format!("{payload}.{head}.{signature}"), Malformed),
        ("half a signature".into(), format!("{message}.{}", signature.split_at(20).0), Signature),
    ]);
}

#[test]
fn token_signed_with_another_algorithm_is_rejected() {
    let signed_384 = {
        let head = with(header(), &json!({ "alg": "HS384" }));
        let message = format!("{}.{}", encode(head.to_string()), encode(claims().to_string()));
        let mac = Hmac::<Sha384>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&message).finalize();
        format!("{message}.{}", encode(mac.into_bytes()))
    };
    let signed_512 = {
        let head = with(header(), &json!({ "alg": "HS512" }));
        let message = format!("{}.{}", encode(head.to_string()), encode(claims().to_string()));
        let mac = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&message).finalize();
        format!("{message}.{}", encode(mac.into_bytes()))
    };
    let unsigned = {
        let head = with(header(), &json!({ "alg": "none" }));
        format!("{}.{}.", encode(head.to_string()), encode(claims().to_string()))
    };
    assert_rejected([
        ("HS384".into(), signed_384, Header),
        ("HS512".into(), signed_512, Header),
        ("none, unsigned".into(), unsigned, Malformed),
    ]);
}

#[test]
fn malformed_token_is_rejected() {
    let good = token(&header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let spaced = format!("{}\n", header());
    let standard = STANDARD_NO_PAD.encode(r#"{"a":">>>???"}"#);
    assert_rejected([
        ("nothing".into(), String::new(), Malformed),
        ("a dot".into(), ".".into(), Malformed),
        ("two dots".into(), "..".into(), Malformed),
        ("three dots".into(), "...".into(), Malformed),
        ("two parts".into(), message.into(), Malformed),
        ("four parts".into(), format!("{good}.{signature}"), Malformed),
        ("a dot before".into(), format!(".{good}"), Malformed),
        ("a dot after".into(), format!("{good}."), Malformed),
        ("the scheme's name".into(), format!("Bearer {good}"), Malformed),
        ("a space after".into(), format!("{good} "), Malformed),
        ("a line after".into(), format!("{good}\n"), Malformed),
        ("NUL after".into(), format!("{good}\0"), Malformed),
        ("not ASCII".into(), format!("{message}.підпис"), Malformed),
        ("padding after the header".into(), format!("{head}==.{payload}.{signature}"), Malformed),
        ("padding after the signature".into(), format!("{good}="), Malformed),
        ("a padded payload, signed".into(), sign(&format!("{head}.{payload}=="), SECRET), Malformed),
        ("the standard alphabet, signed".into(), sign(&format!("{head}.{standard}"), SECRET), Malformed),
        ("a header that is no JSON".into(), token(&"at+jwt", &claims()), Malformed),
        ("a header that is an array".into(), token(&"[]", &claims()), Malformed),
        ("a header with more after it".into(), token(&format!("{spaced}{{}}"), &claims()), Malformed),
        ("claims that are no JSON".into(), token(&header(), &"claims"), Claims),
        ("claims that are an array".into(), token(&header(), &"[]"), Claims),
        ("claims nested without end".into(), token(&header(), &"[".repeat(2000)), Claims),
        ("encrypted (five parts)".into(), format!("{good}.{head}.{head}"), Malformed),
    ]);
}

#[test]
fn token_over_4_kib_is_rejected() {
    let padded = |length: usize| token(&header(), &with(claims(), &json!({ "padding": "x".repeat(length) })));
    let (tokens, _) = service();
    let (most, least) = (padded(2600), padded(2800));
    assert!(most.len() <= 4096 && least.len() > 4096, "{} {}", most.len(), least.len());
    assert_eq!(rejection(&tokens, &most), None);
    assert_eq!(rejection(&tokens, &least), Some(TooLong));
    assert_eq!(rejection(&tokens, &"x".repeat(10_000_000)), Some(TooLong));
}

#[test]
fn token_with_any_changed_character_is_rejected() {
    let (tokens, _) = service();
    let good = token(&header(), &claims());
    assert_eq!(rejection(&tokens, &good), None);
    for (at, original) in good.char_indices() {
        for replacement in "AZaz09-_.".chars().filter(|replacement| *replacement != original) {
            let changed: String = [good.split_at(at).0, good.split_at(at + 1).1].join(&replacement.to_string());
            assert!(rejection(&tokens, &changed).is_some(), "{replacement:?} at {at}");
        }
        assert!(rejection(&tokens, good.split_at(at).0).is_some(), "cut at {at}");
    }
}
