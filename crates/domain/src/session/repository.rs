//! The store of sessions, as the rules need it.

use async_trait::async_trait;

use super::{Session, SessionId, StoredTokens};
use crate::{
    account::{User, UserId},
    secret::SecretDigest,
    store::StoreError,
    time::Instant,
};

/// Reads of sessions, off the pool. A session that was ended is not found by any of them.
#[async_trait]
pub trait SessionQueries {
    /// The session and its user, in one statement, or none when the store remembers them and nothing
    /// that concerns them was committed since. `None` when either is gone, or the session is another
    /// user's.
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// Every session of a user, in any order.
    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError>;
}

/// A session that is locked, with what is stored of its refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedSession {
    /// The session.
    pub session: Session,
    /// Its refresh tokens.
    pub tokens: StoredTokens,
}

/// Sessions in a unit of work.
///
/// Ending a session is one small write: it is marked, and [`SessionRepository::purge_sessions`] removes it later.
#[async_trait]
pub trait SessionRepository {
    /// Adds a session and its first refresh token.
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError>;

    /// The session, locked: until this unit ends no other unit gets past this call for the same session, nor ends it.
    /// `None` when there is none, or it was ended.
    async fn lock_session(&mut self, session: SessionId) -> Result<Option<LockedSession>, StoreError>;

    /// Writes the time and the address of the last use of a session, and its refresh tokens.
    async fn renew_session(&mut self, session: &Session, tokens: &StoredTokens) -> Result<(), StoreError>;

    /// Ends one session of a user. `false` when there was none, or it was ended before.
    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends every session of a user; returns how many.
    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError>;

    /// Ends every session of a user but that one; returns how many.
    async fn end_other_sessions(&mut self, user: UserId, kept: SessionId) -> Result<u64, StoreError>;

    /// Ends the sessions of a user beyond the `most` that were used last; returns how many.
    async fn end_longest_unused_sessions(&mut self, user: UserId, most: u64) -> Result<u64, StoreError>;

    /// Removes at most `limit` sessions that were ended, begun at or before `begun`, or last used at or before `used`;
    /// returns how many.
    async fn purge_sessions(&mut self, begun: Instant, used: Instant, limit: u64) -> Result<u64, StoreError>;
}
