//! Fake of the session cache.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    session::{CacheLookup, CacheTicket, Credential, CredentialId, SessionCache},
    time::{Clock as _, Timestamp},
};

use crate::fakes::FrozenClock;

/// Session cache in a map.
pub struct FakeSessionCache {
    clock: Arc<FrozenClock>,
    lifetime: chrono::Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    generations: HashMap<UserId, u128>,
    entries: HashMap<CredentialId, Entry>,
    app_passwords: HashMap<SecretDigest, (UserId, AppPasswordId)>,
}

#[derive(Clone)]
struct Entry {
    generation: u128,
    /// False when its ticket was of an earlier generation.
    is_valid: bool,
    expires_at: Timestamp,
    credential: Credential,
    user: User,
}

impl FakeSessionCache {
    /// Creates an empty cache with entries of that lifetime, by that clock.
    #[must_use]
    pub fn new(clock: Arc<FrozenClock>, lifetime: Duration) -> Self {
        Self { clock, lifetime: chrono::Duration::from_std(lifetime).unwrap(), state: Mutex::default() }
    }
}

#[async_trait]
impl SessionCache for FakeSessionCache {
    async fn look_up(&self, user: UserId, id: CredentialId) -> CacheLookup {
        let (state, now) = (self.state.lock().unwrap(), self.clock.now());
        let generation = state.generations.get(&user).copied().unwrap_or_default();
        let entry = state.entries.get(&id).cloned();
        match entry {
            Some(entry)
                if entry.is_valid
                    && entry.user.id == user
                    && entry.generation == generation
                    && now < entry.expires_at =>
            {
                CacheLookup::Hit(Box::new((entry.credential, entry.user)))
            }
            _ => CacheLookup::Miss(CacheTicket(generation)),
        }
    }

    async fn store(&self, ticket: CacheTicket, credential: &Credential, user: &User) {
        let expires_at = self.clock.now() + self.lifetime;
        let mut state = self.state.lock().unwrap();
        let generation = state.generations.get(&user.id).copied().unwrap_or_default();
        let is_valid = ticket.0 == generation;
        let present = state.entries.get(&credential.id()).filter(|present| present.generation == generation);
        if present.is_some_and(|present| present.credential != *credential || present.user != *user) {
            *state.generations.entry(user.id).or_default() += 1;
        } else if is_valid || present.is_none() {
            let (credential, user) = (credential.clone(), user.clone());
            state.entries.insert(credential.id(), Entry { generation, is_valid, expires_at, credential, user });
        }
    }

    async fn app_password_id(&self, digest: &SecretDigest) -> Option<(UserId, AppPasswordId)> {
        self.state.lock().unwrap().app_passwords.get(digest).copied()
    }

    async fn store_app_password_id(&self, digest: &SecretDigest, user: UserId, id: AppPasswordId) {
        self.state.lock().unwrap().app_passwords.insert(*digest, (user, id));
    }

    async fn invalidate(&self, users: &[UserId]) {
        let mut state = self.state.lock().unwrap();
        for user in users {
            *state.generations.entry(*user).or_default() += 1;
        }
    }
}
