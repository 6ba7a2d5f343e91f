//! Index of users by pending e-mail, for requests of another confirmation link.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const NAME: &str = "users_pending_email_idx";

#[derive(DeriveIden)]
enum Users {
    Table,
    PendingEmail,
    PendingEmailAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pending = Index::create()
            .name(NAME)
            .table(Users::Table)
            .col(Users::PendingEmail)
            .col(Users::PendingEmailAt)
            .and_where(Expr::col(Users::PendingEmail).is_not_null())
            .take();
        manager.create_index(pending).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(NAME).table(Users::Table).to_owned()).await
    }
}
