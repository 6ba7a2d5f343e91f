//! Response body in pieces.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    convert::Infallible,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, MessageBody},
    web::Bytes,
};

use super::budget::Reservation;

/// Maximum size of a piece in bytes.
pub(super) const PIECE: usize = 32 * 1024;

/// Writer that collects its output in pieces.
#[derive(Default)]
pub(super) struct PieceWriter {
    pieces: VecDeque<Bytes>,
    open: Vec<u8>,
}

impl PieceWriter {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_at(bytes.len().min(PIECE - self.open.len()));
            self.open.extend_from_slice(head);
            bytes = rest;
            if self.open.len() == PIECE {
                let full = std::mem::replace(&mut self.open, Vec::with_capacity(PIECE));
                self.pieces.push_back(full.into());
            }
        }
    }

    pub(super) fn finish(mut self) -> VecDeque<Bytes> {
        if !self.open.is_empty() {
            self.open.shrink_to_fit();
            self.pieces.push_back(self.open.into());
        }
        self.pieces
    }
}

impl io::Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Memory that a body needs, and the reservation for it.
pub(super) struct Claim {
    bytes: Cell<usize>,
    reservation: RefCell<Option<Reservation>>,
}

impl Claim {
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes: Cell::new(bytes), reservation: RefCell::default() }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.get()
    }

    pub(super) fn take(&self, reservation: Reservation) {
        self.reservation.replace(Some(reservation));
    }

    fn release(&self, bytes: usize) {
        if let Some(reservation) = self.reservation.borrow_mut().as_mut() {
            reservation.release(bytes);
        }
    }
}

/// Body whose pieces are freed as they are written.
pub(super) struct Pieces {
    pieces: VecDeque<Bytes>,
    size: u64,
    claim: Option<Rc<Claim>>,
}

impl Pieces {
    pub(super) fn new(pieces: VecDeque<Bytes>, claim: Option<Rc<Claim>>) -> Self {
        let size = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self { pieces, size, claim }
    }

    /// Splits contiguous bytes into pieces. All of them are freed together.
    pub(super) fn of(mut bytes: Bytes, claim: Option<Rc<Claim>>) -> Self {
        let mut pieces = VecDeque::with_capacity(bytes.len() / PIECE + 1);
        while !bytes.is_empty() {
            pieces.push_back(bytes.split_to(bytes.len().min(PIECE)));
        }
        Self::new(pieces, claim)
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let piece = self.pieces.pop_front();
        if let (Some(piece), Some(claim)) = (&piece, &self.claim) {
            claim.release(piece.len());
        }
        Poll::Ready(piece.map(Ok))
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        // The response, and with it the claim, may outlive its body.
        if let Some(claim) = &self.claim {
            claim.reservation.replace(None);
        }
    }
}
