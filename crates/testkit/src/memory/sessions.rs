use async_trait::async_trait;
use domain::{
    account::{User, UserId},
    secret::{SealedSecret, SecretDigest},
    session::{FoundRefreshToken, RefreshToken, Session, SessionId, SessionQueries, SessionRepository},
    store::StoreError,
    time::Instant,
};

use super::{MemoryStore, MemoryUnit};

#[async_trait]
impl SessionQueries for MemoryStore {
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        Ok(self.read(|state| {
            let session = state.sessions.get(&session).filter(|found| found.user == user)?.clone();
            let user = state.users.get(&user)?.user.clone();
            Some((session, user))
        }))
    }

    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        Ok(self.read(|state| state.sessions.values().filter(|session| session.user == user).cloned().collect()))
    }
}

impl MemoryUnit {
    fn end_where(&mut self, ends: impl Fn(&Session) -> bool) -> u64 {
        let before = self.state.sessions.len();
        self.state.sessions.retain(|_, session| !ends(session));
        let sessions = &self.state.sessions;
        self.state.refresh_tokens.retain(|_, (session, _)| sessions.contains_key(session));
        (before - sessions.len()) as u64
    }
}

#[async_trait]
impl SessionRepository for MemoryUnit {
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError> {
        self.state.sessions.insert(session.id, session.clone());
        self.state.refresh_tokens.insert(first.0, (session.id, RefreshToken { digest: *first, used: None }));
        Ok(())
    }

    async fn lock_refresh_token(&mut self, digest: &SecretDigest) -> Result<Option<FoundRefreshToken>, StoreError> {
        let Some((session, token)) = self.state.refresh_tokens.get(&digest.0) else { return Ok(None) };
        let session = self.state.sessions.get(session).cloned();
        Ok(session.map(|session| FoundRefreshToken { token: token.clone(), session }))
    }

    async fn rotate_refresh_token(
        &mut self,
        session: SessionId,
        used: &SecretDigest,
        now: Instant,
        sealed_successor: &SealedSecret,
        successor: &SecretDigest,
    ) -> Result<(), StoreError> {
        self.state.refresh_tokens.get_mut(&used.0).unwrap().1.used = Some((now, *sealed_successor));
        let fresh = RefreshToken { digest: *successor, used: None };
        self.state.refresh_tokens.insert(successor.0, (session, fresh));
        self.state.sessions.get_mut(&session).unwrap().last_used_at = now;
        Ok(())
    }

    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        Ok(self.end_where(|found| found.id == session && found.user == user) > 0)
    }

    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(self.end_where(|found| found.user == user))
    }

    async fn end_other_sessions(&mut self, user: UserId, kept: SessionId) -> Result<u64, StoreError> {
        Ok(self.end_where(|found| found.user == user && found.id != kept))
    }

    async fn purge_sessions(&mut self, begun: Instant, used: Instant) -> Result<u64, StoreError> {
        Ok(self.end_where(|found| found.created_at <= begun || found.last_used_at <= used))
    }
}
