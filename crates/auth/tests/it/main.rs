//! Passwords, access tokens, secrets, clock and ids, with nothing faked but the clock.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod access_tokens;
mod forge;
mod hostile_tokens;
mod passwords;
mod settings;
mod system;
