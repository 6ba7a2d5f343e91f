//! Request bodies in JSON, and as forms.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    web,
};
use deserr::Deserr;
use domain::{account::Email, ids::SessionId};
use futures_util::TryStreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    arrival::{Arrival, ArrivalMemory},
    body_errors::BodyErrors,
};
use crate::{
    caller::principal_of,
    concurrency::LARGE_BODIES,
    limits::{Named, admit_body},
    problem::{Code, FieldError, Problem},
    settings::{Settings, Timeouts},
};

/// The maximum number of bytes of a form of an HTML page.
const FORM_LIMIT: usize = 16 * 1024;

/// Bodies of at most this number of bytes need no memory reservation: each costs less than its connection.
const UNRESERVED_LIMIT: usize = 16 * 1024;
/// Memory of all larger bodies while they arrive: 32 MiB, and 8 MiB for slow ones.
static MEMORY: ArrivalMemory = ArrivalMemory::new(32, 8);

const FORM: &str = "application/x-www-form-urlencoded";

/// A JSON or form body with its size limit and media types.
pub(crate) trait Body: Deserr<BodyErrors> + 'static {
    /// The maximum number of bytes.
    const LIMIT: usize = 16 * 1024;
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

/// A body in JSON.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A body in JSON, or a form whose fields are strings. Unknown fields of the form are ignored: OAuth 2 clients send
/// `grant_type` and `scope`.
pub(crate) enum FormOrJson<F, J> {
    Form(F),
    Json(J),
}

pub(super) type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<T: Body> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = read_json(request, payload, T::MEDIA_TYPES, T::LIMIT);
        let request = request.clone();
        Box::pin(async move { Ok(Self(decode_and_admit(&request, reading.await?).await?)) })
    }
}

/// Reads and parses the body as JSON, without validating its fields.
pub(super) fn read_json(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &[&str],
    limit: usize,
) -> Extracted<Value> {
    let accepted = check_media_type(request, media_types);
    let payload = web::Payload::from_request(request, payload);
    let request = request.clone();
    Box::pin(async move {
        accepted?;
        parse(&read_payload(&request, payload.await, limit).await?)
    })
}

/// Validates the fields of the body and applies the rate limits that depend on them.
pub(super) async fn decode_and_admit<T: Body>(request: &HttpRequest, json: Value) -> Result<T, Problem> {
    let body: T = decode(json)?;
    admit_body(request, named(&body)).await?;
    Ok(body)
}

fn named<T: Body>(body: &T) -> Named<'_> {
    Named { account: body.account(), session: body.session() }
}

impl<F: Body, J: Body> FromRequest for FormOrJson<F, J> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case(FORM);
        let accepted = if is_form { Ok(()) } else { check_media_type(request, &["application/json", FORM]) };
        let payload = web::Payload::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            accepted?;
            let bytes = read_payload(&request, payload.await, J::LIMIT).await?;
            if is_form {
                let form: F = decode(form_fields(&bytes))?;
                admit_body(&request, named(&form)).await?;
                Ok(Self::Form(form))
            } else {
                let json: J = decode(parse(&bytes)?)?;
                admit_body(&request, named(&json)).await?;
                Ok(Self::Json(json))
            }
        })
    }
}

/// A form of an HTML page.
pub(crate) trait Form: DeserializeOwned + 'static {
    /// Returns the account that the form names, for rate limits by account. `None` when its e-mail address is malformed.
    fn account(&self) -> Option<Email> {
        None
    }
}

/// The extractor of a form of an HTML page. Unknown fields are ignored.
pub(crate) struct FormOf<T>(pub(crate) T);

impl<T: Form> FromRequest for FormOf<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = check_media_type(request, &[FORM]);
        let payload = web::Payload::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            accepted?;
            let bytes = read_payload(&request, payload.await, FORM_LIMIT).await?;
            let form: T = serde_json::from_value(form_fields(&bytes)).map_err(|_| Problem::new(Code::BadRequest))?;
            admit_body(&request, Named { account: form.account().as_ref(), session: None }).await?;
            Ok(Self(form))
        })
    }
}

