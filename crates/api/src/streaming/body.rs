//! Response bodies in pieces.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, MessageBody},
    web::Bytes,
};
use futures_util::Stream;

use crate::concurrency::Turn;

/// Maximum size of a piece in bytes. actix copies a piece into the buffer of its connection when the buffer has room. So
/// the buffer of a client that does not read stays small.
const PIECE: usize = 64 * 1024;

/// The rest of a response could not be read. The connection is closed without the end of the body.
#[derive(Debug)]
pub(super) struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the response was aborted")
    }
}

impl std::error::Error for Aborted {}

/// Further parts of a body. A part is read when the client has taken the one before.
pub(super) type Parts = Pin<Box<dyn Stream<Item = Result<Bytes, Aborted>>>>;

/// Body that is written in pieces.
pub(super) struct Pieces {
    part: Bytes,
    rest: Option<Parts>,
    size: BodySize,
    _held: Option<Turn>,
}

impl Pieces {
    /// Creates the body of a whole text. The turn is held until it is written.
    pub(super) fn whole(text: Bytes, held: Option<Turn>) -> Self {
        let size = BodySize::Sized(text.len() as u64);
        Self { part: text, rest: None, size, _held: held }
    }

    /// Creates a body whose size is not known. Without further parts it ends after the first one.
    pub(super) fn parts(first: Bytes, rest: Option<Parts>) -> Self {
        Self { part: first, rest, size: BodySize::Stream, _held: None }
    }
}

impl MessageBody for Pieces {
    type Error = Aborted;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Aborted>>> {
        // An empty piece would end the body.
        while self.part.is_empty() {
            let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
            match ready!(rest.as_mut().poll_next(context)) {
                Some(Ok(part)) => self.part = part,
                Some(Err(aborted)) => return Poll::Ready(Some(Err(aborted))),
                None => self.rest = None,
            }
        }
        let length = self.part.len().min(PIECE);
        Poll::Ready(Some(Ok(self.part.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use futures_util::{future::poll_fn, stream};

    use super::*;

    async fn pieces(mut body: Pieces) -> Vec<usize> {
        let mut lengths = Vec::new();
        while let Some(piece) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            lengths.push(piece.map_or(0, |piece| piece.len()));
        }
        lengths
    }

    #[actix_web::test]
    async fn pieces_are_small_and_never_empty() {
        let text = || Bytes::from(vec![b'x'; 2 * PIECE + 1]);
        let body = Pieces::whole(text(), None);
        assert_eq!(body.size(), BodySize::Sized(2 * PIECE as u64 + 1));
        assert_eq!(pieces(body).await, [PIECE, PIECE, 1]);
        let further = stream::iter([Bytes::new(), text(), Bytes::from_static(b"end")].map(Ok));
        let body = Pieces::parts(Bytes::from_static(b"begin"), Some(Box::pin(further)));
        assert_eq!(body.size(), BodySize::Stream);
        assert_eq!(pieces(body).await, [5, PIECE, PIECE, 1, 3]);
    }

    #[actix_web::test]
    async fn failure_is_passed_on() {
        let rest = stream::iter([Ok(Bytes::from_static(b"more")), Err(Aborted)]);
        let body = Pieces::parts(Bytes::from_static(b"begin"), Some(Box::pin(rest)));
        assert!(to_bytes(body).await.is_err());
    }
}
