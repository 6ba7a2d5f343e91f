//! A picture in a multipart form (RFC 7578): one part named `file`, and nothing else.

use std::{future::Future, pin::Pin, time::Duration};

use actix_multipart::{Multipart, MultipartError};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use domain::session::Principal;
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use super::{
    SignedIn,
    arrival::{Arrival, ArrivalMemory},
    concurrency::{Slot, Slots},
    json_body::{body_timeout, declared_length},
};
use crate::problem::{Code, Fault, Problem};

/// A file, and the signed-in user who sends it: nobody else's is read.
pub(crate) struct Upload {
    pub(crate) principal: Principal,
    /// The bytes. Their name and declared type are not looked at: content decides.
    pub(crate) file: Vec<u8>,
    /// Held until the handler has ended: the bytes live so long.
    _arrival: Arrival<'static>,
    _slot: Slot<'static>,
}

/// Memory for uploads: eight of the greatest that keep the pace, and what has arrived of slow ones.
static MEMORY: ArrivalMemory = ArrivalMemory::new(40, 16);
/// Uploads at work at once, in all workers, once they have arrived.
static SLOTS: Slots = Slots::new(8, Duration::from_secs(10));

impl Upload {
    /// The greatest number of bytes of the file (5 MiB).
    pub(crate) const LIMIT: usize = 5 * 1024 * 1024;
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_multipart = request.content_type().eq_ignore_ascii_case("multipart/form-data");
        let declared = declared_length(request);
        let signed_in = SignedIn::from_request(request, payload);
        let multipart = Multipart::from_request(request, payload);
        let patience = body_timeout(request);
        Box::pin(async move {
            let SignedIn(principal) = signed_in.await?;
            if !is_multipart {
                let detail = "Send the picture as Content-Type: multipart/form-data, in a part named file.";
                return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
            }
            let turn = SLOTS.turn(principal.user.id).await?;
            // A file is shorter than its form. Without a declared length it may be as long as any.
            let longest = declared.unwrap_or(Self::LIMIT).min(Self::LIMIT);
            let mut arrival = MEMORY.admit(longest).await?;
            let multipart = multipart.await.map_err(|_| malformed())?;
            let reading = timeout(patience, read(multipart, longest, &mut arrival)).await;
            let file = reading.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout)))?;
            let slot = SLOTS.enter(turn).await?;
            Ok(Self { principal, file, _arrival: arrival, _slot: slot })
        })
    }
}

/// Reads the file, of `longest` bytes at most. The buffer is made at once: one that grows takes twice its content.
async fn read(mut multipart: Multipart, longest: usize, arrival: &mut Arrival<'_>) -> Result<Vec<u8>, Problem> {
    let mut file: Option<Vec<u8>> = None;
    while let Some(mut part) = arrival.next(async || multipart.try_next().await).await?.map_err(refused)? {
        if part.name() != Some("file") {
            return Err(fault("unknown-field", "The form must have one part, named file."));
        }
        if file.is_some() {
            return Err(fault("repeated", "The form must have one file, not several."));
        }
        let mut bytes = Vec::with_capacity(longest);
        while let Some(chunk) = arrival.next(async || part.try_next().await).await?.map_err(refused)? {
            if bytes.len() + chunk.len() > Upload::LIMIT {
                let detail = format!("The file must have at most {} bytes.", Upload::LIMIT);
                return Err(Problem::new(Code::BodyTooLarge).with_detail(detail));
            }
            arrival.add(chunk.len())?;
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
