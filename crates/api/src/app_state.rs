//! State that all workers share, besides the ports.

use std::sync::Arc;

use domain::ids::IdGenerator;

use crate::{
    limits::flood::FloodGuard, pages::Pages, read_limits::ReadLimits, settings::Settings, shutdown::Draining,
    static_files::StaticFiles, telemetry::RequestSummary,
};

/// Shared state of the HTTP layer. It is made once for all workers.
pub(crate) struct AppState {
    pub(crate) settings: Arc<Settings>,
    pub(crate) flood: FloodGuard,
    pub(crate) request_summary: Arc<RequestSummary>,
    pub(crate) draining: Draining,
    pub(crate) read_limits: ReadLimits,
    pub(crate) pages: Pages,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) files: StaticFiles,
}

#[cfg(test)]
impl AppState {
    /// Returns the state of a service with default settings and without a flood guard.
    pub(crate) fn for_tests() -> Self {
        let variables = [("JWT_SECRET", "tests-only-0123456789abcdefghijklmnopqrstuvwxyz")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pages = Pages::new(crate::pages::Branding::default()).unwrap();
        let files = StaticFiles::new(&crate::openapi::document(), &pages).unwrap();
        Self {
            settings: Arc::new(Settings::from_variables(variables.into()).unwrap()),
            flood: FloodGuard::new(None).unwrap(),
            request_summary: Arc::default(),
            draining: Draining::default(),
            read_limits: ReadLimits::default(),
            pages,
            ids: Arc::new(testkit::fakes::CountingIds),
            files,
        }
    }
}
