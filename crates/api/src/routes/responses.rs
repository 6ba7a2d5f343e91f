//! Responses that several handlers return.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, ContentType, ETAG, HeaderName, LOCATION},
};
use domain::{Ports, contact::Contact, use_cases::contact::Created};

use super::paths::CONTACTS;
use crate::{
    dto::contact_view::ContactView,
    extract::{IfNoneMatch, entity_tag, mark_replay},
    problem::Problem,
};

/// Result of a handler.
pub(super) type Answer = Result<HttpResponse, Problem>;

/// Lets the client cache a contact if it revalidates the contact before each use.
const REVALIDATE: (HeaderName, &str) = (CACHE_CONTROL, "private, no-cache");

/// Returns the contact with its entity tag.
pub(super) fn present(mut response: HttpResponseBuilder, ports: &Ports, contact: &Contact) -> HttpResponse {
    response
        .insert_header((ETAG, entity_tag(contact.change)))
        .insert_header(REVALIDATE)
        .content_type(ContentType::json())
        .body(ContactView::json(contact, &*ports.picture_store).take())
}

/// Returns the contact, or 304 when the client has cached this state.
pub(super) fn present_unless_cached(ports: &Ports, contact: &Contact, cached: &IfNoneMatch) -> HttpResponse {
    if !cached.matches(contact.change) {
        return present(HttpResponse::Ok(), ports, contact);
    }
    let tag = (ETAG, entity_tag(contact.change));
    HttpResponse::NotModified().insert_header(tag).insert_header(REVALIDATE).finish()
}

/// Returns the contact that this request, or an earlier identical one, created.
pub(super) fn present_created(ports: &Ports, created: &Created) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("{CONTACTS}/{}", created.contact.id)));
    mark_replay(&mut response, created.is_replay);
    present(response, ports, &created.contact)
}
