//! The state of the service, and its documentation.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    http::header::LOCATION,
    web::{self, Bytes},
};
use domain::{Ports, limit::Standing};
use futures_util::future::join;
use tokio::time::timeout;
use utoipa_swagger_ui::Config;

use crate::{
    dto::service::{HealthView, PartView, ReadinessView},
    envelope::SaidItself,
    large_response,
    openapi::{self, ServerProblems},
    problem::{Code, Problem},
    shell::Shell,
};

/// How long a part may take to give a sign of life.
const PATIENCE: Duration = Duration::from_secs(2);

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
/// Asks each part. 503 when the database is away, and from the moment that the service is told to stop.
#[utoipa::path(
    get, path = "/readyz", tag = "Service",
    responses(
        (status = 200, description = "Ready.", body = ReadinessView),
        (status = 503, description = "A part that is needed is away, or the service is about to stop.", body = ReadinessView, headers(("Retry-After", description = "Seconds.")))
    )
)]
pub(crate) async fn ready(ports: web::Data<Ports>, shell: web::Data<Shell>) -> HttpResponse {
    let outbox = ports.store.outbox_status(ports.clock.now());
    let (ping, outbox) = join(timeout(PATIENCE, ports.store.ping()), timeout(PATIENCE, outbox)).await;
    let is_up = matches!(ping, Ok(Ok(())));
    let outbox = outbox.ok().and_then(Result::ok);
    let word = |good: bool| if good { "ok" } else { "unavailable" };
    let outbox_word = match outbox {
        None => "unavailable",
        Some(outbox) if outbox.parked > 0 => "degraded",
        Some(_) => "ok",
    };
    let cache_word = match ports.rate_limiter.standing() {
        Standing::Shared => "ok",
        Standing::SharedAway => "unavailable",
        Standing::InProcess => "in-process",
    };
    let is_stopping = shell.draining.has_begun();
    let view = ReadinessView {
        status: if is_stopping { "stopping" } else { word(is_up) },
        database: PartView { status: word(is_up) },
        cache: PartView { status: cache_word },
        outbox: PartView { status: outbox_word },
    };
    if is_up && !is_stopping {
        HttpResponse::Ok().json(view)
    } else {
        let mut response = HttpResponse::ServiceUnavailable().insert_header(("retry-after", "2")).json(view);
        response.extensions_mut().insert(SaidItself);
        response
    }
}

/// This document
///
/// What Swagger UI shows at `/docs`; clients can be made of it.
#[utoipa::path(
    get, path = "/openapi.json", tag = "Service",
    responses((status = 200, description = "OpenAPI 3.1.", content_type = "application/json"), ServerProblems)
)]
pub(crate) async fn openapi() -> Result<HttpResponse, Problem> {
    Ok(large_response::shared(HttpResponse::Ok().content_type("application/json"), openapi::document_json()?))
}

/// Leads people to the documentation.
pub(crate) async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// Swagger UI, from the files inside the binary.
pub(crate) async fn docs(tail: web::Path<String>) -> Result<HttpResponse, Problem> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
        let config = Config::new(["/openapi.json"]).validator_url("none");
        // Tokens stay in the memory of the page: what is stored outlives the tab.
        Arc::new(config.persist_authorization(false).try_it_out_enabled(true))
    });
    let name = if tail.is_empty() { "index.html" } else { tail.as_str() };
    let file = utoipa_swagger_ui::serve(name, CONFIG.clone())
        .map_err(|error| Problem::new(Code::Internal).with_cause(error.to_string()))?
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut response = HttpResponse::Ok();
    response.content_type(file.content_type);
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => large_response::shared(&mut response, Bytes::from_static(bytes)),
        // The one with the settings of the page, which is small.
        Cow::Owned(bytes) => response.body(bytes),
    })
}
