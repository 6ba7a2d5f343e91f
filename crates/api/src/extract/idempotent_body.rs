//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a body that is acted upon once, however often it is
//! sent.

use std::borrow::Cow;

use actix_web::{
    FromRequest, HttpRequest, HttpResponseBuilder,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
};
use domain::idempotency::{Fingerprint, IdempotencyKey, Idempotent};
use serde_json::Value;

use super::json_body::{Body, Extracted, body_of, read_json};
use crate::problem::{Code, Problem};

/// The header that names a request.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says of an answer that nothing was done for it: the request was answered before.
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Tells whether nothing was done for an answer.
pub(crate) fn tell_replay(response: &mut HttpResponseBuilder, is_replay: bool) {
    if is_replay {
        response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
}

/// A body in JSON, and under which key the client wants it to be acted upon once, if it does.
pub(crate) struct IdempotentBody<T>(pub(crate) T, pub(crate) Option<Idempotent>);

impl<T: Body> FromRequest for IdempotentBody<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = key_of(request.headers());
        let operation = format!("{} {}", request.method(), request.path());
        let reading = read_json(request, payload, T::MEDIA_TYPES, T::LIMIT);
        let request = request.clone();
        Box::pin(async move {
            let key = key?;
            let json = reading.await?;
            let idempotent = key.map(|key| Idempotent { key, fingerprint: fingerprint(&operation, &json) });
            Ok(Self(body_of(&request, json).await?, idempotent))
        })
    }
}

/// White space makes no difference, nor does the order of fields: they are read into sorted maps.
fn fingerprint(operation: &str, body: &Value) -> Fingerprint {
    Fingerprint::of(operation, body.to_string().as_bytes())
}

fn key_of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("must be given once"));
    }
    let text = value.to_str().ok().and_then(unquoted).unwrap_or_default();
    IdempotencyKey::parse(&text).map(Some).map_err(malformed)
}

/// What the client chose: as it is, or as the draft has it, a string between quotes in which a backslash stands before
/// quotes and backslashes (RFC 9651, 3.3.3). `None` for quotes that do not match.
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

fn malformed(why: impl std::fmt::Display) -> Problem {
    Problem::new(Code::BadRequest).with_detail(format!("Idempotency-Key {why}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fingerprint, unquoted};

    #[test]
    fn quotes_are_taken_off() {
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
        for (text, wanted) in cases {
            assert_eq!(unquoted(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_of_what_is_said() {
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
