//! Idempotency keys of the last day, with their results.

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
enum IdempotencyKeys {
    Table,
    OwnerId,
    KeyHash,
    Fingerprint,
    ContactIds,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner
            .name("idempotency_keys_owner_id_fkey")
            .from(IdempotencyKeys::Table, IdempotencyKeys::OwnerId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let mut by_key = Index::create();
        by_key.col(IdempotencyKeys::OwnerId).col(IdempotencyKeys::KeyHash);
        let keys = Table::create()
            .table(IdempotencyKeys::Table)
            .col(uuid(IdempotencyKeys::OwnerId))
            .col(blob(IdempotencyKeys::KeyHash))
            .col(blob(IdempotencyKeys::Fingerprint))
            // 16 bytes each. No foreign keys: a contact that was deleted later is distinguished from one that never
            // existed.
            .col(blob(IdempotencyKeys::ContactIds))
            .col(timestamp_with_time_zone(IdempotencyKeys::CreatedAt))
            .primary_key(&mut by_key)
            .foreign_key(&mut owner)
            .take();
        manager.create_table(keys).await?;
        let by_age = Index::create()
            .name("idempotency_keys_created_at_idx")
            .table(IdempotencyKeys::Table)
            .col(IdempotencyKeys::CreatedAt)
            .take();
        manager.create_index(by_age).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(IdempotencyKeys::Table).take()).await
    }
}
