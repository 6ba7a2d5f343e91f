//! Storage of sessions.

use async_trait::async_trait;

use super::{Session, StoredTokens};
use crate::{
    account::User,
    error::StoreError,
    ids::{SessionId, UserId},
    secret::SecretDigest,
    time::Timestamp,
};

/// Reads of sessions, directly from the pool. Ended sessions are never returned.
#[async_trait]
pub trait SessionQueries {
    /// Returns a session and its user. Costs one statement, or none when the store has both in its cache and no change
    /// of them was committed since. A session from the cache may have an earlier time of use and IP address: a refresh by
    /// another process is not announced. Returns `None` when either does not exist, or the session belongs to another user.
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// Returns every session of a user, in any order.
    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError>;
}

/// Locked session with its stored refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedSession {
    /// The session.
    pub session: Session,
    /// Its refresh tokens.
    pub tokens: StoredTokens,
}

/// Sessions in a unit of work.
///
/// Ending a session is one small write: the session is marked, and [`SessionRepository::purge_sessions`] removes it
/// later.
#[async_trait]
pub trait SessionRepository {
    /// Adds a session and its first refresh token.
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError>;

    /// Returns the session, locked: until this unit ends, other units wait in this call and in calls that end the
    /// session. Returns `None` when it does not exist or has ended.
    async fn lock_session(&mut self, session: SessionId) -> Result<Option<LockedSession>, StoreError>;

    /// Stores the time and IP address of the last use of a session, and its refresh tokens.
    async fn renew_session(&mut self, session: &Session, tokens: &StoredTokens) -> Result<(), StoreError>;

    /// Ends one session of a user. Returns `false` when there is none, or it had already ended.
    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends every session of a user. Returns the number of ended sessions.
    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError>;

    /// Ends every session of a user except `current`. Returns the number of ended sessions.
    async fn end_other_sessions(&mut self, user: UserId, current: SessionId) -> Result<u64, StoreError>;

    /// Ends the sessions of a user except the `most` most recently used ones. Returns the number of ended sessions.
    async fn end_longest_unused_sessions(&mut self, user: UserId, most: u64) -> Result<u64, StoreError>;

    /// Removes at most `limit` sessions that were ended, created at or before `created_until`, or last used at or
    /// before `used_until`. Returns the number of removed sessions.
    async fn purge_sessions(
        &mut self,
        created_until: Timestamp,
        used_until: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
