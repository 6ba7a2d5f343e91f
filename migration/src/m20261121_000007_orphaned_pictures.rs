//! Orphaned pictures: not referenced, or not referenced yet.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, timestamp_with_time_zone, timestamp_with_time_zone_null},
};

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum OrphanedPictures {
    Table,
    Key,
    Attempts,
    DueAt,
    MayArriveUntil,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let orphaned = Table::create()
            .table(OrphanedPictures::Table)
            .col(text(manager, OrphanedPictures::Key).primary_key())
            .col(integer(OrphanedPictures::Attempts))
            .col(timestamp_with_time_zone(OrphanedPictures::DueAt))
            // Set for an upload that may still complete after the removal has started.
            .col(timestamp_with_time_zone_null(OrphanedPictures::MayArriveUntil))
            .take();
        manager.create_table(orphaned).await?;
        let by_due = Index::create()
            .name("orphaned_pictures_due_at_idx")
            .table(OrphanedPictures::Table)
            .col(OrphanedPictures::DueAt)
            .col(OrphanedPictures::Key)
            .take();
        manager.create_index(by_due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(OrphanedPictures::Table).take()).await
    }
}
