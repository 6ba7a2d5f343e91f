//! Handler of the changes of an address book.

use actix_web::{HttpRequest, web};
use domain::Ports;

use super::responses::Answer;
use crate::{
    app_state::AppState,
    documents::changes::{ChangesDocument, ChangesView},
    dto::{changes_query::ChangesQuery, json::JsonWriter},
    extract::{Authenticated, QueryOf},
    problem::documented::{ParameterProblems, ServerProblems, SyncTokenProblem},
    streaming::PartReader,
};

/// List changes
///
/// Follows the address book. The first request has no `since` and returns all contacts. Store them, and `next`. Each
/// further request sends `next` as `since`, and returns what has changed: replace the stored contact, or remove it when
/// `deleted` is `true`. While `has_more` is `true`, send the next request at once.
///
/// After 410 `sync-token-expired` remove all stored contacts, and begin again without `since`.
#[utoipa::path(
    get, path = "/api/contacts/changes", tag = "Contacts", security(("bearer" = ["api:read"])), params(ChangesQuery),
    responses(
        (status = 200, description = "The changes, in their order.", body = ChangesView),
        ParameterProblems, SyncTokenProblem, ServerProblems
    )
)]
pub(crate) async fn list_changes(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    Authenticated(principal): Authenticated,
    QueryOf((since, limit)): QueryOf<ChangesQuery>,
) -> Answer {
    let (owner, mut json) = (principal.user.id, JsonWriter::default());
    let changes = ChangesDocument::begin(&mut json, owner, since, limit);
    PartReader::new(&request, ports, state, owner).respond(json, changes).await
}
