//! Passwords hashed with bcrypt, off the async workers.

use async_trait::async_trait;
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    client::ClientNetwork,
    secret::SecretGenerator as _,
};
use zeroize::Zeroizing;

use crate::{
    RandomSecrets,
    password_scheme::{PasswordKey, StoredHash},
    pool::{Pool, Readings, Unanswered},
    settings::{PasswordSettings, SettingsError},
};

/// Hashes passwords with bcrypt on threads of its own; share one among all workers.
///
/// Every attempt that fails costs one bcrypt of today's cost, also without a hash, and with one that was
/// made at a lower cost and waits for its owner's next sign-in. After the cost was lowered, hashes of the
/// higher one take longer until then.
pub struct BcryptPasswords {
    pool: Pool,
    key: PasswordKey,
    cost: u32,
    /// A hash of nothing anybody knows, for attempts at nobody.
    nobody: String,
}

impl BcryptPasswords {
    /// Starts the threads and makes one hash, on the thread that calls.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn new(settings: PasswordSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let PasswordSettings { cost, pepper, threads, queue } = settings;
        let pool = Pool::start("password-hash", threads, queue).map_err(SettingsError::Thread)?;
        let unknown = Zeroizing::new(RandomSecrets.generate()?.reveal());
        let nobody = bcrypt::non_truncating_hash(unknown.as_bytes(), cost).map_err(SettingsError::Bcrypt)?;
        Ok(Self { pool, key: PasswordKey::new(pepper), cost, nobody })
    }

    /// How the threads and their queue stand.
    #[must_use]
    pub fn readings(&self) -> Readings {
        self.pool.readings()
    }

    async fn hash_text(&self, password: &str, from: ClientNetwork) -> Result<PasswordHash, HashingError> {
        let (digest, cost) = (self.key.digest(password), self.cost);
        let bcrypt = self.run(from, move || bcrypt::non_truncating_hash(digest.as_bytes(), cost)).await?;
        Ok(PasswordHash(self.key.format(&bcrypt)))
    }

    /// Runs bcrypt on a thread of the pool.
    async fn run<T: Send + 'static>(
        &self,
        from: ClientNetwork,
        work: impl FnOnce() -> bcrypt::BcryptResult<T> + Send + 'static,
    ) -> Result<T, HashingError> {
        let answer = self.pool.submit(from, work).map_err(|_| HashingError::Overloaded)?;
        match answer.await {
            Ok(outcome) => outcome.map_err(failed),
            Err(Unanswered::Displaced) => Err(HashingError::Overloaded),
            Err(error @ Unanswered::Ended) => Err(failed(error)),
        }
    }
}

#[async_trait]
impl PasswordHasher for BcryptPasswords {
    #[tracing::instrument(target = "spans", name = "hash password", skip_all)]
    async fn hash(&self, password: &Password, from: ClientNetwork) -> Result<PasswordHash, HashingError> {
        self.hash_text(password.reveal(), from).await
    }

    #[tracing::instrument(target = "spans", name = "verify password", skip_all)]
    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: ClientNetwork,
    ) -> Result<Verdict, HashingError> {
        let stored: Option<StoredHash> = hash.map(|hash| hash.0.parse()).transpose().map_err(failed)?;
        let (digest, is_key_known) = match &stored {
            Some(stored) => self.key.digest_for(stored, attempt.reveal()),
            None => (self.key.digest(attempt.reveal()), false),
        };
        let outdated = stored.as_ref().is_some_and(|stored| self.key.is_outdated(stored, self.cost));
        let cost = self.cost;
        let (bcrypt, stored_cost) =
            stored.map_or_else(|| (self.nobody.clone(), cost), |stored| (stored.bcrypt, stored.cost));
        let verify = move || {
            let is_equal = bcrypt::non_truncating_verify(digest.as_bytes(), &bcrypt)?;
            if !is_equal {
                // The work of cost n twice over is that of n + 1, so these make up for what is missing.
                for missing in stored_cost..cost {
                    bcrypt::non_truncating_hash(digest.as_bytes(), missing)?;
                }
            }
            Ok(is_equal)
        };
        let is_equal = self.run(from, verify).await?;
        Ok(if is_equal && is_key_known { Verdict::Match { outdated } } else { Verdict::Mismatch })
    }

    #[tracing::instrument(target = "spans", name = "hash password", skip_all)]
    async fn rehash(&self, attempt: &PasswordAttempt, from: ClientNetwork) -> Result<PasswordHash, HashingError> {
        self.hash_text(attempt.reveal(), from).await
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> HashingError {
    HashingError::Failed(Box::new(error))
}
