//! Request bodies in JSON.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use deserr::Deserr;
use domain::{account::Email, ids::SessionId};
use serde_json::Value;

use super::{
    body_bytes::{body_bytes, check_media_type},
    body_errors::BodyErrors,
    body_size,
};
use crate::{
    limits::{Named, admit_body},
    problem::{Code, FieldError, Problem},
};

/// A JSON or form body with its size limit and media types.
pub(crate) trait Body: Deserr<BodyErrors> + 'static {
    /// The maximum number of bytes.
    const LIMIT: usize = body_size::JSON;
    /// The accepted media types.
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];

    /// Returns the account that the body names, for rate limits by account.
    fn account(&self) -> Option<&Email> {
        None
    }

    /// Returns the session that the body names, for rate limits by session.
    fn session(&self) -> Option<SessionId> {
        None
    }
}

/// A body in JSON. Its extraction includes the rate limits that depend on the body.
pub(crate) struct JsonBody<T>(pub(crate) T);

pub(super) type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<T: Body> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = read_json::<T>(request, payload);
        let request = request.clone();
        Box::pin(async move { Ok(Self(decode_and_admit(&request, json.await?).await?)) })
    }
}

/// Reads and parses the body as JSON, without validating its fields.
pub(super) fn read_json<T: Body>(request: &HttpRequest, payload: &mut Payload) -> Extracted<Value> {
    let accepted = check_media_type(request, T::MEDIA_TYPES);
    let bytes = body_bytes(request, payload, T::LIMIT);
    Box::pin(async move {
        accepted?;
        parse(&bytes.await?)
    })
}

pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    // RFC 8259, 8.1: a parser may ignore a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        let position = format!("line {}, column {}", error.line(), error.column());
        Problem::new(Code::MalformedJson).with_detail(format!("The body is not valid JSON in UTF-8: see {position}."))
    })
}

/// Validates the fields of the body and applies the rate limits that depend on them.
pub(super) async fn decode_and_admit<T: Body>(request: &HttpRequest, json: Value) -> Result<T, Problem> {
    let body = deserr::deserialize::<T, Value, BodyErrors>(json)
        .map_err(|errors| Problem::body(sorted(errors.into_errors())))?;
    admit_body(request, Named { account: body.account(), session: body.session() }).await?;
    Ok(body)
}

/// Sorts by pointer, so that the same request always gets the errors in the same order.
fn sorted(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.sort_by(|left, right| left.pointer.cmp(&right.pointer));
    errors
}
