//! Orphaned pictures: not referenced, or not referenced yet.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, timestamp_with_time_zone},
};

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum StrayPictures {
    Table,
    Key,
    Attempts,
    DueAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let strays = Table::create()
            .table(StrayPictures::Table)
            .col(text(manager, StrayPictures::Key).primary_key())
            .col(integer(StrayPictures::Attempts))
            .col(timestamp_with_time_zone(StrayPictures::DueAt))
            .take();
        manager.create_table(strays).await?;
        let by_due = Index::create()
            .name("stray_pictures_due_at_idx")
            .table(StrayPictures::Table)
            .col(StrayPictures::DueAt)
            .col(StrayPictures::Key)
            .take();
        manager.create_index(by_due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(StrayPictures::Table).take()).await
    }
}
