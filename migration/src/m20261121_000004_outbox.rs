//! The outbox: mails to send.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

use crate::columns::{text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Id,
    Kind,
    Address,
    UserId,
    ClientIp,
    AppPasswordName,
    AppPasswordScopes,
    ToUnverified,
    RequestedAt,
    Attempts,
    DueAt,
    LastError,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table(Outbox::Table)
            .col(uuid(Outbox::Id).primary_key())
            .col(text(manager, Outbox::Kind))
            .col(text(manager, Outbox::Address))
            // No foreign key: a mail of a deleted user is dropped when it is due.
            .col(uuid_null(Outbox::UserId))
            .col(text_null(manager, Outbox::ClientIp))
            // Of the app password that the mail reports.
            .col(text_null(manager, Outbox::AppPasswordName))
            .col(text_null(manager, Outbox::AppPasswordScopes))
            // Set when the mail is sent: the user of the address is looked up at that time.
            .col(boolean(Outbox::ToUnverified))
            .col(timestamp_with_time_zone(Outbox::RequestedAt))
            .col(integer(Outbox::Attempts))
            // Null: parked, never due again.
            .col(timestamp_with_time_zone_null(Outbox::DueAt))
            .col(text_null(manager, Outbox::LastError))
            .take();
        manager.create_table(outbox).await?;
        let by_due =
            Index::create().name("outbox_due_at_idx").table(Outbox::Table).col(Outbox::DueAt).col(Outbox::Id).take();
        manager.create_index(by_due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Outbox::Table).take()).await
    }
}
