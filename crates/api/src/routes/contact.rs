//! Handlers of contacts.

use actix_web::{HttpResponse, web};
use domain::{Ports, idempotency::IdempotencyKey, ids::ContactId, use_cases::contact};

use super::{
    contact_export::VCARD_EXAMPLE,
    paths::CONTACTS,
    responses::{Answer, present, present_created, present_unless_cached, present_vcard},
};
use crate::{
    dto::{
        contact::{ContactBody, ContactPatchBody, ReplacementBody},
        contact_view::ContactView,
        export_text::ExportFormat,
    },
    extract::{Accepted, Authenticated, Cached, Id, IdempotentBody, JsonBody, Representation},
    problem::documented::{
        BodyProblems, ContactProblems, IdempotencyProblems, LimitReachedProblem, PhotoProblems, PreconditionProblems,
        ServerProblems,
    },
};

/// Create a contact
///
/// Creates a contact from any fields that include a name, nickname, organization, e-mail or phone. With an
/// `Idempotency-Key` the same request can be repeated, for example after a lost response. For 24 hours it creates no
/// second contact: the response contains the first one in its current state.
#[utoipa::path(
    post, path = CONTACTS, tag = "Contacts", security(("bearer" = ["api:write"])), request_body = ContactBody,
    params(
        ("Idempotency-Key" = Option<String>, Header, extensions(("x-bounds" = json!([1, IdempotencyKey::MAX]))),
            description = "An identifier of this request, a new one for each contact: 1 to 255 visible ASCII characters, \
                for example a UUID, with or without quotes.")
    ),
    responses(
        (status = 201, description = "The new contact, or the one that an earlier identical request created.", body = ContactView,
            headers(
                ("Location", description = "The path of the contact."), ("ETag", description = "The version of the contact."),
                ("Idempotency-Replayed", description = "`true` when an earlier identical request created the contact, and this one changed nothing.")
            )
        ),
        LimitReachedProblem, IdempotencyProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn create_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    IdempotentBody(body, idempotent): IdempotentBody<ContactBody>,
) -> Answer {
    let created = contact::create_contact(&ports, principal.user.id, &body.0, idempotent.as_ref()).await?;
    Ok(present_created(&ports, &created))
}

/// Get a contact
///
/// Send the `ETag` of a cached contact as `If-None-Match`: an unchanged contact is not sent again.
///
/// With `Accept: text/vcard` you get a vCard 3.0 with the photo, and with `Accept: text/vcard;version=4.0` a vCard 4.0. Its
/// `ETag` is another one, which `If-Match` accepts, too.
#[utoipa::path(
    get, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = ["api:read"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the contact must have."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the cached contact.")
    ),
    responses(
        (
            status = 200, description = "The contact.",
            content((ContactView = "application/json"), (String = "text/vcard", example = json!(VCARD_EXAMPLE))),
            headers(("ETag", description = "The version of the contact."))
        ),
        (
            status = 304, description = "The contact is unchanged.",
            headers(("ETag", description = "The version of the contact."))
        ),
        ContactProblems, PreconditionProblems, PhotoProblems, ServerProblems
    )
)]
pub(crate) async fn get_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
    representation: Representation,
    cached: Cached,
) -> Answer {
    let (owner, id) = (principal.user.id, ContactId(id));
    match representation {
        Representation::Json => present_unless_cached(&ports, &contact::get_contact(&ports, owner, id).await?, &cached),
        Representation::Vcard(version) => {
            let extras = ExportFormat::Vcard(version).extras(true);
            present_vcard(&contact::export_contact(&ports, owner, id, extras).await?, version, &cached)
        }
    }
}

/// Replace a contact
///
/// Clears absent fields. The body may be a contact as `GET` returns it. The `ETag` changes only if the
/// contact does. With `If-Match`, the contact must have the version you read.
#[utoipa::path(
    put, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = ["api:write"])), request_body = ReplacementBody,
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read."),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag` that the contact must not have.")
    ),
    responses(
        (status = 200, description = "The changed contact.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        ContactProblems, PreconditionProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn replace_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
    Accepted(expected): Accepted,
    JsonBody(body): JsonBody<ReplacementBody>,
) -> Answer {
    let contact = contact::replace_contact(&ports, principal.user.id, ContactId(id), &expected, body.0).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}

/// Change a contact
///
/// Applies a JSON Merge Patch (RFC 7396): an absent field stays unchanged, `null` clears a field, a list replaces the
/// whole list. The `ETag` changes only if the contact does. With `If-Match`, the contact must have the version you
/// read.
#[utoipa::path(
    patch, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = ["api:write"])),
    request_body(content((ContactPatchBody = "application/merge-patch+json"), (ContactPatchBody = "application/json"))),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read."),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag` that the contact must not have.")
    ),
    responses(
        (status = 200, description = "The changed contact.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        ContactProblems, PreconditionProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn patch_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
    Accepted(expected): Accepted,
    JsonBody(body): JsonBody<ContactPatchBody>,
) -> Answer {
    let contact = contact::patch_contact(&ports, principal.user.id, ContactId(id), &expected, body.0).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}

/// Delete a contact
///
/// Moves the contact to the trash, where it can be restored for 30 days. With `If-Match`, the contact must have the
/// version you read.
#[utoipa::path(
    delete, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = ["api:write"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read."),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag` that the contact must not have.")
    ),
    responses(
        (status = 204, description = "The contact is in the trash and no longer counts towards the limit of contacts."),
        ContactProblems, PreconditionProblems, ServerProblems
    )
)]
pub(crate) async fn delete_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
    Accepted(expected): Accepted,
) -> Answer {
    contact::delete_contact(&ports, principal.user.id, ContactId(id), &expected).await?;
    Ok(HttpResponse::NoContent().finish())
}
