//! Storage of accounts.

use async_trait::async_trait;

use super::{Credentials, Email, OneTimeToken, PasswordHash, Purpose, User};
use crate::{error::StoreError, ids::UserId, picture::PictureKey, secret::SecretDigest, time::Timestamp};

/// Reads of users, directly from the pool.
#[async_trait]
pub trait UserQueries {
    /// Returns the user of this e-mail with the password hash, or `None`.
    async fn credentials_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError>;

    /// Returns the user of this id with the password hash, or `None`.
    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// Returns users who registered at or before `until` and have not verified their e-mail: at most `limit`, the
    /// earliest first.
    async fn unverified_users(&self, until: Timestamp, limit: u64) -> Result<Vec<UserId>, StoreError>;

    /// Returns the unused one-time tokens of a user, in any order.
    async fn one_time_tokens_of(&self, user: UserId) -> Result<Vec<OneTimeToken>, StoreError>;

    /// Returns the owner of the token that [`OneTimeTokenRepository::consume_one_time_token`] would return now. The
    /// result may be outdated at once. It saves work for invalid tokens, and identifies the user to lock first.
    async fn one_time_token_owner(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError>;

    /// Returns true when a token with this digest and purpose was consumed after `since`.
    async fn one_time_token_was_used(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        since: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// Users in a unit of work.
#[async_trait]
pub trait UserRepository {
    /// Adds a user. MUST return `Conflict(UserEmail)` when another user has the e-mail, including one added
    /// concurrently. After that the unit can only be dropped.
    async fn insert_user(&mut self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError>;

    /// Returns the user of this id, not locked, or `None`.
    async fn find_user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Returns the user of this e-mail, or `None`.
    async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError>;

    /// Returns the user with this pending e-mail; of several, the one who requested it last.
    async fn user_by_pending_email(&mut self, pending: &Email) -> Result<Option<User>, StoreError>;

    /// Returns the user and the password hash, locked: until this unit ends, other units wait in this call for the same
    /// user, in [`UserRepository::lock_user`] and in `ContactRepository::take_change_numbers`.
    async fn lock_credentials(&mut self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// Returns the user, locked as by [`UserRepository::lock_credentials`].
    async fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Replaces the password hash.
    async fn set_password_hash(&mut self, id: UserId, hash: &PasswordHash) -> Result<(), StoreError>;

    /// Marks the e-mail as verified if it is still the e-mail of the user. Returns `false` when it is not, or there is
    /// no such user.
    async fn mark_email_verified(&mut self, id: UserId, email: &Email) -> Result<bool, StoreError>;

    /// Sets the pending e-mail and the time of its request, or clears both.
    async fn set_pending_email(&mut self, id: UserId, pending: Option<(&Email, Timestamp)>) -> Result<(), StoreError>;

    /// Sets the time until which no change of the e-mail can be confirmed, or removes it.
    async fn lock_email(&mut self, id: UserId, until: Option<Timestamp>) -> Result<(), StoreError>;

    /// Returns true while no change of the e-mail can be confirmed.
    async fn is_email_locked(&mut self, id: UserId, now: Timestamp) -> Result<bool, StoreError>;

    /// Replaces the e-mail of the user with a verified one, and clears the pending e-mail. MUST return
    /// `Conflict(UserEmail)` when another user has it; after that the unit can only be dropped.
    async fn change_email(&mut self, id: UserId, email: &Email) -> Result<(), StoreError>;

    /// Stores username, locale, time zone and `notify_new_device` of a user.
    async fn update_profile(&mut self, user: &User) -> Result<(), StoreError>;

    /// Stores that the user is warned of wrong passwords at `now`. Returns `false`, and changes nothing, when a warning
    /// was stored after `since`, or there is no such user.
    async fn record_warning(&mut self, id: UserId, now: Timestamp, since: Timestamp) -> Result<bool, StoreError>;

    /// Sets or clears the avatar.
    async fn set_avatar(&mut self, id: UserId, avatar: Option<&PictureKey>) -> Result<(), StoreError>;

    /// Removes a user with contacts, sessions, app passwords, tokens and mails, but not the audit events, which may be many. Returns
    /// the pictures that are no longer referenced. MUST include those that another unit commits concurrently, or wait
    /// for that unit.
    async fn delete_user(&mut self, user: &User) -> Result<Vec<PictureKey>, StoreError>;
}

/// One-time tokens in a unit of work.
#[async_trait]
pub trait OneTimeTokenRepository {
    /// Stores a token.
    async fn insert_one_time_token(&mut self, token: &OneTimeToken) -> Result<(), StoreError>;

    /// Consumes a token at `now`: returns it to exactly one caller, ever. Returns `None` when no token has this digest
    /// and purpose, when it expired at or before `now`, or when it was used. A used token is remembered until it is purged.
    async fn consume_one_time_token(
        &mut self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError>;

    /// Removes every unused token of this user and purpose.
    async fn discard_one_time_tokens(&mut self, user: UserId, purpose: Purpose) -> Result<(), StoreError>;

    /// Removes the unused tokens of this user and purpose that expire at or after `expires_from`.
    async fn discard_later_one_time_tokens(
        &mut self,
        user: UserId,
        purpose: Purpose,
        expires_from: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes at most `limit` tokens, used or not, that expired at or before `until`. Returns the number of removed tokens.
    async fn purge_one_time_tokens(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError>;
}
