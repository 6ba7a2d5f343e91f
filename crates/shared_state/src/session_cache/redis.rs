//! Session cache in Redis, shared by all replicas.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{SessionId, UserId},
    session::{CacheLookup, CacheTicket, Session, SessionCache},
};
use redis::{AsyncCommands as _, Script};
use tokio::time::{Instant, sleep};

use super::stored_entry::StoredEntry;
use crate::redis_server::{RedisFailure, RedisServer};

const LOOK_UP: &str = include_str!("look_up.lua");
/// Lifetime of a user's state, longer than any read takes until it is stored. Its expiry invalidates the user's
/// entries.
const STATE_MILLIS: u64 = 3_600_000;
/// Pause between two attempts to invalidate while Redis is unavailable.
const INVALIDATE_PAUSE: Duration = Duration::from_millis(100);

/// Cache of sessions that any replica has recently read. The state of a user is a random number; each entry contains
/// the state in which it was read. Removing the state invalidates the user.
///
/// While Redis is unavailable nothing is stored. Pending invalidations are retried until Redis is available again, or
/// until every entry has expired. If only one replica loses its connection to Redis, the others may use outdated
/// entries for at most the lifetime of an entry.
pub struct RedisSessionCache {
    shared: Arc<Shared>,
    look_up: Arc<Script>,
}

struct Shared {
    server: Arc<RedisServer>,
    lifetime: Duration,
    /// Users with pending invalidations, and the number of commits that requested them.
    pending: Mutex<HashMap<UserId, usize>>,
}

impl RedisSessionCache {
    /// Creates a cache on `server`. Entries expire after `lifetime`.
    #[must_use]
    pub fn new(server: Arc<RedisServer>, lifetime: Duration) -> Self {
        let shared = Shared { server, lifetime, pending: Mutex::default() };
        Self { shared: Arc::new(shared), look_up: Arc::new(Script::new(LOOK_UP)) }
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_key(&self, user: UserId) -> String {
        format!("contacts:user:{}", self.server.digest(&format!("user {user}")))
    }

    fn entry_key(&self, session: SessionId) -> String {
        format!("contacts:session:{}", self.server.digest(&format!("session {session}")))
    }

    async fn remove_states(&self, keys: &[String]) -> Result<(), RedisFailure> {
        let keys = keys.to_vec();
        self.server.run(async move |mut connection| connection.del(keys).await).await
    }

    /// Retries until the invalidation succeeds, or until every entry has expired.
    async fn retry_invalidate(&self, users: &[UserId], keys: &[String]) {
        let end = Instant::now() + self.lifetime;
        while Instant::now() < end {
            sleep(INVALIDATE_PAUSE).await;
            if self.remove_states(keys).await.is_ok() {
                break;
            }
        }
        self.remove_pending(users);
    }

    fn add_pending(&self, users: &[UserId]) {
        let mut pending = self.pending();
        for user in users {
            *pending.entry(*user).or_default() += 1;
        }
    }

    fn remove_pending(&self, users: &[UserId]) {
        let mut pending = self.pending();
        for user in users {
            if let Some(count) = pending.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    pending.remove(user);
                }
            }
        }
    }
}

/// Returns a random ticket, or `None` when the system provides no randomness.
fn random_ticket() -> Option<CacheTicket> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(CacheTicket(u128::from_be_bytes(bytes)))
}

/// Returns the state of a user in Redis that a ticket stands for.
fn text(ticket: CacheTicket) -> String {
    format!("{:032x}", ticket.0)
}

fn ticket_of(text: &str) -> Option<CacheTicket> {
    u128::from_str_radix(text, 16).ok().map(CacheTicket)
}

#[async_trait]
impl SessionCache for RedisSessionCache {
    async fn look_up(&self, user: UserId, session: SessionId) -> CacheLookup {
        let shared = &*self.shared;
        if shared.pending().contains_key(&user) {
            return CacheLookup::Unavailable;
        }
        let Some(fresh) = random_ticket() else { return CacheLookup::Unavailable };
        let (look_up, keys) = (Arc::clone(&self.look_up), [shared.state_key(user), shared.entry_key(session)]);
        let answer = shared.server.run(async move |mut connection| {
            let mut run = look_up.prepare_invoke();
            run.key(&keys).arg(text(fresh)).arg(STATE_MILLIS).invoke_async(&mut connection).await
        });
        let Ok((state, entry)) = answer.await.map(|answer: (String, Option<Vec<u8>>)| answer) else {
            return CacheLookup::Unavailable;
        };
        let Some(ticket) = ticket_of(&state) else { return CacheLookup::Unavailable };
        let found = entry.and_then(|entry| StoredEntry::read(&entry)).filter(|(session, _)| session.user == user);
        found.map_or(CacheLookup::Miss(ticket), |found| CacheLookup::Hit(Box::new(found)))
    }

    async fn store(&self, ticket: CacheTicket, session: &Session, user: &User) {
        let Some(entry) = StoredEntry::write(session, user) else { return };
        let (key, entry) = (self.shared.entry_key(session.id), [text(ticket).into_bytes(), entry].concat());
        let millis = u64::try_from(self.shared.lifetime.as_millis()).unwrap_or(u64::MAX);
        // No caller waits for it. A failure is not an error: the data is read from the database again.
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let _: Result<(), RedisFailure> =
                shared.server.run(async move |mut connection| connection.pset_ex(key, entry, millis).await).await;
        });
    }

    async fn invalidate(&self, users: &[UserId]) {
        let keys: Vec<String> = users.iter().map(|user| self.shared.state_key(*user)).collect();
        self.shared.add_pending(users);
        if keys.is_empty() || self.shared.remove_states(&keys).await.is_ok() {
            self.shared.remove_pending(users);
            return;
        }
        let (shared, users) = (Arc::clone(&self.shared), users.to_vec());
        tokio::spawn(async move { shared.retry_invalidate(&users, &keys).await });
    }
}
