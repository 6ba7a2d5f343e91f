//! The number of contacts of each owner, stored with the user.

use domain::{error::StoreError, ids::UserId, store::UnitOfWork as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _, Statement,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::selection::{contacts_of, counted};
use crate::{
    entities::users::{Column, Entity},
    error::{Failure, bounded},
    store::SqlStore,
};

/// Users whose count is wrong.
const WRONG: &str = "\
    SELECT users.id FROM users LEFT JOIN \
    (SELECT owner_id, count(*) AS contacts FROM contacts WHERE deleted_at IS NULL GROUP BY owner_id) AS counted \
    ON counted.owner_id = users.id WHERE users.contact_count <> coalesce(counted.contacts, 0)";

/// Changes the count of an owner, locks it, and returns the new one with the limit of the owner.
pub(super) async fn changed(
    connection: &impl ConnectionTrait,
    owner: UserId,
    change: i64,
) -> Result<Option<(i64, Option<i64>)>, DbErr> {
    let update = Query::update()
        .table(Entity)
        .value(Column::ContactCount, Expr::col(Column::ContactCount).add(change))
        .and_where(Column::Id.eq(owner.0))
        .returning(Query::returning().columns([Column::ContactCount, Column::ContactLimit]))
        .to_owned();
    let row = connection.query_one(&update).await?;
    row.map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()
}

impl SqlStore {
    /// Corrects the counts of contacts that differ from the contacts, and returns their number. Every unit changes
    /// the count with the contacts, so each correction is logged: it shows a defect, or a change of the database by hand.
    ///
    /// # Errors
    /// The errors of every unit of work.
    pub async fn repair_contact_counts(&self) -> Result<u64, StoreError> {
        let wrong = Statement::from_string(self.pool().get_database_backend(), WRONG);
        let rows = bounded(self.pool().query_all_raw(wrong)).await?;
        let mut repaired = 0;
        for row in rows {
            let owner: Uuid = row.try_get_by_index(0).map_err(Failure::Database)?;
            repaired += u64::from(self.repair_contact_count(UserId(owner)).await?);
        }
        Ok(repaired)
    }

    /// Returns true when the count was wrong. It is compared under the lock, because a unit may have changed it.
    async fn repair_contact_count(&self, owner: UserId) -> Result<bool, StoreError> {
        let unit = self.begin_unit().await?;
        let Some((stored, _)) = unit.run(changed(unit.transaction(), owner, 0)).await? else { return Ok(false) };
        let actual = unit.run(counted(contacts_of(owner)).one(unit.transaction())).await?.unwrap_or_default();
        if stored == actual {
            return Ok(false);
        }
        let update =
            Entity::update_many().col_expr(Column::ContactCount, Expr::value(actual)).filter(Column::Id.eq(owner.0));
        unit.run(update.exec(unit.transaction())).await?;
        Box::new(unit).commit().await?;
        tracing::warn!(user_id = %owner, stored, actual, "contact count corrected");
        Ok(true)
    }
}
