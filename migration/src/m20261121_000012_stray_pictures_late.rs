//! Orphaned pictures of uploads that may still complete after the removal has started.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum StrayPictures {
    Table,
    MayArriveUntil,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let late = Table::alter()
            .table(StrayPictures::Table)
            .add_column(timestamp_with_time_zone_null(StrayPictures::MayArriveUntil))
            .take();
        manager.alter_table(late).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let late = Table::alter().table(StrayPictures::Table).drop_column(StrayPictures::MayArriveUntil).take();
        manager.alter_table(late).await
    }
}
