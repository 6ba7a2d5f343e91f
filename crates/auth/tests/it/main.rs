//! Tests of passwords, access tokens, secrets, clock and ids. Only the clock is fake.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod access_tokens;
mod forge;
mod fuzzing;
mod hostile_tokens;
mod passwords;
mod settings;
mod system;
