use std::sync::atomic::Ordering;

use async_trait::async_trait;
use domain::{
    account::User,
    app_password::{AppPassword, AppPasswordQueries, AppPasswordRepository},
    error::StoreError,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit, state::remove_some};

impl MemoryStore {
    fn app_password(&self, digest: &SecretDigest) -> Option<(AppPassword, User)> {
        self.read(|state| {
            let (password, _) = state.app_passwords.values().find(|(_, stored)| stored == digest)?;
            Some((password.clone(), state.users.get(&password.user)?.user.clone()))
        })
    }
}

#[async_trait]
impl AppPasswordQueries for MemoryStore {
    async fn cached_app_password(&self, digest: &SecretDigest) -> Option<(AppPassword, User)> {
        if self.caches_app_passwords.load(Ordering::SeqCst) { self.app_password(digest) } else { None }
    }

    async fn app_password_with_user(&self, digest: &SecretDigest) -> Result<Option<(AppPassword, User)>, StoreError> {
        self.app_password_reads.fetch_add(1, Ordering::SeqCst);
        Ok(self.app_password(digest))
    }

    async fn app_passwords_of(&self, user: UserId) -> Result<Vec<AppPassword>, StoreError> {
        let of_user = |(password, _): &&(AppPassword, SecretDigest)| password.user == user;
        let mut found: Vec<AppPassword> = self
            .read(|state| state.app_passwords.values().filter(of_user).map(|(password, _)| password.clone()).collect());
        found.sort_by_key(|password| std::cmp::Reverse((password.created_at, password.id)));
        Ok(found)
    }
}

#[async_trait]
impl AppPasswordRepository for MemoryUnit {
    async fn insert_app_password(&mut self, password: &AppPassword, digest: &SecretDigest) -> Result<(), StoreError> {
        self.require_user(password.user)?;
        let has_digest = self.state.app_passwords.values().any(|(_, stored)| stored == digest);
        self.require_unique(!has_digest && !self.state.app_passwords.contains_key(&password.id))?;
        self.state.app_passwords.insert(password.id, (password.clone(), *digest));
        Ok(())
    }

    async fn count_app_passwords(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(self.state.app_passwords.values().filter(|(password, _)| password.user == user).count() as u64)
    }

    async fn record_app_password_use(
        &mut self,
        user: UserId,
        id: AppPasswordId,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = self.state.app_passwords.get_mut(&id).map(|(password, _)| password);
        let due = |password: &&mut AppPassword| {
            password.user == user && password.last_used_at.is_none_or(|used_at| used_at <= since)
        };
        let Some(password) = found.filter(due) else { return Ok(false) };
        password.last_used_at = Some(now);
        Ok(true)
    }

    async fn end_app_password(&mut self, user: UserId, id: AppPasswordId) -> Result<bool, StoreError> {
        Ok(remove_some(&mut self.state.app_passwords, 1, |found, (password, _)| *found == id && password.user == user)
            > 0)
    }

    async fn end_app_passwords_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(remove_some(&mut self.state.app_passwords, u64::MAX, |_, (password, _)| password.user == user))
    }

    async fn purge_app_passwords(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let is_over = |password: &AppPassword| password.expires_at.is_some_and(|expires_at| expires_at <= until);
        Ok(remove_some(&mut self.state.app_passwords, limit, |_, (password, _)| is_over(password)))
    }
}
