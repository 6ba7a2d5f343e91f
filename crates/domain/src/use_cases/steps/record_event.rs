//! Records events in the audit trail.

use crate::{
    audit::{AuditAction, AuditEvent, AuditOutcome},
    client::ClientInfo,
    error::StoreError,
    ids::{AuditEventId, UserId},
    ports::Ports,
    store::UnitOfWork,
};

/// Records an event in the unit of the operation.
pub(crate) async fn record_event(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    action: AuditAction,
    outcome: AuditOutcome,
    user: Option<UserId>,
    client: &ClientInfo,
) -> Result<(), StoreError> {
    let (id, at) = (AuditEventId(ports.ids.next_id()), ports.clock.now());
    unit.record(&AuditEvent { id, at, user, action, outcome, client: client.clone() }).await
}

/// Records a successful operation in its unit.
pub(crate) async fn record_success(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    action: AuditAction,
    user: UserId,
    client: &ClientInfo,
) -> Result<(), StoreError> {
    record_event(ports, unit, action, AuditOutcome::Success, Some(user), client).await
}

/// Records a rejected operation in its own unit. The event is durable before the caller gets the answer.
pub(crate) async fn record_rejection(
    ports: &Ports,
    action: AuditAction,
    outcome: AuditOutcome,
    user: Option<UserId>,
    client: &ClientInfo,
) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    record_event(ports, &mut *unit, action, outcome, user, client).await?;
    unit.commit().await
}
