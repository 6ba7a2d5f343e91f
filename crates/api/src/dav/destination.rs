//! Destination of a MOVE (RFC 4918, 9.9).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use carddav::{Precondition, Resource};
use domain::contact::card_resource::CardName;

use super::{error::DavError, target::invalid_name};
use crate::{
    caller::principal_of,
    problem::{Code, Problem},
};

/// Destination of a MOVE: a card of the same address book.
pub(super) struct Destination {
    pub(super) name: CardName,
    /// True when a card that has the name is replaced. The default (RFC 4918, 10.6).
    pub(super) overwrite: bool,
}

impl FromRequest for Destination {
    type Error = DavError;
    type Future = Ready<Result<Self, DavError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(destination_of(request))
    }
}

fn destination_of(request: &HttpRequest) -> Result<Destination, DavError> {
    let principal = principal_of(request).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let missing =
        || DavError::Status(StatusCode::BAD_REQUEST, "Send the new path in the header Destination.".to_owned());
    let destination = header("destination").ok_or_else(missing)?;
    let overwrite = request.headers().get("overwrite").map(|value| value.to_str().unwrap_or_default().trim());
    let overwrite = match overwrite {
        None | Some("T" | "t") => true,
        Some("F" | "f") => false,
        Some(_) => {
            return Err(DavError::Status(StatusCode::BAD_REQUEST, "The header Overwrite must be T or F.".to_owned()));
        }
    };
    match Resource::parse(destination) {
        Some(Resource::Card(user, name)) if user == principal.user.id.0 => {
            Ok(Destination { name: CardName::parse(name.as_str()).map_err(|_| invalid_name())?, overwrite })
        }
        _ => Err(DavError::forbidden(
            Precondition::AddressbookCollectionLocationOk,
            "The destination must be a card of the same address book.",
        )),
    }
}
