//! Many changes at once.

use actix_web::{HttpResponse, web};
use domain::{Ports, contact::batch};

use super::contact::Answer;
use crate::{
    dto::batch::{BatchBody, BatchView},
    extract::{Exclusive, IdempotentBody, tell_replay},
    large_response,
    openapi::{AuthProblems, BatchProblems, BodyProblems, IdempotencyProblems, LimitProblems, ServerProblems},
};

/// Change many contacts at once
///
/// Up to 200 operations, of which all are done or none. Each fault is told by the place of its operation. What counts
/// towards the limit of contacts is what is there in the end. With an `Idempotency-Key` you may send the same request again
/// for 24 hours when you have heard no answer: it is done once.
#[utoipa::path(
    post, path = "/api/contacts/batch", tag = "Contacts", security(("bearer" = [])), request_body = BatchBody,
    params(
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            example = "8e03978e-40d5-43dd-bc93-6894a57f9324",
            description = "Your name for this request, new for each batch: 1 to 255 visible ASCII characters, a UUID \
                for example; with or without quotes around it.")
    ),
    responses(
        (status = 200, description = "All of it is done, now or when the same request came before.", body = BatchView,
            headers(("Idempotency-Replayed", description = "`true` when nothing was done: the request was answered before."))
        ),
        AuthProblems, BodyProblems, BatchProblems, IdempotencyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn apply_batch(ports: web::Data<Ports>, request: Exclusive<IdempotentBody<BatchBody>>) -> Answer {
    let Exclusive { principal, body: IdempotentBody(body, idempotent), slot: _slot } = request;
    let applied = batch::apply_batch(&ports, principal.user.id, body.into(), idempotent.as_ref()).await?;
    let mut response = HttpResponse::Ok();
    tell_replay(&mut response, applied.is_replay);
    let view = BatchView::new(&applied.outcomes, &*ports.picture_store);
    drop(applied);
    large_response::json(response, view)
}
