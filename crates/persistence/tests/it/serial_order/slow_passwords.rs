//! A hasher that takes time, as a real one does.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    client::LargestNetwork,
};

const HASHING: Duration = Duration::from_millis(2);

/// A hasher that takes time, in which other operations run.
pub(super) struct SlowPasswords(pub(super) Arc<dyn PasswordHasher>);

#[async_trait]
impl PasswordHasher for SlowPasswords {
    async fn hash(&self, password: &Password, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        tokio::time::sleep(HASHING).await;
        self.0.hash(password, from).await
    }

    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: LargestNetwork,
    ) -> Result<Verdict, HashingError> {
        tokio::time::sleep(HASHING).await;
        self.0.verify(attempt, hash, from).await
    }

    async fn rehash(&self, attempt: &PasswordAttempt, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        tokio::time::sleep(HASHING).await;
        self.0.rehash(attempt, from).await
    }
}
