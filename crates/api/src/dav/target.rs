//! Resource of a request, and the user to whom it belongs.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue},
    },
};
use carddav::Resource;
use domain::{
    Ports,
    contact::card_resource::CardName,
    session::Principal,
    use_cases::card_resource::{CardReading, CardWithPhoto},
};

use super::error::DavError;
use crate::{
    caller::principal_of,
    problem::{Code, Problem},
};

/// Methods of a resource that is no card.
const COLLECTION_METHODS: HeaderValue = HeaderValue::from_static("OPTIONS, PROPFIND, PROPPATCH, REPORT");

/// Resource of a request, which belongs to the signed-in user. The resources of other users do not exist.
pub(super) struct Target {
    pub(super) principal: Principal,
    pub(super) resource: Resource,
}

impl Target {
    /// Returns the name of the card.
    ///
    /// # Errors
    /// The resource is a collection, or the name is none of a card.
    pub(super) fn card(&self) -> Result<CardName, DavError> {
        match &self.resource {
            Resource::Card(_, name) => CardName::parse(name.as_str()).map_err(|_| invalid_name()),
            _ => Err(DavError::Problem(Problem::new(Code::MethodNotAllowed).with_header(ALLOW, COLLECTION_METHODS))),
        }
    }

    /// Reads the card; `None` when no card has the name.
    ///
    /// # Errors
    /// Those of [`Target::card`], and of the use case.
    pub(super) async fn find_card(&self, ports: &Ports, with_photo: bool) -> Result<Option<CardWithPhoto>, DavError> {
        let reading = CardReading::new(self.principal.user.id, vec![self.card()?], with_photo);
        let part = reading.read(ports).await.map_err(Problem::from)?;
        Ok(part.cards.into_iter().next().and_then(|(_, card)| card))
    }

    /// Reads the card.
    ///
    /// # Errors
    /// Those of [`Target::find_card`], and when no card has the name.
    pub(super) async fn read_card(&self, ports: &Ports, with_photo: bool) -> Result<CardWithPhoto, DavError> {
        self.find_card(ports, with_photo).await?.ok_or_else(DavError::not_found)
    }

    /// Checks that the resource exists. A collection always does.
    ///
    /// # Errors
    /// Those of [`Target::read_card`].
    pub(super) async fn check_exists(&self, ports: &Ports) -> Result<(), DavError> {
        match self.resource {
            Resource::Card(..) => self.read_card(ports, false).await.map(drop),
            _ => Ok(()),
        }
    }
}

impl FromRequest for Target {
    type Error = DavError;
    type Future = Ready<Result<Self, DavError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(target_of(request))
    }
}

fn target_of(request: &HttpRequest) -> Result<Target, DavError> {
    let principal = principal_of(request).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let path = request.uri().path();
    let own_book = Resource::AddressBook(principal.user.id.0).href();
    let resource = match Resource::parse(path) {
        Some(resource) => resource,
        // A path below the own address book can only be wrong in its name.
        None if path.starts_with(&own_book) => return Err(invalid_name()),
        None => return Err(DavError::not_found()),
    };
    match resource.user() {
        Some(user) if user != principal.user.id.0 => Err(DavError::not_found()),
        _ => Ok(Target { principal, resource }),
    }
}

/// Returns the error of a name that no card can have.
pub(super) fn invalid_name() -> DavError {
    let message = format!(
        "The name of a card has 1 to {} characters, without a slash and control characters, and is neither . nor ...",
        CardName::MAX
    );
    DavError::Status(StatusCode::FORBIDDEN, message)
}
