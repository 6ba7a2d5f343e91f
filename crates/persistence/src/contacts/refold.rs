//! What contacts are searched and sorted by, computed anew where an earlier version of the rules has written it.

use domain::{contact::Contact, folding};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Select, TransactionSession as _, TransactionTrait,
    sea_query::{Expr, LockBehavior},
};
use uuid::Uuid;

use super::{columns, row::ContactRow};
use crate::{
    entities::contacts::{Column, Entity},
    unit::ROW_LOCK,
};

/// Contacts of one transaction.
const BATCH: u64 = 500;

/// Goes through all that were written by an earlier version, in transactions of their own: whatever stops it, the next
/// call goes on. Changes neither their version nor their time. One that somebody is writing just now is left to them.
pub(crate) async fn refold(connection: &(impl ConnectionTrait + TransactionTrait)) -> Result<(), DbErr> {
    let mut after = Uuid::nil();
    let mut done = 0_usize;
    loop {
        let transaction = connection.begin().await?;
        let batch = earlier(after).into_partial_model::<ContactRow>().all(&transaction).await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        done += batch.len();
        for row in batch {
            let id = row.id;
            match Contact::try_from(row) {
                Ok(contact) => {
                    let update = Entity::update_many().set(columns::searched(&contact)).filter(Column::Id.eq(id));
                    update.exec(&transaction).await?;
                }
                // Nobody can read it, so nobody can find it; the others must not wait for it.
                Err(error) => tracing::warn!(contact = %id, %error, "a contact cannot be read"),
            }
        }
        transaction.commit().await?;
    }
    if done > 0 {
        tracing::info!(contacts = done, "computed anew what contacts are searched by");
    }
    Ok(())
}

/// The next batch, locked. The version stands in the statement itself, or the index over earlier ones is of no use.
pub(super) fn earlier(after: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Expr::cust(format!("search_version < {}", folding::VERSION)))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked)
}
