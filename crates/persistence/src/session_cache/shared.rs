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
    session::Session,
};
use redis::{AsyncCommands as _, Script};
use tokio::time::{Instant, sleep};

use super::{Remembered, SessionCache, Ticket, stored::StoredEntry};
use crate::redis_server::{RedisFailure, RedisServer};

const LOOK_UP: &str = include_str!("look_up.lua");
/// Lifetime of a user's state, longer than any read takes until it is stored. Its expiry invalidates the user's
/// entries.
const STATE_MILLIS: u64 = 3_600_000;
/// Pause between two attempts to invalidate while Redis is unavailable.
const FORGET_PAUSE: Duration = Duration::from_millis(100);

/// Cache of sessions that any replica has recently read. The state of a user is a random number; each entry contains
/// the state in which it was read. Removing the state invalidates the user.
///
/// While Redis is unavailable nothing is stored. Pending invalidations are retried until Redis is available again, or
/// until every entry has expired. If only one replica loses its connection to Redis, the others may use outdated
/// entries for at most the lifetime of an entry.
pub struct RedisSessionCache {
    shared: Arc<Shared>,
    look_up: Script,
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
        Self { shared: Arc::new(shared), look_up: Script::new(LOOK_UP) }
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
        self.server.run(async |mut connection| connection.del(keys).await).await
    }

    /// Retries until the invalidation succeeds, or until every entry has expired.
    async fn retry_forget(&self, users: &[UserId], keys: &[String]) {
        let end = Instant::now() + self.lifetime;
        while Instant::now() < end {
            sleep(FORGET_PAUSE).await;
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

#[async_trait]
impl SessionCache for RedisSessionCache {
    async fn look_up(&self, user: UserId, session: SessionId) -> Remembered {
        let shared = &*self.shared;
        if shared.pending().contains_key(&user) {
            return Remembered::Away;
        }
        let Some(fresh) = Ticket::random() else { return Remembered::Away };
        let mut run = self.look_up.prepare_invoke();
        run.key(shared.state_key(user)).key(shared.entry_key(session)).arg(fresh.text()).arg(STATE_MILLIS);
        let answer = shared.server.run(async |mut connection| run.invoke_async(&mut connection).await).await;
        let Ok((state, entry)) = answer.map(|answer: (String, Option<Vec<u8>>)| answer) else {
            return Remembered::Away;
        };
        let Some(ticket) = Ticket::from_text(&state) else { return Remembered::Away };
        let found = entry.and_then(|entry| StoredEntry::read(&entry)).filter(|(session, _)| session.user == user);
        found.map_or(Remembered::Unknown(ticket), |found| Remembered::Known(Box::new(found)))
    }

    async fn remember(&self, ticket: Ticket, session: &Session, user: &User) {
        let Some(entry) = StoredEntry::write(session, user) else { return };
        let (key, entry) = (self.shared.entry_key(session.id), [ticket.text().into_bytes(), entry].concat());
        let millis = u64::try_from(self.shared.lifetime.as_millis()).unwrap_or(u64::MAX);
        // No caller waits for it. A failure is not an error: the data is read from the database again.
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let _: Result<(), RedisFailure> =
                shared.server.run(async |mut connection| connection.pset_ex(key, entry, millis).await).await;
        });
    }

    async fn forget(&self, users: &[UserId]) {
        let keys: Vec<String> = users.iter().map(|user| self.shared.state_key(*user)).collect();
        self.shared.add_pending(users);
        if keys.is_empty() || self.shared.remove_states(&keys).await.is_ok() {
            self.shared.remove_pending(users);
            return;
        }
        let (shared, users) = (Arc::clone(&self.shared), users.to_vec());
        tokio::spawn(async move { shared.retry_forget(&users, &keys).await });
    }
}
