//! Proof of who somebody is: password hashes, access tokens, random secrets; and the machine's own
//! clock and ids.
//!
//! Depended on by `api`, in its wiring only.
//!
//! [`BcryptPasswords`] hashes on threads of its own ([`pool`]), [`JwtAccessTokens`] signs and checks
//! access tokens, [`RandomSecrets`], [`SystemClock`] and [`UuidV7Ids`] take from the machine what the
//! domain asks for.
//!
//! Invariant: nothing here knows HTTP, storage, the environment or another adapter; `actix-web`,
//! `sea-orm`, `config` and the other adapter crates are never imported.
//! Invariant: no password, secret or token reaches a log, an error or a `Debug`.
//! Invariant: the time is asked from the `Clock` port; only [`SystemClock`] and [`UuidV7Ids`] read the machine's.

mod access_tokens;
mod fair_queue;
mod machine;
mod password_scheme;
mod passwords;
pub mod pool;
mod settings;

pub use self::{
    access_tokens::{JwtAccessTokens, RefusedToken},
    machine::{RandomSecrets, SystemClock, UuidV7Ids},
    passwords::BcryptPasswords,
    settings::{JwtSettings, PasswordSettings, SettingsError},
};
