//! Slots for mails to unverified e-mail addresses. Each address has a few slots; each slot allows one mail a day.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, small_integer, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum MailSlots {
    Table,
    AddressHash,
    Slot,
    MailId,
    TakenAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut by_slot = Index::create();
        by_slot.col(MailSlots::AddressHash).col(MailSlots::Slot);
        let slots = Table::create()
            .table(MailSlots::Table)
            // A digest: addresses of people without an account are not stored. No foreign key: a slot outlives mail and
            // user.
            .col(blob(MailSlots::AddressHash))
            .col(small_integer(MailSlots::Slot))
            .col(uuid(MailSlots::MailId))
            .col(timestamp_with_time_zone(MailSlots::TakenAt))
            .primary_key(&mut by_slot)
            .take();
        manager.create_table(slots).await?;
        let by_age =
            Index::create().name("mail_slots_taken_at_idx").table(MailSlots::Table).col(MailSlots::TakenAt).take();
        manager.create_index(by_age).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(MailSlots::Table).take()).await
    }
}
