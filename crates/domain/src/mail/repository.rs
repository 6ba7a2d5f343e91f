//! Storage of the outbox.

use async_trait::async_trait;

use super::{Mail, MailKind};
use crate::{
    account::User,
    error::StoreError,
    ids::{MailId, UserId},
    time::Timestamp,
};

/// Numbers of mails in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxStatus {
    /// Mails that wait for their next attempt.
    pub waiting: u64,
    /// Waiting mails that [`OutboxRepository::claim_due_mail`] would return.
    pub due: u64,
    /// Parked mails, without `parked_unverified`.
    pub parked: u64,
    /// Parked mails to an e-mail that its account had not verified. Any client can request mail to an address that does
    /// not exist.
    pub parked_unverified: u64,
}

/// Reads of the outbox, directly from the pool.
#[async_trait]
pub trait OutboxQueries {
    /// Returns true when [`OutboxRepository::claim_due_mail`] would return a mail.
    async fn has_due_mail(&self, now: Timestamp) -> Result<bool, StoreError>;

    /// Returns the waiting and parked mails of a user, in any order: those that reference the user, and those to the
    /// user's e-mail. A `confirm_email` goes to an e-mail that another user may have. So it belongs to the user that it
    /// references, and to no user when it references none.
    async fn mails_of(&self, user: &User) -> Result<Vec<Mail>, StoreError>;

    /// Counts the mails of the outbox at `now`.
    async fn outbox_status(&self, now: Timestamp) -> Result<OutboxStatus, StoreError>;
}

/// The outbox in a unit of work.
#[async_trait]
pub trait OutboxRepository {
    /// Adds a mail, due immediately. What it reports is stored with it.
    async fn enqueue_mail(&mut self, mail: &Mail) -> Result<(), StoreError>;

    /// Claims at most `limit` due mails, the longest due first, and adds one attempt to each. A mail of an unknown kind
    /// waits for a version that knows it, and blocks no other mail.
    ///
    /// A claimed mail is due again at `lease_until`, so a worker that dies loses none. With several concurrent
    /// claimers, each mail MUST go to exactly one; none waits for another.
    async fn claim_due_mail(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError>;

    /// Stores in a mail the user that it is sent to, who has not verified the e-mail. From then on the mail belongs to
    /// that user, also on retries.
    async fn record_unverified_receiver(&mut self, id: MailId, user: UserId) -> Result<(), StoreError>;

    /// Takes the last free one of the first `slots` slots of an e-mail address for a mail. So mails with more slots use
    /// the others first. A slot is free unless it was taken after `since`. A mail that already holds a slot gets the
    /// same one. Returns `false` when none is free.
    ///
    /// Of several concurrent callers, no two get the same slot. Slots are not deleted with the users of the address,
    /// and do not contain the address.
    async fn take_mail_slot(
        &mut self,
        mail: &Mail,
        now: Timestamp,
        since: Timestamp,
        slots: u16,
    ) -> Result<bool, StoreError>;

    /// Removes at most `limit` slots that were taken at or before `until`. Returns the number of removed slots.
    async fn purge_mail_slots(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError>;

    /// Removes a mail that was sent, or that no user needs any more.
    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError>;

    /// Removes the mails of this kind that reference the user and were requested at or after `since`.
    async fn remove_mails_since(&mut self, user: UserId, kind: MailKind, since: Timestamp) -> Result<(), StoreError>;

    /// Returns true when the mail is waiting or parked, false when it was removed.
    async fn has_mail(&mut self, id: MailId) -> Result<bool, StoreError>;

    /// Makes a mail due at `at`, and stores the error of the last attempt.
    async fn reschedule_mail(&mut self, id: MailId, at: Timestamp, error: &str) -> Result<(), StoreError>;

    /// Parks a mail: it is stored, and never due again.
    async fn park_mail(&mut self, id: MailId, error: &str) -> Result<(), StoreError>;

    /// Removes at most `limit` parked mails that were requested at or before `until`. Returns the number of removed
    /// mails.
    async fn purge_parked_mails(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError>;
}
