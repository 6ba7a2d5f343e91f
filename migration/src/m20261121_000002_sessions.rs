//! Sessions, each with the digests of its current and its previous refresh token.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, blob_null, boolean, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

use crate::{announcements, columns::text_null};

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
    TokenDigest,
    PreviousDigest,
    PreviousUsedAt,
    SealedToken,
    Ended,
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
            .col(blob(Sessions::TokenDigest))
            .col(blob_null(Sessions::PreviousDigest))
            .col(timestamp_with_time_zone_null(Sessions::PreviousUsedAt))
            .col(blob_null(Sessions::SealedToken))
            .col(boolean(Sessions::Ended))
            .foreign_key(&mut owner)
            .take();
        manager.create_table(sessions).await?;
        announcements::announce_sessions(manager).await?;
        // The two timestamps have no index, so each purge reads all sessions. Every refresh would have to update the index,
        // and there are many more refreshes than purges.
        let by_user = Index::create().name("sessions_user_id_idx").table(Sessions::Table).col(Sessions::UserId).take();
        manager.create_index(by_user).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Sessions::Table).take()).await
    }
}
