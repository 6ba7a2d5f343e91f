//! Clock, ids and secrets that a test can predict.

use std::sync::Mutex;

use chrono::Duration;
use domain::{
    ids::IdGenerator,
    secret::{NoRandomness, Secret, SecretGenerator},
    time::{Clock, Timestamp},
};
use uuid::Uuid;

use crate::samples;

/// Clock that does not advance until it is set.
pub struct FrozenClock(Mutex<Timestamp>);

impl Default for FrozenClock {
    fn default() -> Self {
        Self(Mutex::new(samples::now()))
    }
}

impl FrozenClock {
    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    /// Sets the clock.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Ascending ids.
#[derive(Default)]
pub struct CountingIds;

impl IdGenerator for CountingIds {
    fn next_id(&self) -> Uuid {
        samples::id()
    }
}

/// Ascending, predictable secrets.
#[derive(Default)]
pub struct CountingSecrets;

impl SecretGenerator for CountingSecrets {
    fn generate(&self) -> Result<Secret, NoRandomness> {
        Ok(samples::secret())
    }
}
