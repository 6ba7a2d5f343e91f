//! Mail: enqueued in the transaction that causes it, sent later by a worker.

mod mailer;
mod model;
mod repository;
mod retry;
mod unverified_limit;

pub use self::{
    mailer::{MailContent, MailError, Mailer, OutgoingMail},
    model::{Mail, MailKind, ReportedAppPassword},
    repository::{OutboxQueries, OutboxRepository, OutboxStatus},
    retry::{MAX_ATTEMPTS, PARKED_RETENTION, pause_after},
    unverified_limit::{CONFIRMATIONS_TO_UNVERIFIED, MAILS_TO_UNVERIFIED, UNVERIFIED_PERIOD},
};
