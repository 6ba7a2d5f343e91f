//! The audit trail: operations on an account, their outcome, and the client that requested them.

mod model;
mod repository;

pub use self::{
    model::{AuditAction, AuditEvent, AuditOutcome, DeletedAccount},
    repository::{AuditQueries, AuditTrail},
};
