//! Session cache in this process.

use std::{
    hash::{BuildHasher as _, RandomState},
    num::NonZeroU64,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::{
    account::{Email, User},
    ids::{AppPasswordId, UserId},
    picture::PictureKey,
    secret::SecretDigest,
    session::{CacheLookup, CacheTicket, Credential, CredentialId, SessionCache, WatchedSessionCache},
};

use super::{entries::Entries, watch::Watch};
use crate::atomics::{AtomicU64, Ordering};

/// Number of generations. Users whose ids hash to the same slot share one: invalidating one user invalidates the
/// others, and the memory does not grow with the number of users. The models of the unit tests have one slot.
const GENERATIONS: usize = if cfg!(test) { 1 } else { 4096 };

/// Maximum number of ids of app passwords. They take about 10 MiB.
const APP_PASSWORD_IDS: u64 = 50_000;

#[derive(Clone)]
struct Entry {
    generation: u64,
    /// False when its ticket was of an earlier generation. It is not returned, and compared with what others store.
    is_valid: bool,
    /// Watch during which the entry was read; 0 for none.
    watch: u64,
    stored_at: Instant,
    credential: Credential,
    user: User,
}

/// Cache of sessions and app passwords that this process has recently read. When other processes write to the database, too,
/// it is exact while a watch is confirmed, except for the time and IP address of a refresh by them. Without a watch, entries may be outdated for as long as they live unwatched.
pub struct InProcessSessionCache {
    entries: Entries<CredentialId, Entry>,
    app_password_ids: Entries<SecretDigest, (UserId, AppPasswordId)>,
    /// `None` when no other process writes to the database.
    watch: Option<Watch>,
    generations: Vec<AtomicU64>,
    hasher: RandomState,
}

impl InProcessSessionCache {
    /// Default maximum size of all entries, in bytes, approximately.
    pub const CAPACITY: u64 = 32 * 1024 * 1024;

    /// Creates an empty cache. Entries expire after `lifetime` and take at most `capacity` bytes, approximately.
    #[must_use]
    pub fn new(lifetime: Duration, capacity: u64) -> Self {
        let entries = Entries::new(lifetime, capacity, weight);
        let app_password_ids = Entries::new(lifetime, APP_PASSWORD_IDS, |_, _| 1);
        let generations = (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect();
        Self { entries, app_password_ids, watch: None, generations, hasher: RandomState::new() }
    }

    /// Returns the same cache for a database that other processes change. Entries that no watch covers expire after
    /// `unwatched`.
    #[must_use]
    pub fn with_watch(self, unwatched: Duration) -> Self {
        Self { watch: Some(Watch::new(unwatched)), ..self }
    }

    fn current_watch(&self) -> u64 {
        self.watch.as_ref().map_or(0, Watch::current)
    }

    /// True when no other process can have changed the data of the entry, or it was read a moment ago.
    fn is_fresh(&self, entry: &Entry) -> bool {
        self.watch.as_ref().is_none_or(|watch| {
            let is_covered = entry.watch != 0 && entry.watch == watch.current();
            is_covered || entry.stored_at.elapsed() < watch.unwatched()
        })
    }

    /// Returns the current size of all entries, in bytes, approximately.
    #[must_use]
    pub fn weighed(&self) -> u64 {
        self.entries.weighed()
    }

    fn generation(&self, user: UserId) -> Option<&AtomicU64> {
        let slot = self.hasher.hash_one(user) % self.generations.len().max(1) as u64;
        self.generations.get(usize::try_from(slot).ok()?)
    }
}

/// Returns the size of an entry in bytes: the struct, its texts, and the overhead of the cache.
fn weight(_: &CredentialId, entry: &Entry) -> u32 {
    const OVERHEAD: usize = 256;
    let Entry { credential, user, .. } = entry;
    let own = match credential {
        Credential::Session(session) => session.client.user_agent.as_deref(),
        Credential::AppPassword(password) => Some(password.name.as_str()),
    };
    let texts = [
        own,
        Some(user.username.as_str()),
        Some(user.email.as_str()),
        user.pending_email.as_ref().map(Email::as_str),
        user.avatar.as_ref().map(PictureKey::as_str),
    ];
    let texts: usize = texts.into_iter().flatten().map(str::len).sum();
    u32::try_from(size_of::<Entry>() + OVERHEAD + texts).unwrap_or(u32::MAX)
}

#[async_trait]
impl SessionCache for InProcessSessionCache {
    async fn look_up(&self, user: UserId, id: CredentialId) -> CacheLookup {
        let Some(generation) = self.generation(user) else { return CacheLookup::Unavailable };
        let generation = generation.load(Ordering::SeqCst);
        match self.entries.get(&id) {
            Some(entry)
                if entry.is_valid
                    && entry.generation == generation
                    && entry.user.id == user
                    && self.is_fresh(&entry) =>
            {
                CacheLookup::Hit(Box::new((entry.credential, entry.user)))
            }
            _ => CacheLookup::Miss(CacheTicket(u128::from(self.current_watch()) << 64 | u128::from(generation))),
        }
    }

    async fn store(&self, ticket: CacheTicket, credential: &Credential, user: &User) {
        let Ok(generation) = u64::try_from(ticket.0 & u128::from(u64::MAX)) else { return };
        let Ok(watch) = u64::try_from(ticket.0 >> 64) else { return };
        let Some(current) = self.generation(user.id) else { return };
        self.entries.update(credential.id(), |present| {
            let now = current.load(Ordering::SeqCst);
            let is_valid = generation == now;
            let present = present.filter(|present| present.generation == now);
            if present.is_some_and(|present| present.credential != *credential || present.user != *user) {
                // One was read before a commit and the other one after it. It is not known which, so neither is valid.
                current.fetch_add(1, Ordering::SeqCst);
                return None;
            }
            let (credential, user) = (credential.clone(), user.clone());
            let entry = Entry { generation: now, is_valid, watch, stored_at: Instant::now(), credential, user };
            (is_valid || present.is_none()).then_some(entry)
        });
    }

    async fn app_password_id(&self, digest: &SecretDigest) -> Option<(UserId, AppPasswordId)> {
        self.app_password_ids.get(digest)
    }

    async fn store_app_password_id(&self, digest: &SecretDigest, user: UserId, id: AppPasswordId) {
        self.app_password_ids.insert(*digest, (user, id));
    }

    async fn invalidate(&self, users: &[UserId]) {
        for generation in users.iter().filter_map(|user| self.generation(*user)) {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl WatchedSessionCache for InProcessSessionCache {
    fn confirm(&self, watch: NonZeroU64) {
        if let Some(state) = &self.watch {
            state.confirm(watch);
        }
    }
}
