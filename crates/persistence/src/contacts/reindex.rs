//! Rewriting of cards, and of the search and sort columns, that an earlier version wrote.

use domain::{contact::Contact, error::StoreError, folding, store::UnitOfWork as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    columns,
    row::{ContactRow, report},
};
use crate::{
    entities::contacts::{Column, Entity},
    store::SqlStore,
    unit::{ROW_LOCK, SqlUnit},
};

/// Contacts of one unit of work. All are in memory, and other writers wait for the unit on SQLite.
const BATCH: u64 = 100;

impl SqlStore {
    /// Rewrites the cards, and the search and sort columns, that an earlier version of the forms wrote. Returns the
    /// number of updated contacts. No number is taken, and `updated_at` does not change.
    ///
    /// Each batch is one unit of work. After an interruption the next call continues. Concurrent calls wait for each
    /// other's batches and skip updated rows.
    ///
    /// # Errors
    /// The errors of every unit of work.
    pub async fn reindex(&self) -> Result<u64, StoreError> {
        let mut after = Uuid::nil();
        let mut done = 0;
        loop {
            let unit = self.begin_unit().await?;
            let batch = outdated(after).into_partial_model::<ContactRow>().all(unit.transaction());
            let batch = unit.run(batch).await?;
            let Some(last) = batch.last() else { return Ok(done) };
            after = last.id;
            for row in batch {
                done += rewrite(&unit, row).await?;
            }
            Box::new(unit).commit().await?;
        }
    }
}

/// Returns 1 when the row was updated. An unreadable contact must not block the others.
async fn rewrite(unit: &SqlUnit, row: ContactRow) -> Result<u64, StoreError> {
    let id = row.id;
    let contact = Contact::try_from(row)?;
    match columns::of_card(&contact) {
        Ok(columns) => {
            let update = Entity::update_many().set(columns).filter(Column::Id.eq(id));
            Ok(unit.run(update.exec(unit.transaction())).await?.rows_affected)
        }
        Err(error) => {
            report(error);
            Ok(0)
        }
    }
}

/// Selects and locks the next batch. The version is a literal: with a bound value the partial index would not be used.
pub(super) fn outdated(after: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Expr::cust(format!("search_version < {}", folding::VERSION)))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .lock(ROW_LOCK)
}
