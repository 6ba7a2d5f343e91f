//! The audit trail: what was done to an account, by whom and from where, and what was refused.

mod model;
mod repository;

pub(crate) use self::model::record_refusal;
pub use self::{
    model::{AuditAction, AuditEvent, AuditEventId, AuditOutcome},
    repository::{AuditQueries, AuditTrail},
};
