//! A picture in a multipart form (RFC 7578): one part named `file`, and nothing else.

use std::{future::Future, pin::Pin, time::Duration};

use actix_multipart::{Multipart, MultipartError};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header::CONTENT_LENGTH};
use domain::session::Principal;
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use super::{
    SignedIn,
    json_body::body_timeout,
    places::{Place, Places},
};
use crate::problem::{Code, Fault, Problem};

/// A file, and the signed-in user who sends it: nobody else's is read.
pub(crate) struct Upload {
    pub(crate) principal: Principal,
    /// The bytes. Their name and declared type are not looked at: content decides.
    pub(crate) file: Vec<u8>,
    /// Held until the handler has ended: the bytes live so long.
    _place: Place<'static>,
}

/// Uploads under way at once, in all workers: with [`Upload::LIMIT`] a bound on memory (40 MiB).
static PLACES: Places = Places::new(8);
/// How long an upload may wait for its place, unread.
const PATIENCE: Duration = Duration::from_secs(10);

impl Upload {
    /// The greatest number of bytes of the file (5 MiB).
    pub(crate) const LIMIT: usize = 5 * 1024 * 1024;
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_multipart = request.content_type().eq_ignore_ascii_case("multipart/form-data");
        let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let signed_in = SignedIn::from_request(request, payload);
        let multipart = Multipart::from_request(request, payload);
        let patience = body_timeout(request);
        Box::pin(async move {
            let SignedIn(principal) = signed_in.await?;
            if !is_multipart {
                let detail = "Send the picture as Content-Type: multipart/form-data, in a part named file.";
                return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
            }
            // Uploads lie in memory, so only so many may be under way.
            let entering = PLACES.enter(principal.user.id, PATIENCE);
            let place = entering.await.ok_or_else(|| Problem::new(Code::Busy))?;
            let multipart = multipart.await.map_err(|_| malformed())?;
            let reading = timeout(patience, read(multipart, declared.unwrap_or_default())).await;
            let file = reading.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout)))?;
            Ok(Self { principal, file, _place: place })
        })
    }
}

/// `declared` bytes come in all, if that is true: taken at once, since a buffer that grows takes twice its content.
async fn read(mut multipart: Multipart, declared: usize) -> Result<Vec<u8>, Problem> {
    let mut file: Option<Vec<u8>> = None;
    while let Some(mut part) = multipart.try_next().await.map_err(refused)? {
        if part.name() != Some("file") {
            return Err(fault("unknown-field", "The form must have one part, named file."));
        }
        if file.is_some() {
            return Err(fault("repeated", "The form must have one file, not several."));
        }
        let mut bytes = Vec::with_capacity(declared.min(Upload::LIMIT));
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
