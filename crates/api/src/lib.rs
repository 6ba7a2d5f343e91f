//! HTTP layer: settings, wiring, routes, the OpenAPI document, and the pages that mails link to.
//!
//! Only its own binary, `contacts-api`, depends on this crate.
//!
//! Path of a request: `routes` (parsed by `extract` and `dto`) → a use case of `domain` → a port → the adapter that
//! `wiring` has chosen. The result goes back through `dto`, and an error through `problem`. `response` completes every
//! response.
//!
//! Invariant: this crate contains no business rules, SQL, SMTP or cryptography.
//! Invariant: only `wiring` names adapters; only `problem` maps an error to an HTTP status.

mod app;
mod app_state;
pub mod cli;
mod client_disconnect;
mod connections;
mod drain;
mod dto;
mod extract;
mod large_response;
mod limits;
mod metrics;
mod openapi;
mod pages;
mod problem;
mod response;
mod routes;
pub mod server;
pub mod settings;
mod telemetry;
mod wiring;
mod workers;

pub use crate::openapi::document;
