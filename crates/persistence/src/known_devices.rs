//! Known devices.

use async_trait::async_trait;
use domain::{
    account::Email,
    error::StoreError,
    ids::UserId,
    session::{DeviceDigest, KnownDeviceQueries, KnownDeviceRepository, MAX_DEVICES},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Set,
    sea_query::{Expr, OnConflict},
};

use crate::{
    entities::{
        known_devices::{ActiveModel, Column, Entity},
        users,
    },
    error::bounded,
    store::SqlStore,
    unit::SqlUnit,
};

/// Maximum number of other devices that remain besides the recorded one.
const MAX_OTHER_DEVICES: u64 = MAX_DEVICES as u64 - 1;

#[async_trait]
impl KnownDeviceQueries for SqlStore {
    async fn is_known_device(&self, email: &Email, device: &DeviceDigest) -> Result<bool, StoreError> {
        let query = Entity::find()
            .inner_join(users::Entity)
            .filter(users::Column::Email.eq(email.as_str()))
            .filter(Column::Device.eq(device.0.to_vec()))
            .select_only()
            .column(Column::FirstSeenAt)
            .into_tuple::<Timestamp>();
        Ok(bounded(query.one(self.pool())).await?.is_some())
    }
}

#[async_trait]
impl KnownDeviceRepository for SqlUnit {
    async fn record_device(&mut self, user: UserId, device: &DeviceDigest, now: Timestamp) -> Result<bool, StoreError> {
        let touch = Entity::update_many()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::Device.eq(device.0.to_vec()))
            .col_expr(Column::LastSeenAt, Expr::value(now));
        if self.run(touch.exec(self.transaction())).await?.rows_affected > 0 {
            return Ok(false);
        }
        let row = ActiveModel {
            user_id: Set(user.0),
            device: Set(device.0.to_vec()),
            first_seen_at: Set(now),
            last_seen_at: Set(now),
        };
        // Another unit may record the same device at the same time.
        let known = OnConflict::columns([Column::UserId, Column::Device]).do_nothing().to_owned();
        let insert = Entity::insert(row).on_conflict(known);
        if self.run(insert.exec_without_returning(self.transaction())).await? == 0 {
            return Ok(false);
        }
        let surplus = Entity::find()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::Device.ne(device.0.to_vec()))
            .order_by_desc(Column::LastSeenAt)
            .order_by_asc(Column::Device)
            .offset(MAX_OTHER_DEVICES)
            .limit(MAX_OTHER_DEVICES)
            .select_only()
            .column(Column::Device);
        let delete = Entity::delete_many()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::Device.in_subquery(surplus.into_query()));
        self.run(delete.exec(self.transaction())).await?;
        Ok(true)
    }

    async fn count_devices(&mut self, user: UserId) -> Result<u64, StoreError> {
        let devices = Entity::find().filter(Column::UserId.eq(user.0));
        Ok(self.run(devices.count(self.transaction())).await?)
    }
}
