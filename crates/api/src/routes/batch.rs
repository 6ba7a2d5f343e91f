//! Handler of batches of changes to contacts.

use actix_web::{HttpResponse, web};
use domain::{Ports, idempotency::IdempotencyKey, use_cases::contact};

use super::responses::Answer;
use crate::{
    dto::batch::{BatchBody, BatchView},
    extract::{Exclusive, IdempotentBody, mark_replay},
    problem::documented::{BatchProblems, BodyProblems, IdempotencyProblems, ServerProblems},
    streaming,
};

/// Change contacts in a batch
///
/// Applies up to 200 operations: all of them, or none. Each error contains the index of its operation. The limit of
/// contacts applies to the number of contacts after the batch. With an `Idempotency-Key` the same request can be repeated
/// for 24 hours, for example after a lost response: it is applied once.
#[utoipa::path(
    post, path = "/api/contacts/batch", tag = "Contacts", security(("bearer" = ["api:write"])), request_body = BatchBody,
    params(
        ("Idempotency-Key" = Option<String>, Header, extensions(("x-bounds" = json!([1, IdempotencyKey::MAX]))),
            description = "An identifier of this request, a new one for each batch: 1 to 255 visible ASCII characters, for \
                example a UUID, with or without quotes.")
    ),
    responses(
        (status = 200, description = "All operations are applied, by this request or by an earlier identical one.", body = BatchView,
            headers(("Idempotency-Replayed", description = "`true` when an earlier identical request was applied, and this one changed nothing."))
        ),
        BodyProblems, BatchProblems, IdempotencyProblems, ServerProblems
    )
)]
pub(crate) async fn apply_batch(ports: web::Data<Ports>, request: Exclusive<IdempotentBody<BatchBody>>) -> Answer {
    let Exclusive { principal, body: IdempotentBody(body, idempotent), slot } = request;
    let applied = contact::apply_batch(&ports, principal.user.id, body.into(), idempotent.as_ref()).await?;
    let mut response = HttpResponse::Ok();
    mark_replay(&mut response, applied.is_replay);
    let json = BatchView::json(&applied.outcomes, &*ports.picture_store);
    Ok(streaming::whole(response, json, slot.into_turn()))
}