/// Parses the fields of a form. Of a repeated field the last value is used.
fn form_fields(bytes: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(bytes);
    fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
}

/// The maximum time for the body of a request to arrive.
pub(super) fn body_timeout(request: &HttpRequest) -> Duration {
    let settings = request.app_data::<web::Data<Settings>>();
    settings.map_or(Timeouts::default().body, |settings| settings.timeouts.body)
}

async fn read_payload(
    request: &HttpRequest,
    payload: Result<web::Payload, actix_web::Error>,
    limit: usize,
) -> Result<web::Bytes, Problem> {
    let payload = payload.map_err(|_| Problem::new(Code::BadRequest))?;
    let max_bytes = declared_length(request).map_or(limit, |declared| declared.min(limit));
    let received = if max_bytes <= UNRESERVED_LIMIT {
        timeout(body_timeout(request), read_unpaced(payload, limit)).await
    } else {
        // The large bodies of one user arrive one after the other: slow ones delay requests of the same user only.
        let _turn = match principal_of(request) {
            Some(principal) => Some(LARGE_BODIES.take(principal.user.id).await?),
            None => None,
        };
        let mut arrival = MEMORY.admit(max_bytes).await?;
        timeout(body_timeout(request), read_paced(payload, limit, &mut arrival)).await
    };
    received.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout)))
}

async fn read_unpaced(payload: web::Payload, limit: usize) -> Result<web::Bytes, Problem> {
    payload.to_bytes_limited(limit).await.map_err(|_| too_large(limit))?.map_err(|_| incomplete())
}

/// Reads the body, at least at the pace that [`Arrival`] requires or within the memory of slow bodies.
async fn read_paced(mut payload: web::Payload, limit: usize, arrival: &mut Arrival<'_>) -> Result<web::Bytes, Problem> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = arrival.next(async || payload.try_next().await).await?.map_err(|_| incomplete())? {
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        arrival.add(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!("The body must have at most {limit} bytes."))
}

pub(super) fn incomplete() -> Problem {
    Problem::new(Code::BadRequest).with_detail("The body is incomplete.")
}

/// Returns the `Content-Length` of the request, if present.
pub(super) fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn check_media_type(request: &HttpRequest, accepted: &[&str]) -> Result<(), Problem> {
    // `identity` is the absence of an encoding (RFC 9110, 8.4.1).
    let is_identity = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if !request.headers().get_all(CONTENT_ENCODING).all(is_identity) {
        let detail = "Send the body without Content-Encoding.";
        return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
    }
    if accepted.iter().any(|accepted| request.content_type().eq_ignore_ascii_case(accepted)) {
        return Ok(());
    }
    let found = request.headers().get(CONTENT_TYPE).map_or("has no Content-Type", |_| "has another one");
    let detail = format!("Send the body as Content-Type: {}; the request {found}.", accepted.join(" or "));
    let problem = Problem::new(Code::UnsupportedMediaType).with_detail(detail);
    // RFC 9110, 12.5.1: the Accept header of a 415 response lists the supported types.
    Err(match HeaderValue::from_str(&accepted.join(", ")) {
        Ok(value) => problem.with_header(actix_web::http::header::ACCEPT, value),
        Err(_) => problem,
    })
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    // RFC 8259, 8.1: a parser may ignore a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        let position = format!("line {}, column {}", error.line(), error.column());
        Problem::new(Code::MalformedJson).with_detail(format!("The body is not valid JSON in UTF-8: see {position}."))
    })
}

fn decode<T: Body>(value: Value) -> Result<T, Problem> {
    deserr::deserialize::<T, Value, BodyErrors>(value).map_err(|errors| Problem::body(sorted(errors.into_errors())))
}

/// Sorts by pointer, so that the same request always gets the errors in the same order.
fn sorted(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.sort_by(|left, right| left.pointer.cmp(&right.pointer));
    errors
}
