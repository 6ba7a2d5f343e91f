//! GET, PUT, DELETE and MOVE: one card.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED, VARY},
    },
    web,
};
use carddav::Precondition;
use contact_files::{Charset, OutputVersion, read_card, rendered_contact};
use domain::{
    Ports,
    contact::{
        Birthday, Contact,
        received::{CardVersion, ReceivedCard, ReceivedText},
    },
    use_cases::card_resource::{CardWithPhoto, delete_card, move_card, put_card},
};

use super::{
    card_view::{last_modified, text_of},
    destination::Destination,
    error::DavError,
    preconditions::{Accepted, Cached, entity_tag, entity_tag_in},
    target::Target,
};
use crate::{
    extract::{CardBody, Representation},
    problem::{Code, Problem},
};

/// Media type of a card (RFC 6350, 10.1).
const VCARD: &str = "text/vcard; charset=utf-8";
/// The version of a card depends on `Accept`.
const BY_ACCEPT: (HeaderName, &str) = (VARY, "accept");
/// Media types of sent cards: the current one, and those of older clients.
const ACCEPTED: [&str; 4] = ["text/vcard", "text/x-vcard", "text/directory", "application/octet-stream"];

/// Returns a card.
pub(super) async fn get(
    ports: web::Data<Ports>,
    target: Target,
    cached: Cached,
    representation: Representation,
) -> Result<HttpResponse, DavError> {
    let card = target.read_card(&ports, true).await?;
    let (change, version) = (card.resource.change(), version_of(representation));
    let tag = entity_tag_in(version, change);
    let quoted = format!("\"{tag}\"");
    if cached.has(change, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, quoted)).insert_header(BY_ACCEPT).finish());
    }
    let text = text_of(&card, version).ok_or_else(|| Problem::new(Code::Internal))?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, VCARD)).insert_header((ETAG, quoted)).insert_header(BY_ACCEPT);
    if let Some(time) = last_modified(&card.resource) {
        response.insert_header((LAST_MODIFIED, time));
    }
    Ok(response.body(text))
}

/// Stores a card.
pub(super) async fn put(
    ports: web::Data<Ports>,
    request: HttpRequest,
    target: Target,
    accepted: Accepted,
    body: Result<CardBody, Problem>,
) -> Result<HttpResponse, DavError> {
    let (owner, name) = (target.principal.user.id, target.card()?);
    let media_type = request.content_type();
    if !media_type.is_empty() && !ACCEPTED.iter().any(|accepted| media_type.eq_ignore_ascii_case(accepted)) {
        let message = "Send the card as Content-Type: text/vcard.";
        return Err(DavError::forbidden(Precondition::SupportedAddressData, message));
    }
    let body = body.map_err(|problem| match problem.code() {
        Code::BodyTooLarge => DavError::too_large(),
        _ => problem.into(),
    })?;
    let today = Birthday::latest(ports.clock.now());
    let content = read_card(&body.bytes, charset_of(&request), today)?;
    let precondition = accepted.precondition(&ports, &target).await?;
    let stored = put_card(&ports, owner, &name, &precondition, content, &former_text).await;
    let stored = stored.map_err(|error| DavError::of_put(error, owner))?;
    let mut response = if stored.is_new { HttpResponse::Created() } else { HttpResponse::NoContent() };
    let tag = entity_tag(stored.resource.change());
    // Only a card that is served as it was sent has a tag here (RFC 6352, 6.3.2.3). One with a photo is not: the photo was
    // converted, or one that cannot be shown was sent beside it.
    let has_photo = stored.resource.photo().is_some();
    let served = text_of(&CardWithPhoto { resource: stored.resource, photo: None }, OutputVersion::default());
    if !has_photo && served.is_some_and(|served| served.as_bytes() == &*body.bytes) {
        response.insert_header((ETAG, format!("\"{tag}\"")));
    }
    Ok(response.finish())
}

/// Deletes a card.
pub(super) async fn delete(
    ports: web::Data<Ports>,
    target: Target,
    accepted: Accepted,
) -> Result<HttpResponse, DavError> {
    let precondition = accepted.precondition(&ports, &target).await?;
    delete_card(&ports, target.principal.user.id, &target.card()?, &precondition).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Renames a card.
pub(super) async fn rename(
    ports: web::Data<Ports>,
    target: Target,
    accepted: Accepted,
    Destination { name, overwrite }: Destination,
) -> Result<HttpResponse, DavError> {
    let (owner, from) = (target.principal.user.id, target.card()?);
    let precondition = accepted.precondition(&ports, &target).await?;
    let has_replaced = move_card(&ports, owner, &from, &name, &precondition, overwrite).await?;
    if from == name {
        // Nothing has changed (RFC 4918, 9.9.4). The use case rejects a card that is missing, or has changed.
        return Err(DavError::Status(StatusCode::FORBIDDEN, "The destination is the card itself.".to_owned()));
    }
    Ok(if has_replaced { HttpResponse::NoContent().finish() } else { HttpResponse::Created().finish() })
}

/// Returns the version that a client prefers. Clients without a wish get 3.0, which all of them read.
fn version_of(representation: Representation) -> OutputVersion {
    match representation {
        Representation::Vcard(version) => version,
        Representation::Json => OutputVersion::default(),
    }
}

/// Returns the charset that a client names. An unknown one is found in the text, as if there were none.
fn charset_of(request: &HttpRequest) -> Option<Charset> {
    Charset::from_label(request.mime_type().ok().flatten()?.get_param("charset")?.as_str())
}

/// Returns the text of a contact that is overwritten.
fn former_text(contact: &Contact, received: Option<&ReceivedCard>) -> Option<ReceivedText> {
    let text = rendered_contact(contact, received, None, OutputVersion::V3_0).ok()?;
    ReceivedText::new(CardVersion::V3_0, text).ok()
}
