//! Bytes of a body: its media type is checked, and it is read into memory.

use std::future::Future;

use actix_web::{
    FromRequest as _, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue},
    web::{self, Bytes, BytesMut},
};
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use super::arrival::{Arrival, ArrivalMemory, body_timeout, declared_length};
use crate::{
    caller::principal_of,
    concurrency::{LARGE_BODIES, Turn},
    problem::{Code, Problem},
};

/// Bodies of at most this number of bytes need no memory reservation: each costs less than its connection.
const UNRESERVED: usize = 16 * 1024;
/// Memory of all larger bodies while they arrive: 32 MiB, and 8 MiB for slow ones.
static MEMORY: ArrivalMemory = ArrivalMemory::new(32, 8);

/// Rejects a body that is encoded.
pub(super) fn check_encoding(request: &HttpRequest) -> Result<(), Problem> {
    // `identity` is the absence of an encoding (RFC 9110, 8.4.1).
    let is_identity = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if request.headers().get_all(CONTENT_ENCODING).all(is_identity) {
        return Ok(());
    }
    let problem = Problem::new(Code::UnsupportedMediaType).with_detail("Send the body without Content-Encoding.");
    // RFC 9110, 12.5.3: the Accept-Encoding header of a 415 response lists the supported encodings.
    Err(problem.with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

/// Rejects a body that is encoded, or that has another media type than the accepted ones.
pub(super) fn check_media_type(request: &HttpRequest, accepted: &[&str]) -> Result<(), Problem> {
    check_encoding(request)?;
    if accepted.iter().any(|accepted| request.content_type().eq_ignore_ascii_case(accepted)) {
        return Ok(());
    }
    let found = request.headers().get(CONTENT_TYPE).map_or("has no Content-Type", |_| "has another one");
    let detail = format!("Send the body as Content-Type: {}; the request {found}.", accepted.join(" or "));
    let problem = Problem::new(Code::UnsupportedMediaType).with_detail(detail);
    // RFC 9110, 12.5.1: the Accept header of a 415 response lists the supported types.
    Err(match HeaderValue::from_str(&accepted.join(", ")) {
        Ok(value) => problem.with_header(ACCEPT, value),
        Err(_) => problem,
    })
}

/// Returns a future that reads a body of at most `limit` bytes. A large one waits for the turn of its user and for memory.
pub(super) fn body_bytes(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let body = held_body(request, payload, limit);
    async move { Ok(body.await?.bytes) }
}

async fn read_unpaced(payload: web::Payload, limit: usize) -> Result<Bytes, Problem> {
    payload.to_bytes_limited(limit).await.map_err(|_| too_large(limit))?.map_err(|_| incomplete())
}

/// Reads the body, at least at the pace that [`Arrival`] requires or within the memory of slow bodies.
async fn read_paced(mut payload: web::Payload, limit: usize, arrival: &mut Arrival<'_>) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = arrival.next(async || payload.try_next().await).await?.map_err(|_| incomplete())? {
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        arrival.add(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Returns a body of at most `limit` bytes with the memory that it takes, which is held until the body is used.
pub(super) fn held_body(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<HeldBody, Problem>> + use<> {
    let payload = web::Payload::from_request(request, payload);
    let request = request.clone();
    async move {
        let payload = payload.await.map_err(|_| Problem::new(Code::BadRequest))?;
        let max_bytes = declared_length(&request).map_or(limit, |declared| declared.min(limit));
        let time = body_timeout(&request);
        let timed_out = |_| Problem::new(Code::RequestTimeout);
        if max_bytes <= UNRESERVED {
            let bytes = timeout(time, read_unpaced(payload, limit)).await.map_err(timed_out)??;
            return Ok(HeldBody { bytes, _turn: None, _arrival: None });
        }
        // The large bodies of one user arrive one after the other: slow ones delay requests of the same user only.
        let turn = match principal_of(&request) {
            Some(principal) => Some(LARGE_BODIES.take(principal.user.id).await?),
            None => None,
        };
        let mut arrival = MEMORY.admit(max_bytes).await?;
        let bytes = timeout(time, read_paced(payload, limit, &mut arrival)).await.map_err(timed_out)??;
        Ok(HeldBody { bytes, _turn: turn, _arrival: Some(arrival) })
    }
}

/// A body, with the turn of its user and its memory.
pub(super) struct HeldBody {
    pub(super) bytes: Bytes,
    _turn: Option<Turn>,
    _arrival: Option<Arrival<'static>>,
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!("The body must have at most {limit} bytes."))
}

pub(super) fn incomplete() -> Problem {
    Problem::new(Code::BadRequest).with_detail("The body is incomplete.")
}
