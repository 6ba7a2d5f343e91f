//! Deleted accounts, retained while their audit events may be stored.

use sea_orm_migration::{
    prelude::*,
    schema::{timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum DeletedAccounts {
    Table,
    UserId,
    DeletedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let accounts = Table::create()
            .table(DeletedAccounts::Table)
            .col(uuid(DeletedAccounts::UserId).primary_key())
            .col(timestamp_with_time_zone(DeletedAccounts::DeletedAt))
            .take();
        manager.create_table(accounts).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(DeletedAccounts::Table).take()).await
    }
}
