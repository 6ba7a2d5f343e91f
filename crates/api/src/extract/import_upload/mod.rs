//! Upload of a file to import: the body of a request, or the part `file` of a multipart form (RFC 7578).
//!
//! The file is imported while it arrives: [`pieces`] reads it, [`slotted_file`] lets a few parts be imported at once.

mod format;
#[cfg(test)]
pub(super) mod fuzz_tests;
mod pieces;
mod slotted_file;

use std::{future::Future, pin::Pin};

use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{ACCEPT, HeaderValue},
    web::{self, Bytes},
};
use contact_files::{Charset, FileFormat, FileOptions, FileSummary};
use domain::{contact::import::MAX_FILE_BYTES, idempotency::IdempotencyKey, session::Principal};
use futures_util::TryStreamExt as _;
use tokio::{sync::mpsc, time::timeout};

use self::pieces::{ArrivingPieces, Rest, invalid_form, malformed_form, too_large};
pub(crate) use self::slotted_file::SlottedFile;
use super::{
    arrival::{Arrival, ArrivalMemory, body_timeout, declared_length},
    body_bytes::{check_encoding, incomplete},
    body_size,
    idempotent_body::key_of,
    signed_in::Authenticated,
};
use crate::{
    concurrency::{IMPORTS, Turn},
    import_file::ArrivingFile,
    problem::{Code, Problem},
};

/// Memory of the keys of an address book. It counts as bytes of the file that have arrived.
const ADDRESS_BOOK_BYTES: usize = 1024 * 1024;
/// Media types of the body.
const ACCEPTED: &str = "text/vcard, text/csv, multipart/form-data";

/// Memory of arriving files: 80 MiB, for eight of the maximum size, and 32 MiB for slow ones.
static MEMORY: ArrivalMemory = ArrivalMemory::new(80, 32);

/// A file to import, the user who sends it, and the key of the request. Without an authenticated user the file is not
/// read.
pub(crate) struct ImportUpload {
    pub(crate) principal: Principal,
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) file: UploadedFile,
}

/// A file that arrives.
pub(crate) struct UploadedFile {
    pub(crate) format: FileFormat,
    /// Charset that the client names; `None` for an unknown one, too.
    pub(crate) charset: Option<Charset>,
    turn: Turn,
    pieces: ArrivingPieces,
}

impl UploadedFile {
    /// Lets `import` read the file while it arrives. Also returns what is known of the file, and the turn of the user, which
    /// is held until the response is written.
    ///
    /// # Errors
    /// Those of `import`.
    pub(crate) async fn import<T, E>(
        self,
        options: FileOptions,
        import: impl AsyncFnOnce(&mut SlottedFile) -> Result<T, E>,
    ) -> Result<(T, FileSummary, Turn), E> {
        // One piece is read while the next one arrives.
        let (sender, pieces) = mpsc::channel(1);
        let mut file = SlottedFile::new(ArrivingFile::new(options, pieces), self.turn);
        let importing = async {
            let imported = import(&mut file).await;
            // A client that still sends does not read the response.
            file.discard_rest().await;
            imported
        };
        let imported = tokio::select! {
            imported = importing => imported?,
            never = self.pieces.send_to(sender) => match never {},
        };
        let (summary, turn) = file.into_parts();
        Ok((imported, summary, turn))
    }
}

/// Content of a request.
enum Content {
    Body(web::Payload, FileFormat, Option<Charset>),
    Form(Multipart),
}

impl FromRequest for ImportUpload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let authenticated = Authenticated::from_request(request, payload);
        let key = key_of(request.headers());
        let declared = declared_length(request);
        let content = content_of(request, payload);
        let time = body_timeout(request);
        Box::pin(async move {
            let Authenticated(principal) = authenticated.await?;
            let (key, content) = (key?, content.await?);
            let beside_file = if matches!(content, Content::Form(_)) { body_size::IMPORT_FORM } else { 0 };
            if declared.is_some_and(|declared| declared > MAX_FILE_BYTES + beside_file) {
                return Err(too_large());
            }
            let turn = IMPORTS.turn(principal.user.id).await?;
            let mut arrival = MEMORY.admit(declared.unwrap_or(MAX_FILE_BYTES).min(MAX_FILE_BYTES)).await?;
            arrival.add(ADDRESS_BOOK_BYTES)?;
            let Begun { format, charset, first, rest } = match content {
                Content::Body(body, format, charset) => Begun { format, charset, first: None, rest: Rest::Body(body) },
                Content::Form(form) => {
                    let begun = timeout(time, begun_form(form, &mut arrival)).await;
                    begun.map_err(|_| Problem::new(Code::RequestTimeout))??
                }
            };
            let file = UploadedFile { format, charset, turn, pieces: ArrivingPieces { arrival, first, rest, time } };
            Ok(Self { principal, key, file })
        })
    }
}

/// Returns the body or the form.
fn content_of(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Content, Problem>> + use<> {
    let encoding = check_encoding(request);
    let format = format::of_media_type(request.content_type());
    let charset = request.mime_type().ok().flatten().as_ref().and_then(format::charset_of);
    let is_form = request.content_type().eq_ignore_ascii_case("multipart/form-data");
    let form = is_form.then(|| Multipart::from_request(request, payload));
    let body = (!is_form).then(|| web::Payload::from_request(request, payload));
    async move {
        encoding?;
        match (form, body.zip(format)) {
            (Some(form), _) => form.await.map(Content::Form).map_err(|_| malformed_form()),
            (None, Some((body, format))) => {
                body.await.map(|body| Content::Body(body, format, charset)).map_err(|_| incomplete())
            }
            (None, None) => Err(unsupported()),
        }
    }
}

/// The beginning of a file, and the rest of its request.
struct Begun {
    format: FileFormat,
    charset: Option<Charset>,
    /// The first piece, if it was read to find the format.
    first: Option<Bytes>,
    rest: Rest,
}

/// Reads the head of the part `file` and its first piece.
async fn begun_form(mut form: Multipart, arrival: &mut Arrival<'_>) -> Result<Begun, Problem> {
    let part = arrival.next(async || form.try_next().await).await?.map_err(|_| malformed_form())?;
    let mut part = part.ok_or_else(|| invalid_form("missing", "The form must have a part named file."))?;
    if part.name() != Some("file") {
        return Err(invalid_form("unknown-field", "The form must have only one part, named file."));
    }
    let first = arrival.next(async || part.try_next().await).await?.map_err(|_| malformed_form())?;
    arrival.add(first.as_ref().map_or(0, Bytes::len))?;
    let format = format::of_part(&part, first.as_deref().unwrap_or_default());
    let charset = part.content_type().and_then(format::charset_of);
    let part = first.is_some().then(|| Box::new(part));
    Ok(Begun { format, charset, first, rest: Rest::Form(form, part) })
}

fn unsupported() -> Problem {
    let detail =
        "Send the file as Content-Type: text/vcard or text/csv, or as multipart/form-data in a part named file.";
    let problem = Problem::new(Code::UnsupportedMediaType).with_detail(detail);
    // RFC 9110, 12.5.1: the Accept header of a 415 response lists the supported types.
    problem.with_header(ACCEPT, HeaderValue::from_static(ACCEPTED))
}
