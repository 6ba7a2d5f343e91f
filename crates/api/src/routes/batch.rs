//! Many changes at once.

use actix_web::{HttpResponse, web};
use domain::{Ports, contact::batch};

use super::contact::Answer;
use crate::{
    dto::batch::{BatchBody, BatchView},
    extract::{JsonBody, SignedIn},
    openapi::{AuthProblems, BatchProblems, BodyProblems, LimitProblems, ServerProblems},
};

/// Change many contacts at once
///
/// Up to 200 operations, of which all are done or none. Each fault is told by the place of its operation. What counts
/// towards the limit of contacts is what is there in the end.
#[utoipa::path(
    post, path = "/api/contacts/batch", tag = "Contacts", security(("bearer" = [])), request_body = BatchBody,
    responses(
        (status = 200, description = "All of it is done.", body = BatchView),
        AuthProblems, BodyProblems, BatchProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn apply_batch(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    JsonBody(body): JsonBody<BatchBody>,
) -> Answer {
    let outcomes = batch::apply_batch(&ports, principal.user.id, body.into()).await?;
    Ok(HttpResponse::Ok().json(BatchView::new(&outcomes, &*ports.picture_store)))
}
