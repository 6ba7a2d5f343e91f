//! Upload of a picture in a multipart form (RFC 7578) with exactly one part, named `file`.

use std::{future::Future, pin::Pin};

use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{ACCEPT, HeaderValue},
};
use domain::{picture::limits::MAX_UPLOAD_BYTES, session::Principal};
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use super::{
    arrival::{Arrival, ArrivalMemory, body_timeout, declared_length},
    body_bytes::check_encoding,
    signed_in::Authenticated,
};
use crate::{
    concurrency::{Slot, UPLOADS},
    problem::{Code, FieldError, Problem},
};

const FORM: &str = "multipart/form-data";

/// An uploaded file and the user who sent it. Without an authenticated user the file is not read.
pub(crate) struct Upload {
    pub(crate) principal: Principal,
    /// The bytes of the file. The content determines the format; the file name and the declared type are ignored.
    pub(crate) file: Vec<u8>,
    /// Held until the handler returns, because `file` stays in memory until then.
    _arrival: Arrival<'static>,
    _slot: Slot<'static>,
}

/// Memory of arriving uploads: 40 MiB, for eight uploads of the maximum size, and 16 MiB for slow uploads.
pub(super) static MEMORY: ArrivalMemory = ArrivalMemory::new(40, 16);

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = check_form(request);
        let declared = declared_length(request);
        let authenticated = Authenticated::from_request(request, payload);
        let multipart = Multipart::from_request(request, payload);
        let time_limit = body_timeout(request);
        Box::pin(async move {
            let Authenticated(principal) = authenticated.await?;
            accepted?;
            let turn = UPLOADS.turn(principal.user.id).await?;
            // A file is shorter than its form. Without a declared length the file may have the maximum size.
            let max_bytes = declared.unwrap_or(MAX_UPLOAD_BYTES).min(MAX_UPLOAD_BYTES);
            let mut arrival = MEMORY.admit(max_bytes).await?;
            let multipart = multipart.await.map_err(|_| malformed())?;
            let reading = timeout(time_limit, read(multipart, max_bytes, &mut arrival)).await;
            let file = reading.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout)))?;
            let slot = UPLOADS.enter(turn).await?;
            Ok(Self { principal, file, _arrival: arrival, _slot: slot })
        })
    }
}

/// Rejects a body that is no form.
fn check_form(request: &HttpRequest) -> Result<(), Problem> {
    check_encoding(request)?;
    if request.content_type().eq_ignore_ascii_case(FORM) {
        return Ok(());
    }
    let detail = "Send the picture as Content-Type: multipart/form-data, in a part named file.";
    let problem = Problem::new(Code::UnsupportedMediaType).with_detail(detail);
    Err(problem.with_header(ACCEPT, HeaderValue::from_static(FORM)))
}

/// Reads the file, of at most `max_bytes`. The buffer is allocated at once: a growing one needs twice its content.
pub(super) async fn read(
    mut multipart: Multipart,
    max_bytes: usize,
    arrival: &mut Arrival<'_>,
) -> Result<Vec<u8>, Problem> {
    let mut file: Option<Vec<u8>> = None;
    while let Some(mut part) = arrival.next(async || multipart.try_next().await).await?.map_err(|_| malformed())? {
        if part.name() != Some("file") {
            return Err(invalid_form("unknown-field", "The form must have only one part, named file."));
        }
        if file.is_some() {
            return Err(invalid_form("repeated", "The form must have one part named file, not several."));
        }
        let mut bytes = Vec::with_capacity(max_bytes);
        while let Some(chunk) = arrival.next(async || part.try_next().await).await?.map_err(|_| malformed())? {
            if bytes.len() + chunk.len() > MAX_UPLOAD_BYTES {
                let detail = format!("The file must have at most {MAX_UPLOAD_BYTES} bytes.");
                return Err(Problem::new(Code::BodyTooLarge).with_detail(detail));
            }
            arrival.add(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        file = Some(bytes);
    }
    file.ok_or_else(|| invalid_form("missing", "The form must have a part named file."))
}

fn invalid_form(code: &'static str, detail: &str) -> Problem {
    Problem::body(vec![FieldError::new("/file".to_owned(), code, detail.to_owned())])
}

fn malformed() -> Problem {
    Problem::new(Code::BadRequest).with_detail("The multipart form is truncated or malformed.")
}
