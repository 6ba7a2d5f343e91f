//! Records of permanently deleted contacts and removed names, and the epoch of the change numbers.

use async_trait::async_trait;
use domain::{contact::changes::DeletionRepository, error::StoreError, ids::UserId, store::UnitOfWork as _};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
    sea_query::{CaseStatement, Expr},
};
use uuid::Uuid;

use super::{chunks::chunks, selection::as_signed};
use crate::{
    entities::{
        purged_contacts::{ActiveModel, Column, Entity},
        users,
    },
    error::bounded,
    store::SqlStore,
    unit::SqlUnit,
};

/// Jump of the change numbers after a restore: more than an owner makes between two backups.
const JUMP_OF_CHANGE_NUMBERS: i64 = 1_000_000_000;
/// Users whose numbers one unit of work raises.
const USERS_OF_A_UNIT: u64 = 500;

/// A contact that a purge has deleted, or a name that was removed, with the number of that change.
pub(super) struct Deletion {
    pub(super) owner: Uuid,
    pub(super) number: i64,
    /// `None` for a removed name.
    pub(super) contact: Option<Uuid>,
    /// `None` for a contact without a given name.
    pub(super) card_name: Option<String>,
}

/// Records deletions.
pub(super) async fn record(unit: &SqlUnit, deletions: &[Deletion]) -> Result<(), StoreError> {
    for deletions in chunks(deletions) {
        let rows = deletions.iter().map(|deletion| ActiveModel {
            owner_id: Set(deletion.owner),
            change: Set(deletion.number),
            contact_id: Set(deletion.contact),
            card_name: Set(deletion.card_name.clone()),
        });
        unit.run(Entity::insert_many(rows).exec_without_returning(unit.transaction())).await?;
    }
    Ok(())
}

#[async_trait]
impl DeletionRepository for SqlUnit {
    async fn forget_deletions(&mut self, owner: UserId, retained: u64, limit: u64) -> Result<u64, StoreError> {
        let numbers = || Entity::find().filter(Column::OwnerId.eq(owner.0)).select_only().column(Column::Change);
        let latest_beyond = numbers().order_by_desc(Column::Change).offset(as_signed(retained)).limit(1);
        let latest_beyond = self.run(latest_beyond.into_tuple::<i64>().one(self.transaction())).await?;
        let Some(latest_beyond) = latest_beyond else { return Ok(0) };
        let earliest = numbers().filter(Column::Change.lte(latest_beyond)).order_by_asc(Column::Change);
        let earliest = earliest.limit(as_signed(limit)).into_tuple::<i64>();
        let Some(floor) = self.run(earliest.all(self.transaction())).await?.pop() else { return Ok(0) };
        // A contact may be purged after later deletions were forgotten: its record does not lower the floor.
        let current = Expr::col(users::Column::ChangesFloor);
        let raised = CaseStatement::new().case(current.clone().lt(floor), floor).finally(current);
        let raise = users::Entity::update_many()
            .col_expr(users::Column::ChangesFloor, raised.into())
            .filter(users::Column::Id.eq(owner.0));
        self.run(raise.exec(self.transaction())).await?;
        let delete = Entity::delete_many().filter(Column::OwnerId.eq(owner.0)).filter(Column::Change.lte(floor));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }
}

impl SqlStore {
    /// Begins a new epoch of the change numbers, so that every sync token expires. The number of every owner jumps ahead:
    /// an entity tag that was issued after the backup never names another state of its contact.
    ///
    /// # Errors
    /// The errors of every unit of work.
    pub async fn renew_sync_epoch(&self) -> Result<(), StoreError> {
        let backend = self.pool().get_database_backend();
        let random = match backend {
            DbBackend::Sqlite => "randomblob(16)",
            _ => "gen_random_uuid()",
        };
        let renew = Statement::from_string(backend, format!("UPDATE sync_epoch SET epoch = {random}"));
        let mut after = Uuid::nil();
        while let Some(last) = self.raise_change_numbers(after).await? {
            after = last;
        }
        let unit = self.begin_unit().await?;
        unit.run(unit.transaction().execute_raw(renew)).await?;
        Box::new(unit).commit().await
    }

    /// Raises the change numbers of the next users. Returns the last one of them.
    async fn raise_change_numbers(&self, after: Uuid) -> Result<Option<Uuid>, StoreError> {
        let page = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::Id.gt(after))
            .order_by_asc(users::Column::Id)
            .limit(USERS_OF_A_UNIT);
        let ids = bounded(page.into_tuple::<Uuid>().all(self.pool())).await?;
        let Some(last) = ids.last().copied() else { return Ok(None) };
        let raised = Expr::col(users::Column::ContactChanges).add(JUMP_OF_CHANGE_NUMBERS);
        let raise = users::Entity::update_many()
            .col_expr(users::Column::ContactChanges, raised)
            .filter(users::Column::Id.is_in(ids));
        let unit = self.begin_unit().await?;
        unit.run(raise.exec(unit.transaction())).await?;
        Box::new(unit).commit().await?;
        Ok(Some(last))
    }
}
