//! Deleted accounts, retained while their audit events may be stored.

use sea_orm_migration::{
    prelude::*,
    schema::{timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UNVERIFIED: &str = "users_unverified_idx";

#[derive(DeriveIden)]
enum DeletedAccounts {
    Table,
    UserId,
    DeletedAt,
}

#[derive(DeriveIden)]
enum Users {
    Table,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let accounts = Table::create()
            .table(DeletedAccounts::Table)
            .col(uuid(DeletedAccounts::UserId).primary_key())
            .col(timestamp_with_time_zone(DeletedAccounts::DeletedAt))
            .take();
        manager.create_table(accounts).await?;
        let unverified = Index::create()
            .name(UNVERIFIED)
            .table(Users::Table)
            .col(Users::CreatedAt)
            .and_where(Expr::cust("NOT email_verified"))
            .take();
        manager.create_index(unverified).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(UNVERIFIED).table(Users::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(DeletedAccounts::Table).take()).await
    }
}
