//! The outbox port.

use async_trait::async_trait;

use super::{Mail, MailId};
use crate::{
    account::{User, UserId},
    store::StoreError,
    time::Instant,
};

/// How the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxStatus {
    /// Mails that wait for their (next) try.
    pub waiting: u64,
    /// Those of them that [`OutboxRepository::claim_due_mail`] would return.
    pub due: u64,
    /// Mails that were given up. Does not count `parked_unverified`.
    pub parked: u64,
    /// Mails that were given up and went to an address that their account had not verified: anybody can name an
    /// address that does not exist.
    pub parked_unverified: u64,
}

/// Reads of the outbox, off the pool.
#[async_trait]
pub trait OutboxQueries {
    /// Whether [`OutboxRepository::claim_due_mail`] would return any mail now.
    async fn has_due_mail(&self, now: Instant) -> Result<bool, StoreError>;

    /// The mails of a user that wait or were given up, in any order: those that name the user, and those for
    /// whoever has the user's address. A `confirm_email` goes to an address that somebody else may have, so it is
    /// its user's alone, and nobody's while it names none.
    async fn mails_of(&self, user: &User) -> Result<Vec<Mail>, StoreError>;

    /// Counts the outbox as it stands at `now`.
    async fn outbox_status(&self, now: Instant) -> Result<OutboxStatus, StoreError>;
}

/// The outbox in a unit of work.
#[async_trait]
pub trait OutboxRepository {
    /// Adds a mail, due at once.
    async fn enqueue_mail(&mut self, mail: &Mail) -> Result<(), StoreError>;

    /// Takes up to `limit` due mails, the longest due first, and counts one more attempt on each. A
    /// mail of a kind that is not known here waits for a version that knows it, and stops no other.
    /// A claimed mail is due again at `lease_until`, so a sender that dies loses none. Of several
    /// claimers at once each mail MUST go to exactly one; none waits for another.
    async fn claim_due_mail(&mut self, now: Instant, lease_until: Instant, limit: u64)
    -> Result<Vec<Mail>, StoreError>;

    /// Notes on a mail which user it is sent to, who has not verified its address. From then on it is that user's
    /// mail, also when it is tried again.
    async fn note_unverified_receiver(&mut self, id: MailId, user: UserId) -> Result<(), StoreError>;

    /// Takes one of `slots` slots that each address has for a mail. A slot is free unless it was taken after `since`; a
    /// mail that holds one is given it again. `false` when none is free. Of several that ask at once no two are given
    /// the same slot. Slots outlive the users of the address, and hold no address.
    async fn take_mail_slot(
        &mut self,
        mail: &Mail,
        now: Instant,
        since: Instant,
        slots: u16,
    ) -> Result<bool, StoreError>;

    /// Removes up to `limit` slots that were taken at or before `until`; returns how many.
    async fn purge_mail_slots(&mut self, until: Instant, limit: u64) -> Result<u64, StoreError>;

    /// Removes a mail: it was sent, or nobody needs it any more.
    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError>;

    /// Makes a mail due at `at`, and keeps why it was not sent.
    async fn reschedule_mail(&mut self, id: MailId, at: Instant, error: &str) -> Result<(), StoreError>;

    /// Gives a mail up: it is kept, and never due again.
    async fn park_mail(&mut self, id: MailId, error: &str) -> Result<(), StoreError>;

    /// Removes at most `limit` mails that were given up and had been asked for at or before `until`; returns how many.
    async fn purge_parked_mails(&mut self, until: Instant, limit: u64) -> Result<u64, StoreError>;
}
