//! Invitations: e-mail addresses that may register an account.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone};

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Invitations {
    Table,
    Email,
    InvitedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let invitations = Table::create()
            .table(Invitations::Table)
            .col(text(manager, Invitations::Email).primary_key())
            .col(timestamp_with_time_zone(Invitations::InvitedAt))
            .take();
        manager.create_table(invitations).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Invitations::Table).take()).await
    }
}
