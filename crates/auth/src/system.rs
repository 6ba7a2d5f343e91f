//! System adapters of the domain: randomness, clock and ids.

use chrono::{SubsecRound as _, Utc};
use domain::{
    ids::IdGenerator,
    secret::{NoRandomness, SECRET_BYTES, Secret, SecretGenerator},
    time::{Clock, Timestamp},
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Secrets from the random number generator of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomSecrets;

impl SecretGenerator for RandomSecrets {
    fn generate(&self) -> Result<Secret, NoRandomness> {
        let mut bytes = Zeroizing::new([0u8; SECRET_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| NoRandomness(error.to_string().into()))?;
        Ok(Secret::from_bytes(*bytes))
    }
}

/// The system clock, in whole microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "implements the Clock port")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}

/// UUIDv7 ids, ascending within the process across all threads and instances.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7Ids;

impl IdGenerator for UuidV7Ids {
    #[expect(clippy::disallowed_methods, reason = "implements the IdGenerator port")]
    fn next_id(&self) -> Uuid {
        // Uses one counter for the whole process; a counter for each instance would order ids only within the instance.
        Uuid::now_v7()
    }
}
