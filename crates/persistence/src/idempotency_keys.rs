//! Idempotency keys.

use async_trait::async_trait;
use domain::{
    error::StoreError,
    idempotency::{Fingerprint, IdempotencyKey, IdempotencyKeys, StoredResult},
    ids::{ContactId, UserId},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Set,
    sea_query::{Expr, LockBehavior, OnConflict},
};
use uuid::Uuid;

use crate::{
    entities::idempotency_keys::{ActiveModel, Column, Entity, Model},
    error::corrupt,
    unit::{ROW_LOCK, SqlUnit, chosen_once},
};

impl TryFrom<Model> for StoredResult {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let fingerprint = row.fingerprint.try_into().map_err(|_| corrupt("fingerprint of an idempotency key"))?;
        let (ids, []) = row.contact_ids.as_chunks::<16>() else { return Err(corrupt("ids of an idempotency key")) };
        let contacts = ids.iter().map(|id| ContactId(Uuid::from_bytes(*id))).collect();
        Ok(Self { fingerprint: Fingerprint(fingerprint), contacts, at: row.created_at })
    }
}

#[async_trait]
impl IdempotencyKeys for SqlUnit {
    async fn find_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<StoredResult>, StoreError> {
        let query = Entity::find_by_id((owner.0, key.digest().to_vec()));
        self.run(query.one(self.transaction())).await?.map(StoredResult::try_from).transpose()
    }

    async fn remember_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        done: &StoredResult,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            owner_id: Set(owner.0),
            key_hash: Set(key.digest().to_vec()),
            fingerprint: Set(done.fingerprint.0.to_vec()),
            contact_ids: Set(done.contacts.iter().flat_map(|contact| contact.0.into_bytes()).collect()),
            created_at: Set(done.at),
        };
        // An expired key may not be purged yet.
        let known = OnConflict::columns([Column::OwnerId, Column::KeyHash])
            .update_columns([Column::Fingerprint, Column::ContactIds, Column::CreatedAt])
            .to_owned();
        let insert = Entity::insert(row).on_conflict(known);
        self.run(insert.exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn purge_idempotency_keys(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let old = Entity::find().filter(Column::CreatedAt.lte(until)).order_by_asc(Column::CreatedAt);
        let old = old.limit(limit).lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
        let columns = [Column::OwnerId, Column::KeyHash];
        let old = chosen_once(old.select_only().columns(columns).into_query(), columns);
        let key = Expr::tuple([Expr::col(Column::OwnerId), Expr::col(Column::KeyHash)]);
        let delete = Entity::delete_many().filter(key.in_subquery(old));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }
}
