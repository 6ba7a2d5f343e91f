//! Remembers for a short while who a session belongs to, so that a signed-in request costs no statement
//! to find out.

mod counted;
mod in_process;
mod shared;
mod stored;

use std::fmt;

use async_trait::async_trait;
use domain::{
    account::{User, UserId},
    session::{Session, SessionId},
};

pub use self::{
    counted::{CacheReadings, CountedSessionCache},
    in_process::InProcessSessionCache,
    shared::RedisSessionCache,
};

/// What a cache knows of a session.
#[derive(Debug)]
pub enum Remembered {
    /// Who it belongs to, as of the last write that concerned them.
    Known(Box<(Session, User)>),
    /// Nothing; what is read after this may be remembered with the ticket.
    Unknown(Ticket),
    /// Nothing, and nothing can be remembered.
    Away,
}

/// The state of what is remembered of a user, from before it was read: it is worth nothing once that
/// user was forgotten. So whoever read, was overtaken by a write, and remembers late, brings nothing back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u128);

impl Ticket {
    /// One that nobody has, or `None` when the machine gives no randomness.
    pub(crate) fn by_chance() -> Option<Self> {
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

/// A cache of sessions and their users. It holds no password's hash. It never fails: the database knows
/// everything that it does not.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// What it knows of a session of that user.
    async fn look_up(&self, user: UserId, session: SessionId) -> Remembered;

    /// Remembers what was read after the ticket was given, for a limited time; soon, if not at once. MUST NOT be known to
    /// anybody when the user was forgotten since.
    async fn remember(&self, ticket: Ticket, session: &Session, user: &User);

    /// Forgets all the sessions of these users. Called after each commit that concerns them, and done
    /// when it returns, in so far as what shares the cache can be reached.
    async fn forget(&self, users: &[UserId]);
}
