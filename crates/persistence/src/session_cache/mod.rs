//! Short-lived cache of sessions and their users, so that an authenticated request needs no database statement to load
//! them.

mod counted;
mod in_process;
mod shared;
mod stored;

use std::fmt;

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{SessionId, UserId},
    session::Session,
};

pub use self::{
    counted::{CacheReadings, CountedSessionCache},
    in_process::InProcessSessionCache,
    shared::RedisSessionCache,
};

/// Result of a cache look-up.
#[derive(Debug)]
pub enum Remembered {
    /// The session and its user, as of the last write to either.
    Known(Box<(Session, User)>),
    /// Cache miss. The ticket allows the caller to store what it reads afterwards.
    Unknown(Ticket),
    /// The cache is unavailable; nothing can be stored.
    Away,
}

/// The cache generation of a user, issued before the database is read. An invalidation of the user makes it invalid. So
/// a reader that was overtaken by a write cannot store outdated data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u128);

impl Ticket {
    /// Returns a random ticket, or `None` when the system provides no randomness.
    pub(crate) fn random() -> Option<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(u128::from_be_bytes(bytes)))
    }

    pub(crate) fn text(self) -> String {
        format!("{:032x}", self.0)
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().map(Self)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ticket")
    }
}

/// Cache of sessions and their users. Contains no password hashes. Never fails: the database has all data that it
/// lacks.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// Looks up a session of that user.
    async fn look_up(&self, user: UserId, session: SessionId) -> Remembered;

    /// Stores data that was read after the ticket was issued, for a limited time. The entry may become visible with a
    /// delay. It MUST NOT be returned when the user was invalidated after the ticket was issued.
    async fn remember(&self, ticket: Ticket, session: &Session, user: &User);

    /// Invalidates all sessions of these users. Called after each commit that concerns them. Complete when it returns,
    /// provided that the shared cache is available.
    async fn forget(&self, users: &[UserId]);
}
