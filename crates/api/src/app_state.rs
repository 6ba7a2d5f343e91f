//! State that all workers share, besides the ports.

use std::sync::Arc;

use domain::ids::IdGenerator;

use crate::{
    drain::Draining, large_response::LargeResponses, limits::flood::FloodGuard, pages::Pages, settings::Settings,
    telemetry::RequestSummary,
};

/// Shared state of the HTTP layer. It is made once for all workers.
pub(crate) struct AppState {
    pub(crate) settings: Settings,
    pub(crate) flood: FloodGuard,
    pub(crate) request_summary: Arc<RequestSummary>,
    pub(crate) draining: Draining,
    pub(crate) large_responses: LargeResponses,
    pub(crate) pages: Pages,
    pub(crate) ids: Arc<dyn IdGenerator>,
}
