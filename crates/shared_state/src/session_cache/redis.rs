//! Session cache in Redis, shared by all replicas.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    session::{CacheLookup, CacheTicket, Credential, CredentialId, SessionCache},
};
use redis::{AsyncCommands as _, Script};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::stored_entry::StoredEntry;
use crate::redis_server::{RedisFailure, RedisServer};

const LOOK_UP: &str = include_str!("look_up.lua");
/// Lifetime of a user's state, longer than any read takes until it is stored. Its expiry invalidates the user's
/// entries.
const STATE_MILLIS: u64 = 3_600_000;
/// Pause between two attempts to invalidate while Redis is unavailable.
const INVALIDATE_PAUSE: Duration = Duration::from_millis(100);

/// Cache of sessions and app passwords that any replica has recently read. The state of a user is a random number; each entry contains
/// the state in which it was read. Removing the state invalidates the user.
///
/// While Redis is unavailable nothing is stored. Pending invalidations are retried until Redis is available again, or
/// until every entry has expired. If only one replica loses its connection to Redis, the others may use outdated
/// entries for at most the lifetime of an entry.
pub struct RedisSessionCache {
    shared: Arc<Shared>,
    look_up: Arc<Script>,
    /// Maximum time for which a caller waits until a failed invalidation is repeated.
    wait: Duration,
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
        Self { shared: Arc::new(shared), look_up: Arc::new(Script::new(LOOK_UP)), wait: Duration::ZERO }
    }

    /// Lets callers wait until a failed invalidation is repeated, at most for this time. For processes that end soon.
    #[must_use]
    pub fn waiting_for(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_key(&self, user: UserId) -> String {
        format!("contacts:user:{}", self.server.digest(&format!("user {user}")))
    }

    fn entry_key(&self, id: CredentialId) -> String {
        let (kind, name) = match id {
            CredentialId::Session(session) => ("session", format!("session {session}")),
            CredentialId::AppPassword(password) => ("app-password", format!("app password {password}")),
        };
        format!("contacts:{kind}:{}", self.server.digest(&name))
    }

    fn app_password_id_key(&self, SecretDigest(digest): &SecretDigest) -> String {
        format!("contacts:app-password-id:{}", self.server.digest(&format!("app password digest {digest:02x?}")))
    }

    /// Stores a value for the lifetime of an entry. No caller waits for it. A failure is not an error: the data is read
    /// from the database again.
    fn store(self: Arc<Self>, key: String, value: Vec<u8>) {
        tokio::spawn(async move {
            let millis = u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX);
            let _: Result<(), RedisFailure> =
                self.server.run(async move |mut connection| connection.pset_ex(key, value, millis).await).await;
        });
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
    async fn look_up(&self, user: UserId, id: CredentialId) -> CacheLookup {
        let shared = &*self.shared;
        if shared.pending().contains_key(&user) {
            return CacheLookup::Unavailable;
        }
        let Some(fresh) = random_ticket() else { return CacheLookup::Unavailable };
        let (look_up, keys) = (Arc::clone(&self.look_up), [shared.state_key(user), shared.entry_key(id)]);
        let answer = shared.server.run(async move |mut connection| {
            let mut run = look_up.prepare_invoke();
            run.key(&keys).arg(text(fresh)).arg(STATE_MILLIS).invoke_async(&mut connection).await
        });
        let Ok((state, entry)) = answer.await.map(|answer: (String, Option<Vec<u8>>)| answer) else {
            return CacheLookup::Unavailable;
        };
        let Some(ticket) = ticket_of(&state) else { return CacheLookup::Unavailable };
        let found =
            entry.and_then(|entry| StoredEntry::read(&entry)).filter(|(credential, _)| credential.user() == user);
        found.map_or(CacheLookup::Miss(ticket), |found| CacheLookup::Hit(Box::new(found)))
    }

    async fn store(&self, ticket: CacheTicket, credential: &Credential, user: &User) {
        let Some(entry) = StoredEntry::write(credential, user) else { return };
        let (key, entry) = (self.shared.entry_key(credential.id()), [text(ticket).into_bytes(), entry].concat());
        Arc::clone(&self.shared).store(key, entry);
    }

    async fn app_password_id(&self, digest: &SecretDigest) -> Option<(UserId, AppPasswordId)> {
        let key = self.shared.app_password_id_key(digest);
        let answer = self.shared.server.run(async move |mut connection| connection.get(key).await);
        let ids: Vec<u8> = answer.await.ok().flatten()?;
        let (user, id) = ids.split_at_checked(size_of::<Uuid>())?;
        Some((UserId(Uuid::from_slice(user).ok()?), AppPasswordId(Uuid::from_slice(id).ok()?)))
    }

    async fn store_app_password_id(&self, digest: &SecretDigest, user: UserId, id: AppPasswordId) {
        let ids = [user.0.into_bytes(), id.0.into_bytes()].concat();
        Arc::clone(&self.shared).store(self.shared.app_password_id_key(digest), ids);
    }

    async fn invalidate(&self, users: &[UserId]) {
        let keys: Vec<String> = users.iter().map(|user| self.shared.state_key(*user)).collect();
        self.shared.add_pending(users);
        if keys.is_empty() || self.shared.remove_states(&keys).await.is_ok() {
            self.shared.remove_pending(users);
            return;
        }
        let (shared, users) = (Arc::clone(&self.shared), users.to_vec());
        let retries = tokio::spawn(async move { shared.retry_invalidate(&users, &keys).await });
        if !self.wait.is_zero() && timeout(self.wait, retries).await.is_err() {
            let seconds = self.shared.lifetime.as_secs();
            tracing::warn!(seconds, "redis unavailable, other processes may use cached sessions");
        }
    }
}
