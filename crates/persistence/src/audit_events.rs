//! The audit trail.

use async_trait::async_trait;
use domain::{
    audit::{AuditAction, AuditEvent, AuditOutcome, AuditQueries, AuditTrail, DeletedAccount},
    client::ClientInfo,
    error::StoreError,
    ids::{AuditEventId, UserId},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
};

use crate::{
    entities::{
        audit_events::{ActiveModel, Column, Entity, Model},
        deleted_accounts,
    },
    error::{bounded, corrupt},
    store::SqlStore,
    stored_ip::known_ip,
    unit::{SqlUnit, some_of},
    wrong_passwords,
};

impl TryFrom<Model> for AuditEvent {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: AuditEventId(row.id),
            at: row.at,
            user: row.user_id.map(UserId),
            action: AuditAction::from_stored(&row.action).ok_or_else(|| corrupt("action of an audit event"))?,
            outcome: AuditOutcome::from_stored(&row.outcome).ok_or_else(|| corrupt("outcome of an audit event"))?,
            client: ClientInfo { ip: known_ip(row.id, row.ip), user_agent: row.user_agent },
        })
    }
}

#[async_trait]
impl AuditQueries for SqlStore {
    async fn audit_events_of(
        &self,
        user: UserId,
        before: Option<AuditEventId>,
        limit: u64,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let events = Entity::find()
            .filter(Column::UserId.eq(user.0))
            .filter(Condition::all().add_option(before.map(|before| Column::Id.lt(before.0))))
            // After a downgrade there may be unknown names.
            .filter(Column::Action.is_in(AuditAction::ALL.iter().map(|action| action.as_str())))
            .filter(Column::Outcome.is_in(AuditOutcome::ALL.iter().map(|outcome| outcome.as_str())))
            .order_by_desc(Column::Id)
            .limit(limit);
        bounded(events.all(self.pool())).await?.into_iter().map(AuditEvent::try_from).collect()
    }

    async fn users_to_warn(
        &self,
        since: Timestamp,
        noticed: Timestamp,
        at_least: u64,
        limit: u64,
    ) -> Result<Vec<UserId>, StoreError> {
        let backend = self.pool().get_database_backend();
        let statement = wrong_passwords::users_to_warn(backend, since, noticed, at_least, limit);
        let rows = bounded(wrong_passwords::UserToWarn::find_by_statement(statement).all(self.pool())).await?;
        Ok(rows.into_iter().map(|row| UserId(row.id)).collect())
    }

    async fn deleted_accounts(&self, limit: u64) -> Result<Vec<DeletedAccount>, StoreError> {
        let accounts = deleted_accounts::Entity::find()
            .order_by_asc(deleted_accounts::Column::DeletedAt)
            .order_by_asc(deleted_accounts::Column::UserId)
            .limit(limit);
        let rows = bounded(accounts.all(self.pool())).await?;
        Ok(rows.into_iter().map(|row| DeletedAccount { user: UserId(row.user_id), at: row.deleted_at }).collect())
    }
}

#[async_trait]
impl AuditTrail for SqlUnit {
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(event.id.0),
            at: Set(event.at),
            user_id: Set(event.user.map(|user| user.0)),
            action: Set(event.action.as_str().to_owned()),
            outcome: Set(event.outcome.as_str().to_owned()),
            ip: Set(event.client.ip.map(|ip| ip.to_string())),
            user_agent: Set(event.client.user_agent.clone()),
        };
        self.run(Entity::insert(row).exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn record_deleted_account(&mut self, account: DeletedAccount) -> Result<(), StoreError> {
        let row = deleted_accounts::ActiveModel { user_id: Set(account.user.0), deleted_at: Set(account.at) };
        let insert = deleted_accounts::Entity::insert(row);
        self.run(insert.exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn purge_audit_events_of(&mut self, user: UserId, limit: u64) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let events = Entity::find().filter(Column::UserId.eq(user.0)).order_by_asc(Column::Id);
        let some = some_of(events, Column::Id, limit);
        let delete = Entity::delete_many().filter(Column::UserId.eq(user.0)).filter(Column::Id.in_subquery(some));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }

    async fn forget_deleted_account(&mut self, user: UserId) -> Result<(), StoreError> {
        let delete = deleted_accounts::Entity::delete_by_id(user.0);
        self.run(delete.exec(self.transaction())).await?;
        Ok(())
    }

    async fn purge_audit_events(
        &mut self,
        until: Timestamp,
        outcome: AuditOutcome,
        limit: u64,
    ) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let old = Entity::find()
            .filter(Column::At.lte(until))
            .filter(Column::Outcome.eq(outcome.as_str()))
            .order_by_asc(Column::At);
        let delete = Entity::delete_many().filter(Column::Id.in_subquery(some_of(old, Column::Id, limit)));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }
}
