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
    /// `ok`, or `unavailable` when a part that is needed is away.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// The database.
    pub(crate) database: PartView,
    /// The mails that wait. Parked ones need an operator, but keep nothing from working.
    pub(crate) outbox: OutboxView,
}

/// A part of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = Part)]
pub(crate) struct PartView {
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
}

/// The outbox.
#[derive(Serialize, ToSchema)]
#[schema(as = Outbox)]
pub(crate) struct OutboxView {
    /// `ok`, `degraded` while mails are parked, or `unavailable`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// Mails that wait for their (next) try; null when unknown.
    #[schema(example = 0)]
    pub(crate) waiting: Option<u64>,
    /// Mails that were given up; null when unknown.
    #[schema(example = 0)]
    pub(crate) parked: Option<u64>,
}
