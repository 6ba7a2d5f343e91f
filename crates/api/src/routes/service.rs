//! Handlers of the health checks and the API documentation.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header::LOCATION, web};
use domain::{Ports, limit::LimiterBackend};
use futures_util::future::join;
use tokio::time::timeout;

use super::paths::{DOCS, OPENAPI};
use crate::{
    app_state::AppState,
    dto::service::{ComponentView, HealthView, ReadinessView},
    problem::{Code, Problem, documented::ServerProblems},
    streaming,
};

/// The timeout of the check of a component.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Check that it runs
///
/// Reports that the process responds. No other component is checked.
#[utoipa::path(
    get, path = "/healthz", tag = "Service", security(()),
    responses((status = 200, description = "The process runs.", body = HealthView))
)]
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(HealthView { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Check that it is ready
///
/// Checks each component. The response is 503 when the database is unavailable, and as soon as the service is
/// requested to stop.
#[utoipa::path(
    get, path = "/readyz", tag = "Service", security(()),
    responses(
        (status = 200, description = "The service is ready.", body = ReadinessView),
        (status = 503, description = "A required component is unavailable, or the service is stopping.", body = ReadinessView, headers(("Retry-After", description = "Seconds.")))
    )
)]
pub(crate) async fn ready(ports: web::Data<Ports>, state: web::Data<AppState>) -> HttpResponse {
    let outbox = ports.store.outbox_status(ports.clock.now());
    let (ping, outbox) = join(timeout(CHECK_TIMEOUT, ports.store.ping()), timeout(CHECK_TIMEOUT, outbox)).await;
    let is_database_up = matches!(ping, Ok(Ok(())));
    let outbox = outbox.ok().and_then(Result::ok);
    let status = |is_ok: bool| if is_ok { "ok" } else { "unavailable" };
    let outbox_status = match outbox {
        None => "unavailable",
        Some(outbox) if outbox.parked > 0 => "degraded",
        Some(_) => "ok",
    };
    let cache_status = match ports.rate_limiter.backend() {
        LimiterBackend::Shared => "ok",
        LimiterBackend::SharedUnavailable => "unavailable",
        LimiterBackend::InProcess => "in-process",
    };
    let is_stopping = state.draining.has_begun();
    let view = ReadinessView {
        status: if is_stopping { "stopping" } else { status(is_database_up) },
        database: ComponentView { status: status(is_database_up) },
        cache: ComponentView { status: cache_status },
        outbox: ComponentView { status: outbox_status },
    };
    if is_database_up && !is_stopping {
        HttpResponse::Ok().json(view)
    } else {
        HttpResponse::ServiceUnavailable().insert_header(("retry-after", "2")).json(view)
    }
}

/// Get the OpenAPI document
///
/// Returns this document. Swagger UI shows it at `/docs`, and client generators can read it.
#[utoipa::path(
    get, path = OPENAPI, tag = "Service", security(()),
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the cached document.")),
    responses(
        (
            status = 200, description = "The OpenAPI 3.1 document.", content_type = "application/json",
            headers(
                ("ETag", description = "The version of the document."),
                ("Content-Encoding", description = "`gzip` for a compressed document.")
            )
        ),
        (
            status = 304, description = "The document is unchanged.",
            headers(("ETag", description = "The version of the document."))
        ),
        ServerProblems
    )
)]
pub(crate) async fn openapi(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.files.openapi.respond(&request, streaming::shared).await
}

/// Redirects to the documentation.
pub(crate) async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, DOCS)).finish()
}

/// Serves Swagger UI from the files embedded in the binary.
pub(crate) async fn docs(
    state: web::Data<AppState>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let file = state.files.docs.get(name.as_str()).ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(file.respond(&request, streaming::shared).await)
}
