//! The state of the service, and its documentation.

use actix_web::{HttpResponse, http::header::LOCATION, web};
use domain::Ports;

use crate::{
    dto::service::{HealthView, OutboxView, PartView, ReadinessView},
    openapi::{self, ServerProblems},
    shell::Shell,
};

/// Alive
///
/// Touches nothing: it tells that the process answers.
#[utoipa::path(
    get, path = "/healthz", tag = "Service",
    responses((status = 200, description = "Alive.", body = HealthView))
)]
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(HealthView { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Ready
///
/// Asks each part. 503 when the database is away.
#[utoipa::path(
    get, path = "/readyz", tag = "Service",
    responses(
        (status = 200, description = "Ready.", body = ReadinessView),
        (status = 503, description = "A part that is needed is away.", body = ReadinessView, headers(("Retry-After", description = "Seconds.")))
    )
)]
pub(crate) async fn ready(ports: web::Data<Ports>) -> HttpResponse {
    let is_up = ports.store.ping().await.is_ok();
    let outbox = ports.store.outbox_status().await.ok();
    let word = |good: bool| if good { "ok" } else { "unavailable" };
    let outbox_word = match outbox {
        None => "unavailable",
        Some(outbox) if outbox.parked > 0 => "degraded",
        Some(_) => "ok",
    };
    let view = ReadinessView {
        status: word(is_up),
        database: PartView { status: word(is_up) },
        outbox: OutboxView {
            status: outbox_word,
            waiting: outbox.map(|outbox| outbox.waiting),
            parked: outbox.map(|outbox| outbox.parked),
        },
    };
    if is_up {
        HttpResponse::Ok().json(view)
    } else {
        HttpResponse::ServiceUnavailable().insert_header(("retry-after", "2")).json(view)
    }
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "Service",
    responses((status = 200, description = "OpenAPI 3.1.", content_type = "application/json"), ServerProblems)
)]
pub(crate) async fn openapi(shell: web::Data<Shell>) -> HttpResponse {
    HttpResponse::Ok().json(openapi::document(shell.settings.public_url.as_str()))
}

/// Leads people to the documentation.
pub(crate) async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, "/docs/")).finish()
}
