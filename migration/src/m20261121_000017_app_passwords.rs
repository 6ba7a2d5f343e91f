//! App passwords, each with the digest of its secret.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

use crate::{announcements, columns::text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum AppPasswords {
    Table,
    UserId,
    Id,
    Name,
    Scopes,
    Digest,
    CreatedAt,
    ExpiresAt,
    LastUsedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner
            .name("app_passwords_user_id_fkey")
            .from(AppPasswords::Table, AppPasswords::UserId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let passwords = Table::create()
            .table(AppPasswords::Table)
            .col(uuid(AppPasswords::UserId))
            .col(uuid(AppPasswords::Id))
            .col(text(manager, AppPasswords::Name))
            // Names with a space between them.
            .col(text(manager, AppPasswords::Scopes))
            .col(blob(AppPasswords::Digest))
            .col(timestamp_with_time_zone(AppPasswords::CreatedAt))
            .col(timestamp_with_time_zone_null(AppPasswords::ExpiresAt))
            .col(timestamp_with_time_zone_null(AppPasswords::LastUsedAt))
            .primary_key(Index::create().col(AppPasswords::UserId).col(AppPasswords::Id))
            .foreign_key(&mut owner)
            .take();
        manager.create_table(passwords).await?;
        announcements::announce_app_passwords(manager).await?;
        // Without the owner: a request names none.
        let by_digest = Index::create()
            .name("app_passwords_digest_key")
            .table(AppPasswords::Table)
            .col(AppPasswords::Digest)
            .unique()
            .take();
        manager.create_index(by_digest).await?;
        // For the purge. Most app passwords never expire, and need no entry.
        let by_expiry = Index::create()
            .name("app_passwords_expires_at_idx")
            .table(AppPasswords::Table)
            .col(AppPasswords::ExpiresAt)
            .and_where(Expr::col(AppPasswords::ExpiresAt).is_not_null())
            .take();
        manager.create_index(by_expiry).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(AppPasswords::Table).take()).await
    }
}
