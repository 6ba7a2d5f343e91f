//! Business rules of the contacts service, and the ports to everything outside them.
//!
//! Every other crate of the workspace depends on this crate. It depends on none of them.
//!
//! A use case is one file, named after the operation. It takes [`Ports`] and parsed values, calls the ports, and
//! returns a model or its own error enum.
//!
//! Invariant: no dependency on HTTP, SQL, JSON, settings or the wall clock. `serde`, `actix-web`,
//! `sea-orm` and `config` are never imported. Time, ids and secrets are provided by ports.
//! Invariant: every instance of a value type is valid. It is parsed once, in the adapter that receives it.
//! Invariant: no slow work (hashing, mail, pictures) runs while a unit of work is open.

#![warn(missing_docs)]

pub mod account;
pub mod audit;
pub mod client;
pub mod contact;
pub mod folding;
pub mod idempotency;
pub mod limit;
pub mod mail;
pub mod maintenance;
pub mod picture;
pub mod ports;
pub mod secret;
pub mod session;
pub mod store;
pub mod text;
pub mod time;

pub use ports::{Policy, Ports};
