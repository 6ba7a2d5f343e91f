//! The audit trail: what was done to an account, by whom and from where, and what was refused.

mod erase_trails;
mod model;
mod repository;

pub(crate) use self::{erase_trails::erase_trail, model::record_refusal};
pub use self::{
    erase_trails::{DeletedAccount, erase_trails},
    model::{AuditAction, AuditEvent, AuditEventId, AuditOutcome},
    repository::{AuditQueries, AuditTrail},
};
