//! Mail: enqueued in the transaction that causes it, sent later by a worker.

mod mailer;
mod model;
mod repository;

pub use self::{
    mailer::{MailContent, MailError, Mailer, OutgoingMail},
    model::{
        CONFIRMATIONS_TO_UNVERIFIED, MAILS_TO_UNVERIFIED, MAX_ATTEMPTS, Mail, MailKind, PARKED_RETENTION,
        UNVERIFIED_PERIOD, pause_after,
    },
    repository::{OutboxQueries, OutboxRepository, OutboxStatus},
};
