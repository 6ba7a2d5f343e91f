//! Session cache in this process.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{SessionId, UserId},
    session::{CacheLookup, CacheTicket, Session, SessionCache},
};
use moka::sync::Cache;

/// Number of generations. Users whose ids hash to the same slot share one: invalidating one user invalidates the
/// others, and the memory does not grow with the number of users.
const GENERATIONS: usize = 4096;

#[derive(Clone)]
struct Entry {
    generation: u64,
    session: Session,
    user: User,
}

/// Cache of sessions that this process has recently read. Exact only when no other process writes to the database.
/// Otherwise entries may be outdated for at most their lifetime.
pub struct InProcessSessionCache {
    entries: Cache<SessionId, Entry>,
    generations: Vec<AtomicU64>,
    hasher: RandomState,
}

impl InProcessSessionCache {
    /// Default maximum size of all entries, in bytes, approximately.
    pub const CAPACITY: u64 = 32 * 1024 * 1024;

    /// Creates an empty cache. Entries expire after `lifetime` and take at most `capacity` bytes, approximately.
    #[must_use]
    pub fn new(lifetime: Duration, capacity: u64) -> Self {
        let entries = Cache::builder().time_to_live(lifetime).weigher(weight).max_capacity(capacity).build();
        let generations = (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect();
        Self { entries, generations, hasher: RandomState::new() }
    }

    /// Returns the current size of all entries, in bytes, approximately.
    #[must_use]
    pub fn weighed(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.weighted_size()
    }

    fn generation(&self, user: UserId) -> Option<&AtomicU64> {
        let slot = self.hasher.hash_one(user) % self.generations.len().max(1) as u64;
        self.generations.get(usize::try_from(slot).ok()?)
    }
}

/// Returns the size of an entry in bytes: the struct, its texts, and the overhead of the cache.
fn weight(_: &SessionId, entry: &Entry) -> u32 {
    const OVERHEAD: usize = 256;
    let Entry { session, user, .. } = entry;
    let texts = [
        session.client.user_agent.as_deref(),
        Some(user.username.as_str()),
        Some(user.email.as_str()),
        user.pending_email.as_ref().map(domain::account::Email::as_str),
        user.avatar.as_ref().map(domain::picture::PictureKey::as_str),
    ];
    let texts: usize = texts.into_iter().flatten().map(str::len).sum();
    u32::try_from(size_of::<Entry>() + OVERHEAD + texts).unwrap_or(u32::MAX)
}

#[async_trait]
impl SessionCache for InProcessSessionCache {
    async fn look_up(&self, user: UserId, session: SessionId) -> CacheLookup {
        let Some(generation) = self.generation(user) else { return CacheLookup::Unavailable };
        let generation = generation.load(Ordering::SeqCst);
        match self.entries.get(&session) {
            Some(entry) if entry.generation == generation && entry.user.id == user => {
                CacheLookup::Hit(Box::new((entry.session, entry.user)))
            }
            _ => CacheLookup::Miss(CacheTicket(generation.into())),
        }
    }

    async fn store(&self, ticket: CacheTicket, session: &Session, user: &User) {
        let Ok(generation) = u64::try_from(ticket.0) else { return };
        self.entries.insert(session.id, Entry { generation, session: session.clone(), user: user.clone() });
    }

    async fn invalidate(&self, users: &[UserId]) {
        for generation in users.iter().filter_map(|user| self.generation(*user)) {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }
}
