//! Handlers of the trash.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::{Ports, ids::ContactId, use_cases::trash};

use super::responses::{Answer, present};
use crate::{
    app_state::AppState,
    documents::trash_page::{TrashPageDocument, TrashPageView},
    dto::{contact_view::ContactView, json::JsonWriter, trash_query::TrashQuery},
    extract::{Accepted, Authenticated, Id, QueryOf},
    problem::documented::{
        ContactProblems, LimitReachedProblem, ParameterProblems, PreconditionProblems, ServerProblems,
    },
    streaming::PartReader,
};

/// List the trash
///
/// Returns the contacts deleted in the last 30 days, the most recently deleted first. Use `cursor` to page.
#[utoipa::path(
    get, path = "/api/contacts/trash", tag = "Trash", security(("bearer" = ["api:read"])), params(TrashQuery),
    responses(
        (status = 200, description = "A page of the trash.", body = TrashPageView),
        ParameterProblems, ServerProblems
    )
)]
pub(crate) async fn list_trash(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    Authenticated(principal): Authenticated,
    QueryOf((after, limit)): QueryOf<TrashQuery>,
) -> Answer {
    let (owner, mut json) = (principal.user.id, JsonWriter::default());
    let page = TrashPageDocument::begin(&mut json, owner, after, limit);
    PartReader::new(&request, ports, state, owner).respond(json, page).await
}

/// Empty the trash
///
/// Deletes all contacts in the trash permanently, with their photos.
#[utoipa::path(
    delete, path = "/api/contacts/trash", tag = "Trash", security(("bearer" = ["api:write"])),
    responses((status = 204, description = "The trash is empty."), ServerProblems)
)]
pub(crate) async fn empty_trash(ports: web::Data<Ports>, Authenticated(principal): Authenticated) -> Answer {
    trash::empty_trash(&ports, principal.user.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Delete a contact permanently
///
/// Deletes a contact that is in the trash, with its photo.
#[utoipa::path(
    delete, path = "/api/contacts/trash/{id}", tag = "Trash", security(("bearer" = ["api:write"])),
    params(("id" = uuid::Uuid, Path, description = "The contact's id.")),
    responses(
        (status = 204, description = "The contact is deleted permanently."),
        ContactProblems, ServerProblems
    )
)]
pub(crate) async fn purge_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
) -> Answer {
    trash::purge_trashed_contact(&ports, principal.user.id, ContactId(id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Restore a contact
///
/// Moves a contact with its photo from the trash back to the address book, unless the address book is full. A contact
/// that is not in the trash is returned unchanged. With `If-Match`, the contact must have the version you read.
#[utoipa::path(
    post, path = "/api/contacts/{id}/restore", tag = "Trash", security(("bearer" = ["api:write"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read."),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag` that the contact must not have.")
    ),
    responses(
        (status = 200, description = "The contact, in the address book again.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        ContactProblems, LimitReachedProblem, PreconditionProblems, ServerProblems
    )
)]
pub(crate) async fn restore_contact(
    ports: web::Data<Ports>,
    Authenticated(principal): Authenticated,
    Id(id): Id,
    Accepted(expected): Accepted,
) -> Answer {
    let contact = trash::restore_contact(&ports, principal.user.id, ContactId(id), &expected).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}
