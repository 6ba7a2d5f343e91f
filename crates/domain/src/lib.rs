//! Every rule of the contacts service, and the ports through which it reaches the world.
//!
//! Depended on by every other crate of the house; depends on none of them.
//!
//! The way of a request: a use case (one file, named by what it does) takes [`Ports`] and parsed
//! values, asks the ports, and answers with a model or with its own error enum.
//!
//! Invariant: nothing here knows HTTP, SQL, JSON, settings or the wall clock. `serde`, `actix-web`,
//! `sea-orm` and `config` are never imported; time, ids and secrets come in through ports.
//! Invariant: a value type that exists is valid; it is parsed once, at the edge.
//! Invariant: no slow work (hashing, mail, pictures) while a unit of work is open.

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
