//! Business rules of the contacts service, and the ports to everything outside them.
//!
//! The adapters, `api` and `testkit` depend on this crate. It depends on no crate of the workspace.
//!
//! The modules are layers. A module imports from lower layers, and from its own layer without circles. They are, the
//! lowest first:
//!
//! 1. [`error`], [`ids`], [`client`], [`text`], [`time`], [`secret`], [`folding`], [`collation`], and `invisible`;
//! 2. [`account`], [`app_password`], [`session`], [`contact`], [`mail`], [`audit`], [`picture`], [`limit`],
//!    [`idempotency`]: values,
//!    models and ports;
//! 3. [`store`]: all repositories together;
//! 4. [`Policy`];
//! 5. [`Ports`];
//! 6. [`use_cases`]: one file an operation.
//!
//! Invariant: no dependency on HTTP, SQL, settings or the wall clock. `actix-web`, `sea-orm` and `config` are never
//! imported. Time, ids and secrets are provided by ports.
//! Invariant: `serde`, `serde_json` and, with the feature `openapi`, `utoipa` serve a contact's card only: see
//! `contact/card.rs`.
//! Invariant: every instance of a value type is valid. It is parsed once, in the adapter that receives it.
//! Invariant: no slow work (hashing, mail, pictures) runs while a unit of work is open.

#![warn(missing_docs)]

pub mod account;
pub mod app_password;
pub mod audit;
pub mod client;
pub mod collation;
pub mod contact;
pub mod error;
pub mod folding;
pub mod idempotency;
pub mod ids;
mod invisible;
pub mod limit;
pub mod mail;
pub mod picture;
mod policy;
mod ports;
pub mod secret;
pub mod session;
pub mod store;
pub mod text;
pub mod time;
pub mod use_cases;

pub use self::{policy::Policy, ports::Ports};
