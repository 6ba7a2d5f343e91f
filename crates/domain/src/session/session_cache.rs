//! The port of the session cache.

use std::{fmt, num::NonZeroU64};

use async_trait::async_trait;

use super::{Credential, CredentialId};
use crate::{
    account::User,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
};

/// Result of a look-up in the session cache.
#[derive(Debug)]
pub enum CacheLookup {
    /// The credential and its user.
    Hit(Box<(Credential, User)>),
    /// No entry. The ticket allows the caller to store what it reads afterwards.
    Miss(CacheTicket),
    /// The cache is unavailable. Nothing can be stored.
    Unavailable,
}

/// The generation of a user's entries in a session cache. Only the cache interprets the number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CacheTicket(pub u128);

impl fmt::Debug for CacheTicket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CacheTicket")
    }
}

/// Cache of sessions, app passwords and their users in front of a store. The store uses it, and use cases do not: a unit of work knows
/// which users it changes, so no use case can forget an invalidation.
///
/// It never fails: the store has all data that the cache lacks. Several caches may share their entries, like those of
/// several replicas.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// Looks up a session or an app password of that user. A hit is exactly what was stored. A credential of another user
    /// is a miss.
    async fn look_up(&self, user: UserId, id: CredentialId) -> CacheLookup;

    /// Stores what was read after the look-up that returned the ticket. The entry may become visible with a delay. It
    /// expires after the lifetime of the cache.
    ///
    /// The entry MUST NOT be returned when its user was invalidated after the ticket was issued. So a reader that was
    /// overtaken by a write cannot store outdated data.
    ///
    /// A cache in this process SHOULD return neither of two different entries that are stored between two invalidations,
    /// whatever their tickets. One of them was read before a commit that is not yet invalidated, and a reader of the other
    /// one must not return to it.
    async fn store(&self, ticket: CacheTicket, credential: &Credential, user: &User);

    /// Returns the owner and the id of the app password with this digest. Returns `None` when they are not stored, or the
    /// cache is unavailable. They may be those of an app password that has ended.
    async fn app_password_id(&self, digest: &SecretDigest) -> Option<(UserId, AppPasswordId)>;

    /// Stores the owner and the id of the app password with this digest, which never change. They may become visible with
    /// a delay, and expire after the lifetime of the cache.
    async fn store_app_password_id(&self, digest: &SecretDigest, user: UserId, id: AppPasswordId);

    /// Invalidates all sessions and app passwords of these users. It is called after each commit that concerns them.
    ///
    /// When it returns, no cache that shares the entries returns data that was read before, provided that the cache is
    /// available. New data of the users can be stored.
    async fn invalidate(&self, users: &[UserId]);
}

/// Session cache of one process. A watch passes it the changes that other processes make.
pub trait WatchedSessionCache: SessionCache {
    /// Confirms a watch: every change that was committed between its beginning and now was passed to
    /// [`SessionCache::invalidate`], except the time and IP address of a refresh. Each watch has a number of its own.
    ///
    /// An entry of that watch is exact, with the same exception, until the confirmation is a second old. Other entries expire
    /// soon.
    fn confirm(&self, watch: NonZeroU64);
}
