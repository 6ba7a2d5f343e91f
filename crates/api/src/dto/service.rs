//! Response bodies of the health and readiness checks.

use serde::Serialize;
use utoipa::ToSchema;

/// The liveness of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    /// Always `ok`.
    #[schema(extensions(("x-values" = json!(["ok"]))), example = "ok")]
    pub(crate) status: &'static str,
    /// The version of the running service.
    #[schema(example = "0.1.0")]
    pub(crate) version: &'static str,
}

/// The readiness of the service, by component.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessView {
    /// `ok`; `unavailable` when a required component is unavailable; `stopping` during a shutdown.
    #[schema(extensions(("x-values" = json!(["ok", "unavailable", "stopping"]))), example = "ok")]
    pub(crate) status: &'static str,
    /// The database: `ok` or `unavailable`.
    pub(crate) database: ComponentView,
    /// The cache that replicas share. `in-process`: none is configured. `unavailable`: each process counts requests by
    /// itself, and the service remains ready.
    pub(crate) cache: ComponentView,
    /// The queue of outgoing mails. `degraded`: the delivery of some mails was given up, and the service remains ready.
    /// The number of mails is not published, because it would reveal which e-mail addresses have an account.
    pub(crate) outbox: ComponentView,
}

/// A component of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = ComponentHealth)]
pub(crate) struct ComponentView {
    /// `ok`, `degraded`, `in-process` or `unavailable`.
    #[schema(extensions(("x-values" = json!(["ok", "degraded", "in-process", "unavailable"]))), example = "ok")]
    pub(crate) status: &'static str,
}
