//! What the rules of sessions need of a store.

use async_trait::async_trait;

use super::{RefreshToken, Session, SessionId};
use crate::{
    account::{User, UserId},
    secret::{SealedSecret, SecretDigest},
    store::StoreError,
    time::Instant,
};

/// Reads of sessions, off the pool.
#[async_trait]
pub trait SessionQueries {
    /// The session and its user, in one statement, or none when the store remembers them and nothing
    /// that concerns them was committed since. `None` when either is gone, or the session is another
    /// user's.
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// Every session of a user that is kept, in any order.
    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError>;
}

/// A refresh token found by its digest, with its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRefreshToken {
    /// The token.
    pub token: RefreshToken,
    /// Its session.
    pub session: Session,
}

/// Sessions in a unit of work.
#[async_trait]
pub trait SessionRepository {
    /// Adds a session and its first refresh token.
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError>;

    /// The token and its session, locked: until this unit ends no other unit gets past this call
    /// for a token of the same session.
    async fn lock_refresh_token(&mut self, digest: &SecretDigest) -> Result<Option<FoundRefreshToken>, StoreError>;

    /// Marks a token as used at `now`, adds its successor and notes the session as used.
    async fn rotate_refresh_token(
        &mut self,
        session: SessionId,
        used: &SecretDigest,
        now: Instant,
        sealed_successor: &SealedSecret,
        successor: &SecretDigest,
    ) -> Result<(), StoreError>;

    /// Ends one session of a user, with its tokens. `false` when there was none.
    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends every session of a user; says how many.
    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError>;

    /// Ends every session of a user but that one; says how many.
    async fn end_other_sessions(&mut self, user: UserId, kept: SessionId) -> Result<u64, StoreError>;

    /// Removes the sessions begun at or before `begun` or last used at or before `used`; says how many.
    async fn purge_sessions(&mut self, begun: Instant, used: Instant) -> Result<u64, StoreError>;
}
