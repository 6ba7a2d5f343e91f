//! Remembers in this process.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::{User, UserId},
    session::{Session, SessionId},
};
use moka::sync::Cache;

use super::{Remembered, SessionCache, Ticket};

/// Generations are shared by the users whose ids hash alike: forgetting one forgets the others too,
/// and nothing has to be kept for each.
const GENERATIONS: usize = 4096;

#[derive(Clone)]
struct Entry {
    generation: u64,
    session: Session,
    user: User,
}

/// Sessions that this process has seen of late. Right only where no other process writes to the
/// database, or as long as its entries are believed for no longer than anybody minds.
pub struct InProcessSessionCache {
    entries: Cache<SessionId, Entry>,
    generations: Vec<AtomicU64>,
    hasher: RandomState,
}

impl InProcessSessionCache {
    /// What the entries may take, in bytes, about.
    pub const CAPACITY: u64 = 32 * 1024 * 1024;

    /// An empty cache, whose entries live for that time and take at most so many bytes, about.
    #[must_use]
    pub fn new(lifetime: Duration, capacity: u64) -> Self {
        let entries = Cache::builder().time_to_live(lifetime).weigher(weight).max_capacity(capacity).build();
        let generations = (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect();
        Self { entries, generations, hasher: RandomState::new() }
    }

    /// What the entries take now, in bytes, about.
    #[must_use]
    pub fn weighed(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.weighted_size()
    }

    fn generation(&self, user: UserId) -> Option<&AtomicU64> {
        let place = self.hasher.hash_one(user) % self.generations.len().max(1) as u64;
        self.generations.get(usize::try_from(place).ok()?)
    }
}

/// The bytes of an entry: its own, its texts', and what the cache keeps beside it.
fn weight(_: &SessionId, entry: &Entry) -> u32 {
    const KEPT_BESIDE: usize = 256;
    let Entry { session, user, .. } = entry;
    let texts = [
        session.client.user_agent.as_deref(),
        Some(user.username.as_str()),
        Some(user.email.as_str()),
        user.pending_email.as_ref().map(domain::account::Email::as_str),
        user.avatar.as_ref().map(domain::picture::PictureKey::as_str),
    ];
    let texts: usize = texts.into_iter().flatten().map(str::len).sum();
    u32::try_from(size_of::<Entry>() + KEPT_BESIDE + texts).unwrap_or(u32::MAX)
}

#[async_trait]
impl SessionCache for InProcessSessionCache {
    async fn look_up(&self, user: UserId, session: SessionId) -> Remembered {
        let Some(generation) = self.generation(user) else { return Remembered::Away };
        let generation = generation.load(Ordering::SeqCst);
        match self.entries.get(&session) {
            Some(entry) if entry.generation == generation && entry.user.id == user => {
                Remembered::Known(Box::new((entry.session, entry.user)))
            }
            _ => Remembered::Unknown(Ticket(generation.into())),
        }
    }

    async fn remember(&self, ticket: Ticket, session: &Session, user: &User) {
        let Ok(generation) = u64::try_from(ticket.0) else { return };
        self.entries.insert(session.id, Entry { generation, session: session.clone(), user: user.clone() });
    }

    async fn forget(&self, users: &[UserId]) {
        for generation in users.iter().filter_map(|user| self.generation(*user)) {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }
}
