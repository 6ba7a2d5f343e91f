//! What contacts are searched and sorted by, computed anew where an earlier version of the rules has written it.

use domain::{
    contact::Contact,
    folding,
    store::{StoreError, UnitOfWork as _},
};
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

/// Contacts of one unit: other writers wait for it on SQLite, and all of them lie in memory.
const BATCH: u64 = 100;

/// Goes through all that were written by an earlier version, a unit for each batch: whatever stops it, the next call goes
/// on. Changes neither their version nor their time. Of several at once each waits for what the others have in hand,
/// and finds it done.
pub(crate) async fn refold(store: &SqlStore) -> Result<u64, StoreError> {
    let mut after = Uuid::nil();
    let mut done = 0;
    loop {
        let unit = store.begin_unit().await?;
        let batch = earlier(after).into_partial_model::<ContactRow>().all(unit.transaction());
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
                // Nobody can read it, so nobody can find it; the others must not wait for it.
                Err(error) => tracing::warn!(contact = %id, %error, "a contact cannot be read"),
            }
        }
        Box::new(unit).commit().await?;
    }
}

/// The next batch, locked. The version stands in the statement itself, or the index over earlier ones is of no use.
pub(super) fn earlier(after: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Expr::cust(format!("search_version < {}", folding::VERSION)))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .lock(ROW_LOCK)
}
