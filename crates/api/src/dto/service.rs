//! The state of the service.

use serde::Serialize;
use utoipa::ToSchema;

/// The service is alive.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    /// Always `ok`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// The version that runs.
    #[schema(example = "0.1.0")]
    pub(crate) version: &'static str,
}

/// Whether the service can do its work, part by part.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessView {
    /// `ok`; `unavailable` when a part that is needed is away; `stopping` when the service is about to stop.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// The database.
    pub(crate) database: PartView,
    /// What replicas share: `in-process` when there is nothing shared, `unavailable` while each process
    /// counts by itself, which keeps nothing from working.
    pub(crate) cache: PartView,
    /// The mails that wait: `degraded` while some were given up, which keeps nothing from working. How
    /// many wait is not told here: it would tell who has an account.
    pub(crate) outbox: PartView,
}

/// A part of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = Part)]
pub(crate) struct PartView {
    /// `ok`, `degraded`, `in-process` or `unavailable`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
}
