//! Handlers of the photo of a contact.

use actix_web::{HttpResponse, web};
use domain::{Ports, ids::ContactId, use_cases::contact};

use super::responses::{Answer, present};
use crate::{
    dto::{account::PictureForm, contact_view::ContactView},
    extract::{Accepted, Authenticated, Id, Upload},
    problem::documented::{ContactProblems, PreconditionProblems, ServerProblems, UploadProblems},
};

/// Set a contact's photo
///
/// Send a JPEG or PNG of at most 5 MiB and 40 megapixels. It is converted in the same way as an avatar. With `If-Match`,
/// the contact must have the version you read.
#[utoipa::path(
    put, path = "/api/contacts/{id}/photo", tag = "Contacts", security(("bearer" = ["api:write"])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read."),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag` that the contact must not have.")
    ),
    responses(
        (status = 200, description = "The contact with the new photo.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        ContactProblems, PreconditionProblems, UploadProblems, ServerProblems
    )
)]
pub(crate) async fn change_photo(
    ports: web::Data<Ports>,
    Id(id): Id,
    Accepted(expected): Accepted,
    upload: Upload,
) -> Answer {
    let owner = upload.principal.user.id;
    let contact = contact::change_photo(&ports, owner, ContactId(id), &expected, upload.file).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}

/// Remove a contact's photo
///
/// Changes nothing when there is no photo. With `If-Match`, the contact must have the version you read.
#[utoipa::path(
    delete, path = "/api/contacts/{id}/photo", tag = "Contacts", security(("bearer" = ["api:write"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read."),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag` that the contact must not have.")
    ),
    responses(
        (status = 204, description = "The contact has no photo."),
        ContactProblems, PreconditionProblems, ServerProblems
    )
)]
pub(crate) async fn remove_photo(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
    Accepted(expected): Accepted,
) -> Answer {
    contact::remove_photo(&ports, principal.user.id, ContactId(id), &expected).await?;
    Ok(HttpResponse::NoContent().finish())
}
