//! One-time tokens, by the digest of the mailed token.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum OneTimeTokens {
    Table,
    Digest,
    Purpose,
    UserId,
    Address,
    ExpiresAt,
    UsedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner
            .name("one_time_tokens_user_id_fkey")
            .from(OneTimeTokens::Table, OneTimeTokens::UserId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let tokens = Table::create()
            .table(OneTimeTokens::Table)
            .col(blob(OneTimeTokens::Digest).primary_key())
            .col(text(manager, OneTimeTokens::Purpose))
            .col(uuid(OneTimeTokens::UserId))
            .col(text(manager, OneTimeTokens::Address))
            .col(timestamp_with_time_zone(OneTimeTokens::ExpiresAt))
            .col(timestamp_with_time_zone_null(OneTimeTokens::UsedAt))
            .foreign_key(&mut owner)
            .take();
        manager.create_table(tokens).await?;
        let by_user = Index::create()
            .name("one_time_tokens_user_id_purpose_idx")
            .table(OneTimeTokens::Table)
            .col(OneTimeTokens::UserId)
            .col(OneTimeTokens::Purpose)
            .take();
        manager.create_index(by_user).await?;
        let by_end = Index::create()
            .name("one_time_tokens_expires_at_idx")
            .table(OneTimeTokens::Table)
            .col(OneTimeTokens::ExpiresAt)
            .take();
        manager.create_index(by_end).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(OneTimeTokens::Table).take()).await
    }
}
