//! Devices that a user has signed in from.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum KnownDevices {
    Table,
    UserId,
    Device,
    FirstSeenAt,
    LastSeenAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user = ForeignKey::create();
        user.name("known_devices_user_id_fkey")
            .from(KnownDevices::Table, KnownDevices::UserId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let mut by_device = Index::create();
        by_device.col(KnownDevices::UserId).col(KnownDevices::Device);
        let devices = Table::create()
            .table(KnownDevices::Table)
            .col(uuid(KnownDevices::UserId))
            .col(blob(KnownDevices::Device))
            .col(timestamp_with_time_zone(KnownDevices::FirstSeenAt))
            .col(timestamp_with_time_zone(KnownDevices::LastSeenAt))
            .primary_key(&mut by_device)
            .foreign_key(&mut user)
            .take();
        manager.create_table(devices).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(KnownDevices::Table).take()).await
    }
}
