//! Responses that are sent while they are read, so that their size needs no memory.
//!
//! A part of a document is written into a buffer of about 96 KiB. The next one is read when the client has taken it: a
//! client that does not read costs one buffer. A document that fits into the first buffer has a `Content-Length`.

mod body;
mod document;

use std::rc::Rc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{Method, header::ContentType},
    web::{self, Bytes},
};
use domain::{Ports, ids::UserId};
use futures_util::stream;
use tracing::{Instrument as _, Span};

use self::body::{Aborted, Pieces};
pub(crate) use self::document::Document;
use crate::{
    app_state::AppState,
    concurrency::Turn,
    dto::{json::JsonWriter, part_text::PartText as _},
    heavy_search::run_search,
    problem::Problem,
    telemetry,
};

/// Number of bytes from which on a buffer is sent. One more part has been added by then, so a buffer has about 96 KiB.
const FULL: usize = 48 * 1024;

/// Reads the parts of one response, within the limits of its user and of the process.
pub(crate) struct PartReader {
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    user: UserId,
    is_heavy_search: bool,
    is_head: bool,
    /// Server span of the request.
    trace: Span,
    /// Span with the fields of log lines.
    log: Span,
}

/// A document that is not complete, and its writer.
type Rest<D> = Option<(<D as Document>::Text, D)>;

impl PartReader {
    pub(crate) fn new(
        request: &HttpRequest,
        ports: web::Data<Ports>,
        state: web::Data<AppState>,
        user: UserId,
    ) -> Self {
        let is_head = request.method() == Method::HEAD;
        let (trace, log) = (telemetry::span_of(request), Span::current());
        Self { ports, state, user, is_heavy_search: false, is_head, trace, log }
    }

    /// Reads each part in the turn of heavy searches, if this is one.
    pub(crate) fn with_search(self, is_heavy: bool) -> Self {
        Self { is_heavy_search: is_heavy, ..self }
    }

    /// Returns the response with a JSON document that was begun.
    ///
    /// # Errors
    /// Errors of the first part. After a later one the connection is closed, and the cause is logged.
    pub(crate) async fn respond<D: Document<Text = JsonWriter>>(
        self,
        json: JsonWriter,
        document: D,
    ) -> Result<HttpResponse, Problem> {
        let mut response = HttpResponse::Ok();
        response.content_type(ContentType::json());
        self.respond_with(response, json, document).await
    }

    /// Returns this response with a document that was begun.
    ///
    /// # Errors
    /// Errors of the first part. After a later one the connection is closed, and the cause is logged.
    pub(crate) async fn respond_with<D: Document>(
        self,
        mut response: HttpResponseBuilder,
        text: D::Text,
        document: D,
    ) -> Result<HttpResponse, Problem> {
        let is_head = self.is_head;
        let reader = Rc::new(self);
        let (part, rest) = Rc::clone(&reader).read(text, document, true).await?;
        let body = match rest {
            None => Pieces::whole(part, None),
            // The client wants the head only.
            Some(_) if is_head => Pieces::parts(Bytes::new(), None),
            Some(rest) => Pieces::parts(
                part,
                Some(Box::pin(stream::try_unfold(Some(rest), move |rest| Rc::clone(&reader).next(rest)))),
            ),
        };
        Ok(response.body(body))
    }

    /// Returns the next buffer and the rest; `None` when the document is complete.
    async fn next<D: Document>(self: Rc<Self>, rest: Rest<D>) -> Result<Option<(Bytes, Rest<D>)>, Aborted> {
        let Some((text, document)) = rest else { return Ok(None) };
        let (log, trace) = (self.log.clone(), self.trace.clone());
        let reading = async move {
            let aborted = |problem: Problem| {
                let (code, cause) = (problem.code().as_str(), problem.cause());
                tracing::error!(code, cause, "response aborted");
                Aborted
            };
            self.read(text, document, false).await.map(Some).map_err(aborted)
        };
        reading.instrument(log).instrument(trace).await
    }

    /// Reads and writes the next part. A heavy search waits for the turn of its user, and for a slot.
    async fn read<D: Document>(
        self: Rc<Self>,
        text: D::Text,
        document: D,
        is_first: bool,
    ) -> Result<(Bytes, Rest<D>), Problem> {
        let (trace, user, is_heavy) = (self.trace.clone(), self.user, self.is_heavy_search);
        let filling = async move { self.fill(text, document, is_first).await };
        let (mut text, rest) = run_search(trace, user, is_heavy, filling).await??;
        Ok((text.take(), rest.map(|document| (text, document))))
    }

    /// Reads and writes until the buffer is full or the document complete. Each read waits for its share of the contacts
    /// in memory; the further ones of a user wait for each other, too.
    async fn fill<D: Document>(
        &self,
        mut text: D::Text,
        mut document: D,
        is_first: bool,
    ) -> Result<(D::Text, Option<D>), Problem> {
        loop {
            let (limits, contacts) = (&self.state.read_limits, document.next_contacts());
            let reading = if is_first {
                limits.first_part(contacts).await?
            } else {
                limits.further_part(self.user, contacts).await?
            };
            let rest = document.write_next(&self.ports, &mut text).await?;
            drop(reading);
            match rest {
                Some(rest) if text.size() < FULL => document = rest,
                rest => return Ok((text, rest)),
            }
        }
    }
}

/// Returns a response of JSON that is in memory. The turn is held until it is written.
pub(crate) fn whole(mut response: HttpResponseBuilder, mut json: JsonWriter, turn: Turn) -> HttpResponse {
    response.content_type(ContentType::json()).body(Pieces::whole(json.take(), Some(turn)))
}

/// Returns a response of bytes that all requests share.
pub(crate) fn shared(response: &mut HttpResponseBuilder, bytes: Bytes) -> HttpResponse {
    response.body(Pieces::whole(bytes, None))
}
