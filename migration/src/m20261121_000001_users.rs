//! Users.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

use crate::{
    announcements,
    columns::{text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
    Username,
    Email,
    EmailVerified,
    PendingEmail,
    PendingEmailAt,
    EmailLockedUntil,
    PasswordHash,
    AvatarKey,
    Locale,
    Timezone,
    NotifyNewDevice,
    ContactCount,
    ContactChanges,
    ChangesFloor,
    ContactLimit,
    Disabled,
    WarnedAt,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = Table::create()
            .table(Users::Table)
            .col(uuid(Users::Id).primary_key())
            .col(text(manager, Users::Username))
            .col(text(manager, Users::Email))
            .col(boolean(Users::EmailVerified))
            .col(text_null(manager, Users::PendingEmail))
            .col(timestamp_with_time_zone_null(Users::PendingEmailAt))
            // Time until which no change of the e-mail can be confirmed, because a new password is being set.
            .col(timestamp_with_time_zone_null(Users::EmailLockedUntil))
            .col(text(manager, Users::PasswordHash))
            .col(text_null(manager, Users::AvatarKey))
            .col(text(manager, Users::Locale))
            .col(text(manager, Users::Timezone))
            .col(boolean(Users::NotifyNewDevice).default(true))
            // Number of contacts outside the trash. Its change locks the row, and decides if the limit is reached.
            .col(big_integer(Users::ContactCount).default(0))
            // Number of changes of contacts: the greatest number that was taken for one. Raised in the same statement.
            .col(big_integer(Users::ContactChanges).default(0))
            // Greatest number of a deletion that is no longer recorded.
            .col(big_integer(Users::ChangesFloor).default(0))
            // Maximum number of contacts that the operator has set for this user.
            .col(big_integer_null(Users::ContactLimit))
            // True when the operator has disabled the account.
            .col(boolean(Users::Disabled).default(false))
            // Timestamp of the last warning about wrong passwords.
            .col(timestamp_with_time_zone_null(Users::WarnedAt))
            .col(timestamp_with_time_zone(Users::CreatedAt))
            .take();
        manager.create_table(users).await?;
        announcements::create_function(manager).await?;
        announcements::announce_users(manager).await?;

        // E-mails are stored in canonical form, so a plain unique index ensures one account for each.
        let by_email = Index::create().unique().name("users_email_key").table(Users::Table).col(Users::Email).take();
        manager.create_index(by_email).await?;
        // For requests of another confirmation link.
        let by_pending_email = Index::create()
            .name("users_pending_email_idx")
            .table(Users::Table)
            .col(Users::PendingEmail)
            .col(Users::PendingEmailAt)
            .and_where(Expr::col(Users::PendingEmail).is_not_null())
            .take();
        manager.create_index(by_pending_email).await?;
        // For the removal of accounts that were never verified.
        let unverified = Index::create()
            .name("users_unverified_idx")
            .table(Users::Table)
            .col(Users::CreatedAt)
            .and_where(Expr::cust("NOT email_verified"))
            .take();
        manager.create_index(unverified).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Users::Table).take()).await?;
        announcements::drop_function(manager).await
    }
}
