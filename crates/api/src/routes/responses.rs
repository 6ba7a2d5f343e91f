//! Responses that several handlers return.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, ContentType, ETAG, EntityTag, HeaderName, LOCATION, VARY},
};
use contact_files::{OutputVersion, rendered};
use domain::{
    Ports,
    contact::Contact,
    error::StoreError,
    use_cases::contact::{Created, ExportedContact},
};

use super::paths::CONTACTS;
use crate::{
    dto::{contact_view::ContactView, export_text::ExportFormat, part_text::PartText as _},
    extract::{Cached, entity_tag, mark_replay, vcard_entity_tag},
    problem::Problem,
};

/// Result of a handler.
pub(super) type Answer = Result<HttpResponse, Problem>;

/// Lets the client cache a contact if it revalidates the contact before each use.
const REVALIDATE: (HeaderName, &str) = (CACHE_CONTROL, "private, no-cache");

/// A cache stores each representation apart.
const BY_ACCEPT: (HeaderName, &str) = (VARY, "accept");

/// Returns the contact with its entity tag.
pub(super) fn present(mut response: HttpResponseBuilder, ports: &Ports, contact: &Contact) -> HttpResponse {
    response
        .insert_header((ETAG, entity_tag(contact.change)))
        .insert_header(REVALIDATE)
        .content_type(ContentType::json())
        .body(ContactView::json(contact, &*ports.picture_store).take())
}

/// Returns the contact, or 304 when the client has cached this state.
///
/// # Errors
/// The client expects another state.
pub(super) fn present_unless_cached(ports: &Ports, contact: &Contact, cached: &Cached) -> Answer {
    let tag = entity_tag(contact.change);
    if cached.has(&tag)? {
        return Ok(not_modified(tag));
    }
    let mut response = HttpResponse::Ok();
    response.append_header(BY_ACCEPT);
    Ok(present(response, ports, contact))
}

/// Returns the contact as vCard, or 304 when the client has cached this state.
///
/// # Errors
/// The client expects another state, or the stored card of the contact cannot be read.
pub(super) fn present_vcard(exported: &ExportedContact, version: OutputVersion, cached: &Cached) -> Answer {
    let ExportedContact { contact, received, photo } = exported;
    let tag = vcard_entity_tag(contact.change, version);
    if cached.has(&tag)? {
        return Ok(not_modified(tag));
    }
    let card = rendered(contact, received.as_ref(), photo.as_deref(), version).map_err(StoreError::from)?;
    let mut response = HttpResponse::Ok();
    response.append_header(BY_ACCEPT).insert_header((ETAG, tag)).insert_header(REVALIDATE);
    Ok(response.content_type(ExportFormat::Vcard(version).media_type()).body(card))
}

fn not_modified(tag: EntityTag) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    response.append_header(BY_ACCEPT).insert_header((ETAG, tag)).insert_header(REVALIDATE).finish()
}

/// Returns the contact that this request, or an earlier identical one, created.
pub(super) fn present_created(ports: &Ports, created: &Created) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("{CONTACTS}/{}", created.contact.id)));
    mark_replay(&mut response, created.is_replay);
    present(response, ports, &created.contact)
}
