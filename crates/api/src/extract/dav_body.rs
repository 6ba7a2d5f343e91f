//! Bodies of CardDAV: XML, and a card.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Bytes};

use super::body_bytes::{HeldBody, body_bytes, check_encoding, held_body};
use crate::problem::Problem;

/// Maximum number of bytes of a sent card, with its photo.
pub(crate) const MAX_CARD_BYTES: usize = 4 << 20;

/// The XML of a request, in any media type: clients send several. It is not encoded.
pub(crate) struct XmlBody(pub(crate) Bytes);

impl FromRequest for XmlBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = check_encoding(request);
        let body = body_bytes(request, payload, carddav::MAX_BODY_BYTES);
        Box::pin(async move {
            accepted?;
            body.await.map(Self)
        })
    }
}

/// A card, which is not encoded. Its memory is held until the handler returns, because the picture inside is decoded from
/// it.
pub(crate) struct CardBody {
    pub(crate) bytes: Bytes,
    _held: HeldBody,
}

impl FromRequest for CardBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = check_encoding(request);
        let body = held_body(request, payload, MAX_CARD_BYTES);
        Box::pin(async move {
            accepted?;
            let held = body.await?;
            Ok(Self { bytes: held.bytes.clone(), _held: held })
        })
    }
}
