//! Remembers in Redis, for every replica.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::{User, UserId},
    session::{Session, SessionId},
};
use redis::{AsyncCommands as _, Script};
use tokio::time::{Instant, sleep};

use super::{Remembered, SessionCache, Ticket, stored::StoredEntry};
use crate::redis_server::{RedisFailure, RedisServer};

const LOOK_UP: &str = include_str!("look_up.lua");
/// Longer than anybody takes from reading to remembering; once it is gone, so is all it vouched for.
const STATE_MILLIS: u64 = 3_600_000;
/// Between two tries to forget while Redis is away.
const FORGET_PAUSE: Duration = Duration::from_millis(100);

/// Sessions that any replica has seen of late. A user's state is a number by chance; to forget a user is
/// to remove it. What is remembered carries the state it was read in.
///
/// While Redis is away nothing is remembered, and who has to be forgotten is kept in mind until it is
/// there again, or until every entry has ended by itself. Only a replica that is cut off from Redis alone,
/// while the others are not, leaves them with what was for up to an entry's lifetime.
pub struct RedisSessionCache {
    shared: Arc<Shared>,
    look_up: Script,
}

struct Shared {
    server: Arc<RedisServer>,
    lifetime: Duration,
    /// Whom Redis has not forgotten yet, and how many commits ask for it.
    unsettled: Mutex<HashMap<UserId, usize>>,
}

impl RedisSessionCache {
    /// A cache on that server, whose entries live for that time.
    #[must_use]
    pub fn new(server: Arc<RedisServer>, lifetime: Duration) -> Self {
        let shared = Shared { server, lifetime, unsettled: Mutex::default() };
        Self { shared: Arc::new(shared), look_up: Script::new(LOOK_UP) }
    }
}

impl Shared {
    fn unsettled(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Tries until it is done, or until there is nothing left to forget.
    async fn forget_in_time(&self, users: &[UserId], keys: &[String]) {
        let end = Instant::now() + self.lifetime;
        while Instant::now() < end {
            sleep(FORGET_PAUSE).await;
            if self.remove_states(keys).await.is_ok() {
                break;
            }
        }
        self.settle(users);
    }

    fn unsettle(&self, users: &[UserId]) {
        let mut unsettled = self.unsettled();
        for user in users {
            *unsettled.entry(*user).or_default() += 1;
        }
    }

    fn settle(&self, users: &[UserId]) {
        let mut unsettled = self.unsettled();
        for user in users {
            if let Some(count) = unsettled.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    unsettled.remove(user);
                }
            }
        }
    }
}

#[async_trait]
impl SessionCache for RedisSessionCache {
    async fn look_up(&self, user: UserId, session: SessionId) -> Remembered {
        let shared = &*self.shared;
        if shared.unsettled().contains_key(&user) {
            return Remembered::Away;
        }
        let Some(fresh) = Ticket::by_chance() else { return Remembered::Away };
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
        // Nobody waits for it, and not remembered is no fault: it is read again.
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let _: Result<(), RedisFailure> =
                shared.server.run(async |mut connection| connection.pset_ex(key, entry, millis).await).await;
        });
    }

    async fn forget(&self, users: &[UserId]) {
        let keys: Vec<String> = users.iter().map(|user| self.shared.state_key(*user)).collect();
        self.shared.unsettle(users);
        if keys.is_empty() || self.shared.remove_states(&keys).await.is_ok() {
            self.shared.settle(users);
            return;
        }
        let (shared, users) = (Arc::clone(&self.shared), users.to_vec());
        tokio::spawn(async move { shared.forget_in_time(&users, &keys).await });
    }
}
