//! Large responses, written in pieces within a shared memory budget. Each piece is freed when it is written.
//!
//! actix copies a piece into the buffer of its connection when the buffer has room. When a client does not read, a few
//! pieces are in that buffer, and the rest waits here. A handler makes a large response with [`json`] or [`shared`];
//! `response` reserves the memory of every response in the [`Budget`].

mod body;
mod budget;

use std::{rc::Rc, sync::Arc, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::{BoxBody, MessageBody as _},
    http::header::ContentType,
    web::Bytes,
};
use domain::ids::UserId;
use serde::Serialize;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

pub(crate) use self::budget::Holder;
use self::{
    body::{Claim, PIECE, PieceWriter, Pieces},
    budget::{Budget, Reservation},
};
use crate::{
    concurrency::{Slots, Turn},
    metrics::ResponseMetrics,
    problem::{Code, Problem},
};

/// Bytes of waiting responses in the whole process.
const BUDGET: usize = 64 * 1024 * 1024;
/// Bytes of waiting responses of one client network with more than one response.
const SHARE: usize = 16 * 1024 * 1024;
/// Maximum number of contacts in memory for lists. With 64 KiB of text per contact it bounds the memory before the size
/// of a response is known.
const READ_AT_ONCE: u32 = 1000;
/// Maximum length of a list that does not wait for other lists of the same user.
const SMALL: u32 = 100;
/// Maximum time that a list waits for other lists of the same user, and for memory.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Memory of the large responses of this process.
pub(crate) struct LargeResponses {
    budget: Arc<Budget>,
    turns: Slots,
    reading: Semaphore,
    max_wait: Duration,
    metrics: Arc<ResponseMetrics>,
}

/// Permission to read a list. Must be held until the response is made.
pub(crate) struct Reading<'a> {
    _turn: Option<Turn>,
    _share: SemaphorePermit<'a>,
}

impl LargeResponses {
    pub(crate) fn new(metrics: Arc<ResponseMetrics>) -> Self {
        Self::with_max_wait(MAX_WAIT, metrics)
    }

    fn with_max_wait(max_wait: Duration, metrics: Arc<ResponseMetrics>) -> Self {
        let budget = Arc::new(Budget::new(BUDGET, SHARE, Arc::clone(&metrics)));
        let (turns, reading) = (Slots::new(0, max_wait), Semaphore::new(READ_AT_ONCE as usize));
        Self { budget, turns, reading, max_wait, metrics }
    }

    /// Waits until the user may read `contacts` contacts. Long lists of one user are made one after the other, so that
    /// they do not delay other users.
    ///
    /// # Errors
    /// Returns `Busy` after [`MAX_WAIT`].
    pub(crate) async fn read(&self, user: UserId, contacts: u64) -> Result<Reading<'_>, Problem> {
        let contacts = u32::try_from(contacts).unwrap_or(u32::MAX).clamp(1, READ_AT_ONCE);
        let turn = match contacts {
            ..=SMALL => None,
            _ => Some(self.turns.turn(user).await.inspect_err(|_| self.metrics.rejected())?),
        };
        let share = timeout(self.max_wait, self.reading.acquire_many(contacts)).await.ok().and_then(Result::ok);
        Ok(Reading { _turn: turn, _share: share.ok_or_else(|| self.busy())? })
    }

    /// Reserves the memory of a response in the budget until the response is written. Small responses need none.
    ///
    /// # Errors
    /// Returns `Busy` when not enough memory is left, and the response `is_rejectable`: one that reports a change must be
    /// sent, because the change was made.
    pub(crate) fn claim(
        &self,
        response: HttpResponse,
        holder: Holder,
        is_rejectable: bool,
    ) -> Result<HttpResponse, Problem> {
        let claim = response.extensions().get::<Rc<Claim>>().cloned();
        if let Some(claim) = claim {
            if claim.bytes() > PIECE {
                claim.take(self.reserve(holder, claim.bytes(), is_rejectable)?);
            }
            return Ok(response);
        }
        let (response, body) = response.into_parts();
        match body.try_into_bytes() {
            Ok(bytes) if bytes.len() > PIECE => {
                let claim = Rc::new(Claim::new(bytes.len()));
                claim.take(self.reserve(holder, bytes.len(), is_rejectable)?);
                Ok(response.set_body(BoxBody::new(Pieces::of(bytes, Some(claim)))))
            }
            Ok(bytes) => Ok(response.set_body(BoxBody::new(bytes))),
            Err(body) => Ok(response.set_body(body)),
        }
    }

    fn reserve(&self, holder: Holder, bytes: usize, is_rejectable: bool) -> Result<Reservation, Problem> {
        if is_rejectable {
            self.budget.reserve(holder, bytes).ok_or_else(|| self.busy())
        } else {
            Ok(self.budget.reserve_always(holder, bytes))
        }
    }

    fn busy(&self) -> Problem {
        self.metrics.rejected();
        Problem::new(Code::Busy)
    }
}

