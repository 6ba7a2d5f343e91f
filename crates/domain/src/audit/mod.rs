//! The audit trail: operations on an account, their outcome, and the client that requested them.

mod erase_trails;
mod model;
mod repository;

pub(crate) use self::{erase_trails::erase_trail, model::record_rejection};
pub use self::{
    erase_trails::{DeletedAccount, erase_trails},
    model::{AuditAction, AuditEvent, AuditEventId, AuditOutcome},
    repository::{AuditQueries, AuditTrail},
};
