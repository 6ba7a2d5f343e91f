//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is applied once, even when it is sent
//! repeatedly.

use std::borrow::Cow;

use actix_web::{
    FromRequest, HttpRequest, HttpResponseBuilder,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
};
use domain::idempotency::{Fingerprint, IdempotencyKey, Idempotent};
use serde_json::Value;

use super::json_body::{Body, Extracted, decode_and_admit, read_json};
use crate::problem::{Code, Problem};

/// The request header with the key that identifies a request.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The response header of a repeated request: an earlier request with this key was applied, and nothing was done now.
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Adds the header `Idempotency-Replayed` to the response of a repeated request.
pub(crate) fn mark_replay(response: &mut HttpResponseBuilder, is_replay: bool) {
    if is_replay {
        response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
}

/// A body in JSON, and its idempotency key and fingerprint when the client sent a key.
pub(crate) struct IdempotentBody<T>(pub(crate) T, pub(crate) Option<Idempotent>);

impl<T: Body> FromRequest for IdempotentBody<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = key_of(request.headers());
        let operation = format!("{} {}", request.method(), request.path());
        let reading = read_json::<T>(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let key = key?;
            let json = reading.await?;
            let idempotent = key.map(|key| Idempotent { key, fingerprint: fingerprint(&operation, &json) });
            Ok(Self(decode_and_admit(&request, json).await?, idempotent))
        })
    }
}

/// Returns the fingerprint of a request. It ignores white space and the order of fields: parsed maps are sorted.
fn fingerprint(operation: &str, body: &Value) -> Fingerprint {
    Fingerprint::of(operation, body.to_string().as_bytes())
}

pub(super) fn key_of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("must be given once"));
    }
    let text = value.to_str().ok().and_then(unquoted).unwrap_or_default();
    IdempotencyKey::parse(&text).map(Some).map_err(malformed)
}

/// Returns the key without quotes. A client sends it bare, or as the draft requires: a quoted string with quotes and
/// backslashes escaped by a backslash (RFC 9651, 3.3.3). Returns `None` for unbalanced quotes or an invalid escape.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = text.strip_prefix('"') else { return Some(Cow::Borrowed(text)) };
    let mut rest = quoted.strip_suffix('"')?.chars();
    let mut plain = String::with_capacity(quoted.len());
    while let Some(character) = rest.next() {
        plain.push(match character {
            '"' => return None,
            '\\' => rest.next().filter(|escaped| matches!(escaped, '"' | '\\'))?,
            other => other,
        });
    }
    Some(Cow::Owned(plain))
}

fn malformed(reason: impl std::fmt::Display) -> Problem {
    Problem::new(Code::BadRequest).with_detail(format!("Idempotency-Key {reason}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fingerprint, unquoted};

    #[test]
    fn quotes_and_escapes_are_removed() {
        let cases = [
            ("k", Some("k")),
            ("\"k\"", Some("k")),
            ("\"a\\\"b\\\\c\"", Some("a\"b\\c")),
            ("a\"b\\", Some("a\"b\\")),
            ("\"\"", Some("")),
            ("", Some("")),
            ("\"", None),
            ("\"k", None),
            ("\"a\"b\"", None),
            ("\"k\\\"", None),
            ("\"\\k\"", None),
            ("\"k\";p=1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(unquoted(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn fingerprint_depends_on_content_and_not_on_notation() {
        let of = |text: &str| fingerprint("POST /", &serde_json::from_str(text).unwrap());
        let whole = of(r#"{"a": {"x": 1, "y": [1, 2]}, "b": null}"#);
        assert_eq!(whole, of("{\"b\":null,\n\"a\":{\"y\":[1,2],\"x\":1}}"));
        assert_eq!(of(r#"{"a": "\u0041"}"#), of(r#"{"a": "A"}"#));
        for other in [
            r#"{"a":{"x":1,"y":[2,1]},"b":null}"#,
            r#"{"a":{"x":1,"y":[1,2]}}"#,
            r#"{"a":{"x":"1","y":[1,2]},"b":null}"#,
        ] {
            assert_ne!(whole, of(other), "{other}");
        }
        assert_ne!(fingerprint("POST /a", &json!({})), fingerprint("POST /b", &json!({})));
    }
}
