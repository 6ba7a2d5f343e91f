//! HTTP layer: settings, wiring, routes, the OpenAPI document, and the pages that mails link to.
//!
//! Only its own binary, `contacts-api`, depends on this crate.
//!
//! Path of a request: `routes` (parsed by `extract` and `dto`) → a use case of `domain` → a port → the adapter that
//! `wiring` has chosen. The result goes back through `dto`, and an error through `problem`. `response` completes every
//! response.
//!
//! Layers, the lowest first. A module imports its own layer and lower ones; `scripts/check-modules` has this list:
//! 1. `settings`, `request_id`, `metrics`, `pages`, `preferred_locale`, `static_files`, `shutdown`
//! 2. `problem`, `telemetry`, `connections`
//! 3. `caller` (the client and the authenticated user), `concurrency`, `client_disconnect`, `workers`
//! 4. `limits`, `read_limits`, `heavy_search`, `import_file`
//! 5. `extract`, `app_state`
//! 6. `dto`, `response`, `cors`
//! 7. `streaming`
//! 8. `documents`
//! 9. `routes`
//! 10. `dav`
//! 11. `openapi`, `app`
//! 12. `wiring`, then `server`, then `cli`
//!
//! Locks: `connections/admission.rs`, `concurrency.rs` and `metrics/database.rs` have one mutex each. It is taken for one step,
//! without `await`, so a model checker would find no other order than that of the steps. `shutdown.rs`,
//! `telemetry/request_summary.rs` and `telemetry/sending.rs` have atomics with one operation a step. Each of these files has its
//! reason. Semaphores and turns are those of tokio.
//!
//! Invariant: this crate contains no business rules, SQL, SMTP or cryptography.
//! Invariant: only `wiring` makes adapters; only `problem`, and `dav` for the errors of DAV, map an error to an HTTP status.

mod app;
mod app_state;
mod caller;
pub mod cli;
mod client_disconnect;
mod concurrency;
mod connections;
mod cors;
mod dav;
mod documents;
mod dto;
mod extract;
mod heavy_search;
mod import_file;
mod limits;
mod metrics;
mod openapi;
mod pages;
mod path_prefix;
mod preferred_locale;
mod problem;
mod read_limits;
mod request_id;
mod response;
mod route_pattern;
mod routes;
pub mod server;
pub mod settings;
mod shutdown;
mod static_files;
mod streaming;
mod telemetry;
mod wiring;
mod workers;

pub use crate::{app::route_names, openapi::document};
