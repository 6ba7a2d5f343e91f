//! The HTTP shell: settings, wiring, routes, the OpenAPI document, and the pages that mails lead to.
//!
//! Nobody depends on it but its own binary, `contacts-api`.
//!
//! The way of a request: `routes` (parse, by `extract` and `dto`) → a use case of `domain` → a port →
//! the adapter that `wiring` put behind it → and back through `dto`, or through `problem` when it
//! fails; `envelope` closes every answer.
//!
//! Invariant: no business rule is decided here, and no SQL, SMTP or cryptography is done here.
//! Invariant: only `wiring` names adapters; only `problem` names the HTTP status of an error.

mod app;
pub mod cli;
mod connections;
mod departed;
mod drain;
mod dto;
mod envelope;
mod extract;
mod large_response;
mod limits;
mod metrics;
mod openapi;
mod pages;
mod problem;
mod routes;
pub mod server;
pub mod settings;
mod shell;
mod telemetry;
mod wiring;
mod workers;

pub use crate::openapi::document;
