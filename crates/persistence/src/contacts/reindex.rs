//! Recomputation of search and sort columns that an outdated version of the folding rules wrote.

use domain::{contact::Contact, error::StoreError, folding, store::UnitOfWork as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{columns, row::ContactRow};
use crate::{
    SqlStore,
    entities::contacts::{Column, Entity},
    unit::ROW_LOCK,
};

/// Contacts of one unit of work. All are in memory, and other writers wait for the unit on SQLite.
const BATCH: u64 = 100;

/// Updates all outdated contacts, with one unit of work for each batch. After an interruption the next call continues.
/// Leaves `version` and `updated_at` unchanged. Concurrent calls wait for each other's batches and skip updated rows.
pub(crate) async fn reindex(store: &SqlStore) -> Result<u64, StoreError> {
    let mut after = Uuid::nil();
    let mut done = 0;
    loop {
        let unit = store.begin_unit().await?;
        let batch = outdated(after).into_partial_model::<ContactRow>().all(unit.transaction());
        let batch = unit.run(batch).await?;
        let Some(last) = batch.last() else { return Ok(done) };
        after = last.id;
        for row in batch {
            let id = row.id;
            match Contact::try_from(row) {
                Ok(contact) => {
                    let update = Entity::update_many().set(columns::searched(&contact)).filter(Column::Id.eq(id));
                    done += unit.run(update.exec(unit.transaction())).await?.rows_affected;
                }
                // An unreadable contact cannot be found anyway; it must not block the others.
                Err(error) => tracing::warn!(contact = %id, %error, "search columns not updated, contact unreadable"),
            }
        }
        Box::new(unit).commit().await?;
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
