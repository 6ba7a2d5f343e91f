//! The trash.

use actix_web::{HttpResponse, web};
use domain::{
    Ports,
    contact::{ContactId, trash},
};

use super::contact::{Answer, present};
use crate::{
    dto::{
        contact_view::ContactView,
        trash::{TrashPageView, TrashQuery},
    },
    extract::{Id, IfMatch, QueryOf, SignedIn},
    large_response,
    openapi::{
        AuthProblems, ContactProblems, LimitProblems, LimitReachedProblem, ParameterProblems, PreconditionProblems,
        ServerProblems,
    },
    shell::Shell,
};

/// List the trash
///
/// What you have deleted in the last 30 days, the latest first. Page with `cursor`.
#[utoipa::path(
    get, path = "/api/contacts/trash", tag = "Trash", security(("bearer" = [])), params(TrashQuery),
    responses(
        (status = 200, description = "A page of the trash.", body = TrashPageView),
        AuthProblems, ParameterProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn list_trash(
    ports: web::Data<Ports>,
    shell: web::Data<Shell>,
    SignedIn(principal): SignedIn,
    QueryOf(query): QueryOf<TrashQuery>,
) -> Answer {
    let (after, limit) = (query.after()?, query.limit());
    let _turn = shell.large_responses.read(principal.user.id, limit).await?;
    let (page, next) = trash::list_trash(&ports, principal.user.id, after, limit).await?;
    let view = TrashPageView::new(&page, next, limit, &*ports.picture_store);
    drop(page);
    large_response::json(HttpResponse::Ok(), view)
}

/// Empty the trash
///
/// Everything in it goes for good, with its photos.
#[utoipa::path(
    delete, path = "/api/contacts/trash", tag = "Trash", security(("bearer" = [])),
    responses((status = 204, description = "The trash is empty."), AuthProblems, LimitProblems, ServerProblems)
)]
pub(crate) async fn empty_trash(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    trash::empty_trash(&ports, principal.user.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Delete a contact for good
///
/// One that is in the trash, with its photo.
#[utoipa::path(
    delete, path = "/api/contacts/trash/{id}", tag = "Trash", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The contact's id.")),
    responses(
        (status = 204, description = "It is gone for good."),
        AuthProblems, ContactProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn purge_contact(ports: web::Data<Ports>, SignedIn(principal): SignedIn, Id(id): Id) -> Answer {
    trash::purge_trashed_contact(&ports, principal.user.id, ContactId(id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Restore a contact
///
/// Takes it out of the trash, photo and all, if there is room in the address book; one that is not in the trash is
/// answered as it is. With `If-Match`, only if it is the version you have read.
#[utoipa::path(
    post, path = "/api/contacts/{id}/restore", tag = "Trash", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have read.")
    ),
    responses(
        (status = 200, description = "The contact, back in the address book.", body = ContactView, headers(("ETag", description = "Its version."))),
        AuthProblems, ContactProblems, LimitReachedProblem, PreconditionProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn restore_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Answer {
    let contact = trash::restore_contact(&ports, principal.user.id, ContactId(id), &expected).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}
