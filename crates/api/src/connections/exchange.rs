//! One request and its response, linked to the progress of their connection.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{
    BoxedPayloadStream, ConnectionType, Payload, Request, Response,
    body::{BodySize, BoxBody, MessageBody},
    error::PayloadError,
};
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::Instant;

use super::progress::Progress;

/// Request in progress.
pub(super) struct Exchange {
    progress: Option<Rc<Progress>>,
    /// Body of the request, held until the response has ended. Then actix detects an unread body and closes the
    /// connection after a short drain. If the body is dropped earlier, actix reads its chunks without a time limit.
    _payload: Option<SharedPayload>,
    closes: bool,
}

impl Exchange {
    /// Records that the head of a request is complete.
    pub(super) fn begin(request: &mut Request) -> Self {
        let progress = request.conn_data::<Rc<Progress>>().cloned();
        if let Some(progress) = &progress {
            progress.request_began(Instant::now());
        }
        let closes = request.head().connection_type() == ConnectionType::Close;
        let payload = match request.take_payload() {
            Payload::None => None,
            payload => {
                let payload = SharedPayload { payload: Rc::new(RefCell::new(payload)), progress: progress.clone() };
                let stream: BoxedPayloadStream = Box::pin(payload.clone());
                *request.payload() = Payload::from(stream);
                Some(payload)
            }
        };
        Self { progress, _payload: payload, closes }
    }

    /// Attaches the exchange to the body of its response.
    pub(super) fn respond<B: MessageBody + 'static>(mut self, response: Response<B>) -> Response<BoxBody> {
        self.closes |= response.head().connection_type() == ConnectionType::Close;
        if let Some(progress) = &self.progress {
            progress.response_began(Instant::now());
        }
        response.map_body(|_, body| BoxBody::new(ResponseBody { body: body.boxed(), _exchange: self }))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(progress) = &self.progress {
            progress.response_ended(self.closes, Instant::now());
        }
    }
}

/// Body of a request, shared by the handler and the [`Exchange`].
#[derive(Clone)]
struct SharedPayload {
    payload: Rc<RefCell<Payload>>,
    progress: Option<Rc<Progress>>,
}

impl Stream for SharedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut *self.payload.borrow_mut()).poll_next(context);
        if let Some(progress) = &self.progress {
            if next.is_pending() {
                progress.awaits_body(Instant::now());
            } else {
                progress.body_moved(Instant::now());
            }
        }
        next
    }
}

/// Body of a response. Dropped when all of it was produced.
struct ResponseBody {
    body: BoxBody,
    _exchange: Exchange,
}

impl MessageBody for ResponseBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
