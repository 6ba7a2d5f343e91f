//! Password hashing with bcrypt, outside the async workers.

use std::{ops::Range, time::Duration};

use async_trait::async_trait;
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    client::LargestNetwork,
    secret::SecretGenerator as _,
};
use work_pool::{JobError, Limits, Readings, WorkPool};
use zeroize::Zeroizing;

use crate::{
    RandomSecrets,
    password_scheme::{PasswordKey, StoredHash},
    settings::{PasswordSettings, SettingsError},
};

/// Maximum time that a password waits for a thread. At the default cost a full queue takes a few seconds.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Minimum work factor of bcrypt. A hash of it takes about a millisecond.
const CHEAP_COST: u32 = 4;

/// Hashes passwords with bcrypt on dedicated threads. All workers share one instance.
///
/// Every failed attempt takes the time of one bcrypt at the configured cost. This includes attempts without a hash, and
/// with a hash of a lower cost, which is replaced at the user's next login. After the cost was lowered, hashes of the
/// higher cost take longer until then.
pub struct BcryptPasswords {
    pool: WorkPool<LargestNetwork>,
    key: PasswordKey,
    cost: u32,
    /// The hash of a discarded random password, for attempts without a user.
    dummy: String,
}

impl BcryptPasswords {
    /// Starts the threads.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn new(settings: PasswordSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let PasswordSettings { cost, pepper, threads, queue } = settings;
        let limits = Limits { threads, queue, max_wait: MAX_WAIT, budget: 0 };
        let pool = WorkPool::start("password-hash", limits).map_err(SettingsError::Thread)?;
        let random = Zeroizing::new(RandomSecrets.generate()?.reveal());
        let cheap = bcrypt::non_truncating_hash(random.as_bytes(), CHEAP_COST).map_err(SettingsError::Bcrypt)?;
        // No password has this hash. Verifying one against it takes as long as against any other of the cost, and the
        // start of the service does not wait for it.
        let dummy = cheap.replacen(&format!("${CHEAP_COST:02}$"), &format!("${cost:02}$"), 1);
        Ok(Self { pool, key: PasswordKey::new(pepper), cost, dummy })
    }

    /// Returns the current state of the threads and their queue.
    #[must_use]
    pub fn readings(&self) -> Readings {
        self.pool.readings()
    }
}

#[async_trait]
impl PasswordHasher for BcryptPasswords {
    #[tracing::instrument(target = "spans", name = "hash password", skip_all)]
    async fn hash(&self, password: &Password, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        self.hash_text(password.reveal(), from).await
    }

    #[tracing::instrument(target = "spans", name = "verify password", skip_all)]
    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: LargestNetwork,
    ) -> Result<Verdict, HashingError> {
        let stored: Option<StoredHash> = hash.map(|hash| hash.0.parse()).transpose().map_err(failed)?;
        let (digest, is_key_known) = match &stored {
            Some(stored) => self.key.digest_for(stored, attempt.reveal()),
            None => (self.key.digest(attempt.reveal()), false),
        };
        let outdated = stored.as_ref().is_some_and(|stored| self.key.is_outdated(stored, self.cost));
        let padding = padding_costs(stored.as_ref().map(|stored| stored.cost), self.cost);
        let bcrypt = stored.map_or_else(|| self.dummy.clone(), |stored| stored.bcrypt);
        let verify = move || {
            let is_equal = bcrypt::non_truncating_verify(digest.as_bytes(), &bcrypt)?;
            if !is_equal {
                for cost in padding {
                    bcrypt::non_truncating_hash(digest.as_bytes(), cost)?;
                }
            }
            Ok(is_equal)
        };
        let is_equal = self.run(from, verify).await?;
        Ok(if is_equal && is_key_known { Verdict::Match { outdated } } else { Verdict::Mismatch })
    }

    #[tracing::instrument(target = "spans", name = "hash password", skip_all)]
    async fn rehash(&self, attempt: &PasswordAttempt, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        self.hash_text(attempt.reveal(), from).await
    }
}

impl BcryptPasswords {
    async fn hash_text(&self, password: &str, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        let (digest, cost) = (self.key.digest(password), self.cost);
        let bcrypt = self.run(from, move || bcrypt::non_truncating_hash(digest.as_bytes(), cost)).await?;
        Ok(PasswordHash(self.key.format(&bcrypt)))
    }

    /// Runs bcrypt on a thread of the pool.
    async fn run<T: Send + 'static>(
        &self,
        from: LargestNetwork,
        work: impl FnOnce() -> bcrypt::BcryptResult<T> + Send + 'static,
    ) -> Result<T, HashingError> {
        match self.pool.submit(from, 0, work).await {
            Ok(outcome) => outcome.map_err(failed),
            Err(JobError::QueueFull | JobError::Displaced | JobError::TimedOut) => Err(HashingError::Overloaded),
            Err(error @ JobError::Ended) => Err(failed(error)),
        }
    }
}

/// Returns the costs of the hashes that a failed attempt computes after it was compared with a stored hash of cost
/// `stored`, or with the dummy hash. Cost n + 1 takes twice the time of cost n, so one hash at each missing cost adds up
/// to the configured cost.
fn padding_costs(stored: Option<u32>, configured: u32) -> Range<u32> {
    stored.unwrap_or(configured)..configured
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> HashingError {
    HashingError::Failed(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dummy_hash_has_the_configured_cost_and_matches_no_password() {
        let passwords = BcryptPasswords::new(PasswordSettings { cost: 10, ..PasswordSettings::default() }).unwrap();
        let parts: bcrypt::HashParts = passwords.dummy.parse().unwrap();
        assert_eq!(parts.get_cost(), 10);
        assert!(!bcrypt::verify("password", &passwords.dummy).unwrap());
    }

    #[test]
    fn every_failed_attempt_takes_the_time_of_the_configured_cost() {
        let table: [(Option<u32>, u32, &[u32]); 5] = [
            (Some(10), 12, &[10, 11]),
            (Some(11), 12, &[11]),
            (Some(12), 12, &[]),
            (Some(14), 12, &[]),
            (None, 12, &[]),
        ];
        for (stored, configured, expected) in table {
            let padding: Vec<_> = padding_costs(stored, configured).collect();
            assert_eq!(padding, expected, "{stored:?}");
            // The time in units of cost 0. A hash of a higher cost takes longer.
            let compared = stored.unwrap_or(configured);
            let time: u64 = padding.iter().chain([&compared]).map(|cost| 1_u64 << cost).sum();
            assert_eq!(time, 1_u64 << compared.max(configured), "{stored:?}");
        }
    }
}
