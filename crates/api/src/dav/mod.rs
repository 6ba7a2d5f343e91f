//! CardDAV (RFC 6352): the address book for phones and other programs, below `/dav/`.
//!
//! The way of a request:
//!
//! 1. The routes below name the method, the credential and the limit. [`target`] finds the resource of the path, which
//!    belongs to the signed-in user.
//! 2. [`properties`] and [`report`] answer with properties of resources, [`card`] reads and writes one card.
//! 3. [`cards_document`] reads many cards part by part, and writes them with [`card_view`].
//! 4. [`error`] has the errors as DAV defines them. All others are problems, which `response` writes as DAV errors.
//!
//! Invariant: every change is made by a use case that writes the change feed, so REST and CardDAV see the same.

mod card;
mod card_view;
mod cards_document;
mod destination;
mod error;
mod multistatus_text;
mod preconditions;
mod properties;
mod report;
mod target;

use actix_web::{
    HttpResponse,
    http::{
        Method,
        header::{ALLOW, HeaderName, HeaderValue, LOCATION},
    },
    web::ServiceConfig,
};
use domain::{app_password::Scope, limit::Limit};

use crate::{
    caller::Access,
    routes::{MethodRoute, resources},
};

/// Classes of DAV that the service has (RFC 4918, 18; RFC 6352, 6.1): access control, and address books.
const CLASSES: (HeaderName, HeaderValue) =
    (HeaderName::from_static("dav"), HeaderValue::from_static("1, 3, addressbook"));
/// Methods below `/dav/`.
const METHODS: HeaderValue =
    HeaderValue::from_static("OPTIONS, PROPFIND, PROPPATCH, REPORT, GET, HEAD, PUT, DELETE, MOVE");

/// Paths below which the resources are. The first one is that of clients which leave out the slash.
const PATHS: [&str; 2] = ["/dav", "/dav/{path:.*}"];
/// Path at which clients look for the service (RFC 6764, 5).
const WELL_KNOWN: &str = "/.well-known/carddav";

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    for resource in resources(method_routes()) {
        config.service(resource);
    }
}

/// Returns the routes of CardDAV.
pub(crate) fn method_routes() -> Vec<MethodRoute> {
    let mut routes = Vec::new();
    for path in PATHS {
        let access = Access::Basic(Scope::CardDav);
        let limits: &[Limit] = &[Limit::Dav];
        routes.extend([
            MethodRoute::new(Method::OPTIONS, path, Access::Public, options, &[]),
            MethodRoute::new(method(b"PROPFIND"), path, access, properties::propfind, limits),
            MethodRoute::new(method(b"PROPPATCH"), path, access, properties::proppatch, limits),
            MethodRoute::new(method(b"REPORT"), path, access, report::report, limits),
            MethodRoute::new(Method::GET, path, access, card::get, limits),
            MethodRoute::new(Method::PUT, path, access, card::put, limits),
            MethodRoute::new(Method::DELETE, path, access, card::delete, limits),
            MethodRoute::new(method(b"MOVE"), path, access, card::rename, limits),
        ]);
    }
    // Clients look for the service with different methods, some with OPTIONS only.
    for method in [Method::GET, Method::OPTIONS, method(b"PROPFIND"), method(b"PROPPATCH"), method(b"REPORT")] {
        routes.push(MethodRoute::new(method, WELL_KNOWN, Access::Public, to_root, &[]));
    }
    routes
}

/// Returns a method of DAV. Its name is a token, so it always is a method.
fn method(name: &[u8]) -> Method {
    Method::from_bytes(name).unwrap_or_default()
}

/// Names what the service has. Clients ask before they sign in.
async fn options() -> HttpResponse {
    HttpResponse::Ok().insert_header(CLASSES).insert_header((ALLOW, METHODS)).finish()
}

/// Leads a client to the first resource.
async fn to_root() -> HttpResponse {
    HttpResponse::MovedPermanently().insert_header((LOCATION, "/dav/")).finish()
}
