//! Storage of app passwords.

use async_trait::async_trait;

use super::AppPassword;
use crate::{
    account::User,
    error::StoreError,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    time::Timestamp,
};

/// Reads of app passwords, directly from the pool. Ended app passwords are never returned, expired ones are.
#[async_trait]
pub trait AppPasswordQueries {
    /// Returns the app password with this digest and its user, when the store has both in its cache and no change of
    /// them was committed since. Costs no statement.
    async fn cached_app_password(&self, digest: &SecretDigest) -> Option<(AppPassword, User)>;

    /// Returns the app password with this digest and its user, or `None`. Costs one statement, also for an unknown
    /// digest. What it returns may be in the cache afterwards.
    async fn app_password_with_user(&self, digest: &SecretDigest) -> Result<Option<(AppPassword, User)>, StoreError>;

    /// Returns every app password of a user, the latest created first.
    async fn app_passwords_of(&self, user: UserId) -> Result<Vec<AppPassword>, StoreError>;
}

/// App passwords in a unit of work.
#[async_trait]
pub trait AppPasswordRepository {
    /// Adds an app password. The digest MUST be unique among all users.
    async fn insert_app_password(&mut self, password: &AppPassword, digest: &SecretDigest) -> Result<(), StoreError>;

    /// Returns the number of app passwords of a user.
    async fn count_app_passwords(&mut self, user: UserId) -> Result<u64, StoreError>;

    /// Stores a use at `now`. Returns `false`, and changes nothing, when a use was stored after `since`, or there is no
    /// such app password of the user. Of several concurrent units, exactly one gets `true`.
    async fn record_app_password_use(
        &mut self,
        user: UserId,
        id: AppPasswordId,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends an app password of a user. Returns `false` when there is none.
    async fn end_app_password(&mut self, user: UserId, id: AppPasswordId) -> Result<bool, StoreError>;

    /// Ends every app password of a user. Returns the number of ended app passwords.
    async fn end_app_passwords_of(&mut self, user: UserId) -> Result<u64, StoreError>;

    /// Removes at most `limit` app passwords that expired at or before `until`. Returns the number of removed app
    /// passwords.
    async fn purge_app_passwords(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError>;
}
