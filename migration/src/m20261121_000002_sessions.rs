//! Sessions and the generations of their refresh tokens.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, blob_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

use crate::columns::text_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
    UserId,
    CreatedAt,
    LastUsedAt,
    Ip,
    UserAgent,
}

#[derive(DeriveIden)]
enum RefreshTokens {
    Table,
    Digest,
    SessionId,
    UsedAt,
    SealedSuccessor,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner
            .name("sessions_user_id_fkey")
            .from(Sessions::Table, Sessions::UserId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let sessions = Table::create()
            .table(Sessions::Table)
            .col(uuid(Sessions::Id).primary_key())
            .col(uuid(Sessions::UserId))
            .col(timestamp_with_time_zone(Sessions::CreatedAt))
            .col(timestamp_with_time_zone(Sessions::LastUsedAt))
            .col(text_null(manager, Sessions::Ip))
            .col(text_null(manager, Sessions::UserAgent))
            .foreign_key(&mut owner)
            .take();
        manager.create_table(sessions).await?;
        // The two times stay without an index: only the rare sweep asks for them, and every refresh
        // would have to keep it up to date.
        let by_user = Index::create().name("sessions_user_id_idx").table(Sessions::Table).col(Sessions::UserId).take();
        manager.create_index(by_user).await?;
        create_refresh_tokens(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(RefreshTokens::Table).take()).await?;
        manager.drop_table(Table::drop().table(Sessions::Table).take()).await
    }
}

async fn create_refresh_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut session = ForeignKey::create();
    session
        .name("refresh_tokens_session_id_fkey")
        .from(RefreshTokens::Table, RefreshTokens::SessionId)
        .to(Sessions::Table, Sessions::Id)
        .on_delete(ForeignKeyAction::Cascade);
    let refresh_tokens = Table::create()
        .table(RefreshTokens::Table)
        .col(blob(RefreshTokens::Digest).primary_key())
        .col(uuid(RefreshTokens::SessionId))
        .col(timestamp_with_time_zone_null(RefreshTokens::UsedAt))
        .col(blob_null(RefreshTokens::SealedSuccessor))
        .foreign_key(&mut session)
        .take();
    manager.create_table(refresh_tokens).await?;
    let by_session = Index::create()
        .name("refresh_tokens_session_id_idx")
        .table(RefreshTokens::Table)
        .col(RefreshTokens::SessionId)
        .take();
    manager.create_index(by_session).await
}
