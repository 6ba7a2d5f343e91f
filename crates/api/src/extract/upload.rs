//! A picture in a multipart form (RFC 7578): one part named `file`, and nothing else.

use std::{future::Future, pin::Pin};

use actix_multipart::{Multipart, MultipartError};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use futures_util::TryStreamExt as _;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::json_body::body_timeout;
use crate::problem::{Code, Fault, Problem};

/// The bytes of the file. Its name and declared type are not looked at: content decides.
pub(crate) struct Upload {
    pub(crate) file: Vec<u8>,
    /// Held until the handler has ended: the bytes live so long.
    _place: SemaphorePermit<'static>,
}

/// Uploads under way at once, in all workers: with [`Upload::LIMIT`] a bound on memory (80 MiB).
static PLACES: Semaphore = Semaphore::const_new(16);

impl Upload {
    /// The greatest number of bytes of the file (5 MiB).
    pub(crate) const LIMIT: usize = 5 * 1024 * 1024;
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_multipart = request.content_type().eq_ignore_ascii_case("multipart/form-data");
        let multipart = Multipart::from_request(request, payload);
        let patience = body_timeout(request);
        Box::pin(async move {
            if !is_multipart {
                let detail = "Send the picture as Content-Type: multipart/form-data, in a part named file.";
                return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
            }
            // Uploads wait in memory, so only so many may be under way.
            let place = PLACES.try_acquire().map_err(|_| Problem::new(Code::Busy))?;
            let multipart = multipart.await.map_err(|_| malformed())?;
            let read = timeout(patience, read(multipart)).await;
            read.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout))).map(|file| Self { file, _place: place })
        })
    }
}

async fn read(mut multipart: Multipart) -> Result<Vec<u8>, Problem> {
    let mut file: Option<Vec<u8>> = None;
    while let Some(mut part) = multipart.try_next().await.map_err(refused)? {
        if part.name() != Some("file") {
            return Err(fault("unknown-field", "The form must have one part, named file."));
        }
        if file.is_some() {
            return Err(fault("repeated", "The form must have one file, not several."));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(refused)? {
            if bytes.len() + chunk.len() > Upload::LIMIT {
                let detail = format!("The file must have at most {} bytes.", Upload::LIMIT);
                return Err(Problem::new(Code::BodyTooLarge).with_detail(detail));
            }
            bytes.extend_from_slice(&chunk);
        }
        file = Some(bytes);
    }
    file.ok_or_else(|| fault("missing", "The form must have a part named file."))
}

fn fault(code: &'static str, detail: &str) -> Problem {
    Problem::body(vec![Fault::of_form("/file".to_owned(), code, detail.to_owned())])
}

fn refused(_: MultipartError) -> Problem {
    malformed()
}

fn malformed() -> Problem {
    Problem::new(Code::BadRequest).with_detail("The multipart form is cut off or malformed.")
}
