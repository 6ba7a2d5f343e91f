//! The number of contacts of each owner, and of the changes of contacts. Both are stored with the user.

use domain::{error::StoreError, ids::UserId, store::UnitOfWork as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryResult,
    Statement,
    sea_query::{Expr, Func, Query, UpdateStatement},
};
use uuid::Uuid;

use super::selection::{as_signed, contacts_of, counted};
use crate::{
    entities::users::{Column, Entity},
    error::{Failure, bounded},
    store::SqlStore,
};

/// The next users, with their stored counts and the numbers of their contacts.
const COUNTS: &str = "\
    SELECT page.id, page.contact_count, \
    (SELECT count(*) FROM contacts WHERE contacts.owner_id = page.id AND contacts.deleted_at IS NULL) \
    FROM (SELECT id, contact_count FROM users WHERE id > $1 ORDER BY id LIMIT 200) AS page ORDER BY page.id";

/// Numbers of an owner, and the limit.
pub(super) struct Counts {
    pub(super) contacts: i64,
    pub(super) changes: i64,
    pub(super) limit: Option<i64>,
}

/// Adds to the numbers of an owner, locks them, and returns the new ones.
pub(super) async fn added(
    connection: &impl ConnectionTrait,
    owner: UserId,
    changes: i64,
    contacts: i64,
) -> Result<Option<Counts>, DbErr> {
    let update = Query::update()
        .table(Entity)
        .value(Column::ContactChanges, Expr::col(Column::ContactChanges).add(changes))
        .value(Column::ContactCount, Expr::col(Column::ContactCount).add(contacts))
        .and_where(Column::Id.eq(owner.0))
        .returning(Query::returning().columns([Column::ContactCount, Column::ContactChanges, Column::ContactLimit]))
        .take();
    let row = connection.query_one(&update).await?;
    let counts = |row: QueryResult| {
        Ok(Counts {
            contacts: row.try_get_by_index(0)?,
            changes: row.try_get_by_index(1)?,
            limit: row.try_get_by_index(2)?,
        })
    };
    row.map(counts).transpose()
}

/// Takes the next change number of an owner for a new contact, and returns it, unless the owner has as many contacts as its
/// own limit, or else as `limit`.
pub(super) fn taken_within(owner: UserId, limit: u64) -> UpdateStatement {
    let limit = Func::coalesce([Expr::col(Column::ContactLimit), Expr::value(as_signed(limit))]);
    Query::update()
        .table(Entity)
        .value(Column::ContactChanges, Expr::col(Column::ContactChanges).add(1))
        .value(Column::ContactCount, Expr::col(Column::ContactCount).add(1))
        .and_where(Column::Id.eq(owner.0))
        .and_where(Expr::col(Column::ContactCount).lt(limit))
        .returning_col(Column::ContactChanges)
        .take()
}

fn count_of(row: &QueryResult) -> Result<(Uuid, i64, i64), DbErr> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
}

impl SqlStore {
    /// Corrects the counts of contacts that differ from the contacts, and returns their number. Every unit changes
    /// the count with the contacts, so each correction is logged: it shows a defect, or a change of the database by hand.
    ///
    /// # Errors
    /// The errors of every unit of work.
    pub async fn repair_contact_counts(&self) -> Result<u64, StoreError> {
        let (mut after, mut repaired) = (Uuid::nil(), 0);
        loop {
            let counts = Statement::from_sql_and_values(self.pool().get_database_backend(), COUNTS, [after.into()]);
            let rows = bounded(self.pool().query_all_raw(counts)).await?;
            if rows.is_empty() {
                return Ok(repaired);
            }
            for row in &rows {
                let (owner, stored, actual) = count_of(row).map_err(Failure::Database)?;
                if stored != actual {
                    repaired += u64::from(self.repair_contact_count(UserId(owner)).await?);
                }
                after = owner;
            }
        }
    }

    /// Returns true when the count was wrong. It is compared under the lock, because a unit may have changed it.
    async fn repair_contact_count(&self, owner: UserId) -> Result<bool, StoreError> {
        let unit = self.begin_unit().await?;
        let Some(Counts { contacts: stored, .. }) = unit.run(added(unit.transaction(), owner, 0, 0)).await? else {
            return Ok(false);
        };
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
