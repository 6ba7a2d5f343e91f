//! What the domain takes from the machine: randomness, the time, ids.

use chrono::{SubsecRound as _, Utc};
use domain::{
    secret::{NoRandomness, SECRET_BYTES, Secret, SecretGenerator},
    time::{Clock, IdGenerator, Instant},
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Draws secrets from the operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomSecrets;

impl SecretGenerator for RandomSecrets {
    fn generate(&self) -> Result<Secret, NoRandomness> {
        let mut bytes = Zeroizing::new([0u8; SECRET_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| NoRandomness(error.to_string().into()))?;
        Ok(Secret::from_bytes(*bytes))
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's clock")]
    fn now(&self) -> Instant {
        Utc::now().trunc_subsecs(6)
    }
}

/// UUIDv7 that rise within the process, whichever thread or instance asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7Ids;

impl IdGenerator for UuidV7Ids {
    #[expect(clippy::disallowed_methods, reason = "this is the IdGenerator port's generator")]
    fn next_id(&self) -> Uuid {
        // It counts in one context for the whole process; one per instance would order ids only within it.
        Uuid::now_v7()
    }
}
