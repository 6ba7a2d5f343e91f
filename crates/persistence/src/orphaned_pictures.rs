//! Orphaned pictures: uploaded, but not referenced.

use async_trait::async_trait;
use domain::{
    error::StoreError,
    picture::{OrphanedPicture, OrphanedPictureQueries, OrphanedPictureRepository, PictureKey},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    Set,
    sea_query::{Expr, LockBehavior, OnConflict},
};

use crate::{
    entities::orphaned_pictures::{ActiveModel, Column, Entity},
    error::{bounded, corrupt},
    store::SqlStore,
    unit::{ROW_LOCK, SqlUnit},
};

/// Maximum rows of one statement: both databases limit the number of bound values.
const ROWS_AT_ONCE: usize = 1000;

#[async_trait]
impl OrphanedPictureQueries for SqlStore {
    async fn has_due_orphaned_pictures(&self, now: Timestamp) -> Result<bool, StoreError> {
        let first = due(now).select_only().column(Column::Key).limit(1).into_tuple::<String>();
        Ok(bounded(first.one(self.pool())).await?.is_some())
    }
}

fn due(now: Timestamp) -> Select<Entity> {
    Entity::find().filter(Column::DueAt.lte(now))
}

#[async_trait]
impl OrphanedPictureRepository for SqlUnit {
    async fn record_orphaned_pictures(
        &mut self,
        keys: &[PictureKey],
        due_at: Timestamp,
        may_arrive_until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        for keys in keys.chunks(ROWS_AT_ONCE) {
            let rows = keys.iter().map(|key| ActiveModel {
                key: Set(key.as_str().to_owned()),
                attempts: Set(0),
                due_at: Set(due_at),
                may_arrive_until: Set(may_arrive_until),
            });
            let known =
                OnConflict::column(Column::Key).update_columns([Column::DueAt, Column::MayArriveUntil]).to_owned();
            let insert = Entity::insert_many(rows).on_conflict(known);
            self.run(insert.exec_without_returning(self.transaction())).await?;
        }
        Ok(())
    }

    async fn claim_pictures(&mut self, keys: &[PictureKey]) -> Result<Vec<PictureKey>, StoreError> {
        let mut claimed = Vec::with_capacity(keys.len());
        for keys in keys.chunks(ROWS_AT_ONCE) {
            let keys = keys.iter().map(PictureKey::as_str);
            let unclaimed = Entity::delete_many().filter(Column::Key.is_in(keys)).filter(Column::Attempts.eq(0));
            let rows = self.run(unclaimed.exec_with_returning(self.transaction())).await?;
            claimed.extend(rows.into_iter().map(|row| PictureKey::from_stored(row.key)));
        }
        Ok(claimed)
    }

    async fn lease_orphaned_pictures(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<OrphanedPicture>, StoreError> {
        let longest_due = due(now)
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Key)
            .limit(std::cmp::min(limit, i64::MAX.unsigned_abs()))
            .lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
        let rows = self.run(longest_due.all(self.transaction())).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let lease = Entity::update_many()
            .filter(Column::Key.is_in(rows.iter().map(|row| row.key.as_str())))
            .col_expr(Column::DueAt, Expr::value(lease_until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1));
        self.run(lease.exec(self.transaction())).await?;
        let leased = rows.into_iter().map(|row| {
            let attempts = u32::try_from(row.attempts).map_err(|_| corrupt("attempts of an orphaned picture"))?;
            Ok(OrphanedPicture {
                key: PictureKey::from_stored(row.key),
                attempts: attempts.saturating_add(1),
                may_arrive_until: row.may_arrive_until,
            })
        });
        leased.collect()
    }

    async fn forget_orphaned_picture(&mut self, key: &PictureKey) -> Result<(), StoreError> {
        self.run(Entity::delete_by_id(key.as_str()).exec(self.transaction())).await?;
        Ok(())
    }
}
