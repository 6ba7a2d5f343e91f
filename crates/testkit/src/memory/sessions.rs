use std::{cmp::Reverse, sync::atomic::Ordering};

use async_trait::async_trait;
use domain::{
    account::User,
    error::StoreError,
    ids::{SessionId, UserId},
    secret::SecretDigest,
    session::{LockedSession, Session, SessionQueries, SessionRepository, StoredTokens},
    time::Timestamp,
};

use super::{
    MemoryStore, MemoryUnit,
    state::{StoredSession, remove_some},
};

#[async_trait]
impl SessionQueries for MemoryStore {
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        self.session_lookups.fetch_add(1, Ordering::SeqCst);
        Ok(self.read(|state| {
            let found = state.sessions.get(&session).filter(|found| found.session.user == user && !found.is_ended)?;
            let user = state.users.get(&user)?.user.clone();
            Some((found.session.clone(), user))
        }))
    }

    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        Ok(self.read(|state| {
            let theirs = state.sessions.values().filter(|stored| stored.session.user == user && !stored.is_ended);
            theirs.map(|stored| stored.session.clone()).collect()
        }))
    }
}

impl MemoryUnit {
    fn end_where(&mut self, ends: impl Fn(&Session) -> bool) -> u64 {
        let mut ended = 0;
        for stored in self.state.sessions.values_mut().filter(|stored| !stored.is_ended && ends(&stored.session)) {
            stored.is_ended = true;
            ended += 1;
        }
        ended
    }
}

#[async_trait]
impl SessionRepository for MemoryUnit {
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError> {
        self.require_user(session.user)?;
        self.require_unique(!self.state.sessions.contains_key(&session.id))?;
        let tokens = StoredTokens { current: *first, previous: None };
        self.state.sessions.insert(session.id, StoredSession { session: session.clone(), tokens, is_ended: false });
        Ok(())
    }

    async fn lock_session(&mut self, session: SessionId) -> Result<Option<LockedSession>, StoreError> {
        let found = self.state.sessions.get(&session).filter(|found| !found.is_ended);
        Ok(found.map(|found| LockedSession { session: found.session.clone(), tokens: found.tokens }))
    }

    async fn renew_session(&mut self, session: &Session, tokens: &StoredTokens) -> Result<(), StoreError> {
        if let Some(stored) = self.state.sessions.get_mut(&session.id) {
            stored.session.last_used_at = session.last_used_at;
            stored.session.client.ip = session.client.ip;
            stored.tokens = *tokens;
        }
        Ok(())
    }

    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        Ok(self.end_where(|found| found.id == session && found.user == user) > 0)
    }

    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(self.end_where(|found| found.user == user))
    }

    async fn end_other_sessions(&mut self, user: UserId, current: SessionId) -> Result<u64, StoreError> {
        Ok(self.end_where(|found| found.user == user && found.id != current))
    }

    async fn end_longest_unused_sessions(&mut self, user: UserId, most: u64) -> Result<u64, StoreError> {
        let theirs = self.state.sessions.values().filter(|stored| stored.session.user == user && !stored.is_ended);
        let mut theirs: Vec<_> =
            theirs.map(|StoredSession { session, .. }| (session.last_used_at, session.id)).collect();
        theirs.sort_by_key(|position| Reverse(*position));
        let beyond = theirs.split_off(theirs.len().min(usize::try_from(most).unwrap_or(usize::MAX)));
        Ok(self.end_where(|found| beyond.iter().any(|(_, id)| *id == found.id)))
    }

    async fn purge_sessions(&mut self, begun: Timestamp, used: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let is_over = |StoredSession { session, is_ended, .. }: &StoredSession| {
            *is_ended || session.created_at <= begun || session.last_used_at <= used
        };
        Ok(remove_some(&mut self.state.sessions, limit, |_, stored| is_over(stored)))
    }
}
