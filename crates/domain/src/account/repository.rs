//! What the rules of accounts need of a store.

use async_trait::async_trait;

use super::{Credentials, Email, OneTimeToken, PasswordHash, Purpose, User, UserId};
use crate::{picture::PictureKey, secret::SecretDigest, store::StoreError, time::Instant};

/// Reads of users, off the pool.
#[async_trait]
pub trait UserQueries {
    /// The user of that address with their hash, or `None`.
    async fn credentials_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError>;

    /// The user of that id with their hash, or `None`.
    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// Users who registered at or before `until` and have not verified their address, at most so many, the earliest
    /// first.
    async fn unverified_users(&self, until: Instant, limit: u64) -> Result<Vec<UserId>, StoreError>;

    /// The one-time tokens of a user that have not been used, in any order.
    async fn one_time_tokens_of(&self, user: UserId) -> Result<Vec<OneTimeToken>, StoreError>;

    /// Whose token [`OneTimeTokenRepository::consume_one_time_token`] would return now. Promises nothing
    /// for later: it saves work for tokens that were never good, and tells whom to lock first.
    async fn one_time_token_owner(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Instant,
    ) -> Result<Option<UserId>, StoreError>;
}

/// Users in a unit of work.
#[async_trait]
pub trait UserRepository {
    /// Adds a user. MUST return `Conflict(UserEmail)` when the address is taken, also by a user
    /// added at the same time; then the unit is only good for being dropped.
    async fn insert_user(&mut self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError>;

    /// The user of that id, not locked, or `None`.
    async fn find_user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user of that address, or `None`.
    async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError>;

    /// The user who wants that address instead of theirs; of several the one who asked for it last.
    async fn user_by_pending_email(&mut self, wanted: &Email) -> Result<Option<User>, StoreError>;

    /// The user and their hash, locked: until this unit ends no other unit gets past this call for
    /// the same user, nor past [`UserRepository::lock_user`] or
    /// [`ContactRepository::count_contacts_locked`](crate::contact::ContactRepository::count_contacts_locked).
    async fn lock_credentials(&mut self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// The user, locked as by [`UserRepository::lock_credentials`].
    async fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Replaces the hash.
    async fn set_password_hash(&mut self, id: UserId, hash: &PasswordHash) -> Result<(), StoreError>;

    /// Marks the address as proven if it is still the user's. `false` when it is not, or there is
    /// no such user.
    async fn mark_email_verified(&mut self, id: UserId, address: &Email) -> Result<bool, StoreError>;

    /// Sets the address that the user wants instead, and when they asked for it; or clears both.
    async fn set_pending_email(&mut self, id: UserId, wanted: Option<(&Email, Instant)>) -> Result<(), StoreError>;

    /// Gives the user another address, proven, and clears the wanted one. MUST return
    /// `Conflict(UserEmail)` when the address is somebody else's; then the unit is only good for
    /// being dropped.
    async fn change_email(&mut self, id: UserId, address: &Email) -> Result<(), StoreError>;

    /// Writes username, locale, timezone and the choice of notices of a user.
    async fn update_profile(&mut self, user: &User) -> Result<(), StoreError>;

    /// Notes that the user is warned of wrong passwords at `now`. `false` when that was noted after `since`, or there is no
    /// such user; then nothing changes.
    async fn note_warning(&mut self, id: UserId, now: Instant, since: Instant) -> Result<bool, StoreError>;

    /// Sets or clears the picture.
    async fn set_avatar(&mut self, id: UserId, avatar: Option<&PictureKey>) -> Result<(), StoreError>;

    /// Removes a user with everything that is theirs: contacts, sessions, tokens, and their mails; but not their part of
    /// the audit trail, which may be long. Gives the pictures that nothing points to
    /// any more: MUST count in those that another unit commits meanwhile, or wait for it.
    async fn delete_user(&mut self, user: &User) -> Result<Vec<PictureKey>, StoreError>;
}

/// One-time tokens in a unit of work.
#[async_trait]
pub trait OneTimeTokenRepository {
    /// Keeps a token.
    async fn insert_one_time_token(&mut self, token: &OneTimeToken) -> Result<(), StoreError>;

    /// Uses a token up: returns it to exactly one caller, ever. `None` when there is none of that
    /// digest and purpose, when it ended at or before `now`, or when it was used.
    async fn consume_one_time_token(
        &mut self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Instant,
    ) -> Result<Option<OneTimeToken>, StoreError>;

    /// Removes every other token of that user and purpose.
    async fn discard_one_time_tokens(&mut self, user: UserId, purpose: Purpose) -> Result<(), StoreError>;

    /// Removes at most `limit` tokens that ended at or before `now`; returns how many.
    async fn purge_one_time_tokens(&mut self, now: Instant, limit: u64) -> Result<u64, StoreError>;
}
