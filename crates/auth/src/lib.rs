//! Authentication adapters: password hashes, access tokens and random secrets. System adapters: clock and ids.
//!
//! Only `api` depends on this crate: its wiring makes the adapters, its settings read their bounds.
//!
//! [`BcryptPasswords`] hashes passwords on a [`work_pool::WorkPool`]. [`JwtAccessTokens`] signs and verifies access
//! tokens. [`RandomSecrets`], [`SystemClock`] and [`UuidV7Ids`] implement ports of the domain with the operating
//! system.
//!
//! Invariant: nothing here depends on HTTP, storage, the environment or another adapter; `actix-web`, `sea-orm`,
//! `config` and the other adapter crates are never imported.
//! Invariant: no password, secret or token appears in a log, an error or a `Debug` text.
//! Invariant: the time comes from the `Clock` port; only [`SystemClock`] and [`UuidV7Ids`] read the system clock.

mod access_tokens;
mod password_scheme;
#[cfg(test)]
mod password_scheme_properties;
mod passwords;
mod settings;
mod system;

pub use self::{
    access_tokens::{JwtAccessTokens, RejectedToken},
    passwords::BcryptPasswords,
    settings::{JwtSettings, MIN_SECRET_BYTES, PasswordSettings, SettingsError},
    system::{RandomSecrets, SystemClock, UuidV7Ids},
};
