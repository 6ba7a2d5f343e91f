//! The pieces of an imported file, as they arrive.

use std::{convert::Infallible, time::Duration};

use actix_multipart::{Field, Multipart};
use actix_web::web::{self, Bytes};
use domain::contact::import::MAX_FILE_BYTES;
use futures_util::TryStreamExt as _;
use tokio::{sync::mpsc, time::timeout};

use super::super::{arrival::Arrival, body_bytes::incomplete};
use crate::problem::{Code, FieldError, Problem};

/// Maximum time for the whole import. A slow line needs some minutes for 10 MiB.
const MAX_TIME: Duration = Duration::from_secs(30 * 60);

/// A file that arrives, within the memory of arriving files.
pub(super) struct ArrivingPieces {
    pub(super) arrival: Arrival<'static>,
    /// The first piece, if it was read to find the format.
    pub(super) first: Option<Bytes>,
    pub(super) rest: Rest,
    /// Maximum time for the next piece.
    pub(super) time: Duration,
}

/// The rest of the file.
pub(super) enum Rest {
    Body(web::Payload),
    /// A form with its part, until that was read.
    Form(Multipart, Option<Box<Field>>),
}

impl ArrivingPieces {
    /// Sends all pieces, and waits forever then: the memory stays reserved until the import ends.
    pub(super) async fn send_to(mut self, sender: mpsc::Sender<Result<Bytes, Problem>>) -> Infallible {
        let outcome = timeout(MAX_TIME, self.send_pieces(&sender)).await;
        if let Err(problem) = outcome.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout))) {
            // Fails only when the import has ended.
            let _ = sender.send(Err(problem)).await;
        }
        drop(sender);
        std::future::pending().await
    }

    async fn send_pieces(&mut self, sender: &mpsc::Sender<Result<Bytes, Problem>>) -> Result<(), Problem> {
        let mut total = 0;
        while let Some(piece) = self.next().await? {
            total += piece.len();
            if total > MAX_FILE_BYTES {
                return Err(too_large());
            }
            if sender.send(Ok(piece)).await.is_err() {
                break;
            }
            // While a part was imported, nothing was read.
            self.arrival.resume();
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let rest = &mut self.rest;
        let next = timeout(self.time, self.arrival.next(async || rest.next().await)).await;
        let piece = next.map_err(|_| Problem::new(Code::RequestTimeout))???;
        self.arrival.add(piece.as_ref().map_or(0, Bytes::len))?;
        Ok(piece)
    }
}

impl Rest {
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let (form, part) = match self {
            Self::Body(body) => return body.try_next().await.map_err(|_| incomplete()),
            Self::Form(form, part) => (form, part),
        };
        if let Some(reading) = part {
            let piece = reading.try_next().await.map_err(|_| malformed_form())?;
            if piece.is_some() {
                return Ok(piece);
            }
            // This call may be cancelled below, and a part must not be read after its end.
            *part = None;
        }
        match form.try_next().await.map_err(|_| malformed_form())? {
            Some(_) => Err(invalid_form("repeated", "The form must have one part named file, not several.")),
            None => Ok(None),
        }
    }
}

pub(super) fn too_large() -> Problem {
    let detail = format!("The file must have at most {} MiB; divide it.", MAX_FILE_BYTES / (1024 * 1024));
    Problem::new(Code::BodyTooLarge).with_detail(detail)
}

pub(super) fn invalid_form(code: &'static str, detail: &str) -> Problem {
    Problem::body(vec![FieldError::new("/file".to_owned(), code, detail.to_owned())])
}

pub(super) fn malformed_form() -> Problem {
    Problem::new(Code::BadRequest).with_detail("The multipart form is truncated or malformed.")
}