/// Returns a JSON response. The view is freed before the response is sent.
pub(crate) fn json(mut response: HttpResponseBuilder, view: impl Serialize) -> Result<HttpResponse, Problem> {
    let mut writer = PieceWriter::default();
    serde_json::to_writer(&mut writer, &view).map_err(|error| Problem::new(Code::Internal).with_cause(error))?;
    drop(view);
    response.content_type(ContentType::json());
    let pieces = writer.finish();
    let claim = Rc::new(Claim::new(pieces.iter().map(Bytes::len).sum()));
    let mut response = response.body(Pieces::new(pieces, Some(Rc::clone(&claim))));
    response.extensions_mut().insert(claim);
    Ok(response)
}

/// Returns a response of bytes that all requests share. They stay in memory anyway, so the budget does not count them.
pub(crate) fn shared(response: &mut HttpResponseBuilder, bytes: Bytes) -> HttpResponse {
    response.body(Pieces::of(bytes, None))
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, pin::Pin};

    use actix_web::body::{BodySize, MessageBody, to_bytes};
    use futures_util::future::poll_fn;

    use domain::client::ClientNetwork;

    use super::*;

    fn client(number: u32) -> Holder {
        Holder::Network(ClientNetwork::of(Some(Ipv4Addr::from_bits(number).into())))
    }

    fn responses() -> LargeResponses {
        LargeResponses::new(Arc::default())
    }

    fn text(bytes: usize) -> HttpResponse {
        HttpResponse::Ok().body("x".repeat(bytes))
    }

    async fn next_piece(body: &mut BoxBody) -> Option<Bytes> {
        poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await.map(|piece| piece.unwrap())
    }

    #[actix_web::test]
    async fn json_written_in_pieces_is_the_same_text() {
        let view: Vec<String> = (0..20_000).map(|number| format!("Олена {number}")).collect();
        let response = json(HttpResponse::Ok(), view.clone()).unwrap();
        assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
        let whole = serde_json::to_vec(&view).unwrap();
        let mut body = responses().claim(response, client(1), true).unwrap().into_body();
        assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));
        let mut joined = Vec::new();
        while let Some(piece) = next_piece(&mut body).await {
            assert!(piece.len() <= PIECE);
            joined.extend_from_slice(&piece);
        }
        assert_eq!(joined, whole);
    }

    #[actix_web::test]
    async fn response_memory_is_released_with_each_piece_sent() {
        let responses = responses();
        let view = || "x".repeat(10 * PIECE);
        let mut body = responses.claim(json(HttpResponse::Ok(), view()).unwrap(), client(1), true).unwrap().into_body();
        assert_eq!(responses.budget.held(), 10 * PIECE + 2);
        next_piece(&mut body).await.unwrap();
        assert_eq!(responses.budget.held(), 9 * PIECE + 2);
        drop(body);
        assert_eq!(responses.budget.held(), 0);

        let plain = responses.claim(text(3 * PIECE), client(1), true).unwrap();
        assert_eq!(responses.budget.held(), 3 * PIECE);
        assert_eq!(to_bytes(plain.into_body()).await.unwrap().len(), 3 * PIECE);
        assert_eq!(responses.budget.held(), 0);
    }

    #[actix_web::test]
    async fn small_and_shared_responses_reserve_nothing() {
        let responses = responses();
        let small = responses.claim(text(PIECE), client(1), true).unwrap();
        let document = shared(&mut HttpResponse::Ok(), Bytes::from(vec![b'x'; 100 * PIECE]));
        let document = responses.claim(document, client(1), true).unwrap();
        assert_eq!(responses.budget.held(), 0);
        assert_eq!(to_bytes(small.into_body()).await.unwrap().len(), PIECE);
        assert_eq!(to_bytes(document.into_body()).await.unwrap().len(), 100 * PIECE);
    }

    #[actix_web::test]
    async fn response_beyond_the_budget_is_rejected_as_busy() {
        let responses = responses();
        let _first = responses.claim(text(SHARE), client(1), true).unwrap();
        let rejected = responses.claim(text(SHARE), client(1), true).err().unwrap();
        assert_eq!(rejected.code(), Code::Busy);
        let _others: Vec<_> =
            (2..5).map(|number| responses.claim(text(SHARE), client(number), true).unwrap()).collect();
        assert!(responses.claim(text(SHARE), client(5), true).is_err());
        assert!(responses.claim(text(100), client(5), true).is_ok(), "a small response is always sent");
    }

    #[actix_web::test]
    async fn long_lists_wait_per_user_and_for_memory() {
        let responses = LargeResponses::with_max_wait(Duration::from_millis(10), Arc::default());
        let [olena, petro, lesia] = [1, 2, 3].map(|number| UserId(uuid::Uuid::from_u128(number)));
        let first = responses.read(olena, 600).await.unwrap();
        assert!(responses.read(olena, 101).await.is_err(), "a second long list of one user");
        drop(responses.read(olena, 100).await.unwrap());
        let second = responses.read(petro, 400).await.unwrap();
        assert!(responses.read(lesia, 1).await.is_err(), "more contacts than may be read at once");
        drop(first);
        let third = responses.read(lesia, 600).await.unwrap();
        drop((second, third));
        assert!(responses.read(olena, u64::MAX).await.is_ok(), "the longest list is read alone");
    }
}
