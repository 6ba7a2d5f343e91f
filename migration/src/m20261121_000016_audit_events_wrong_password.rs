//! Indexes of wrong passwords by time and by user, to warn the users of accounts under password guessing.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const BY_TIME: &str = "audit_events_wrong_password_at_idx";
const BY_USER: &str = "audit_events_wrong_password_user_id_idx";

#[derive(DeriveIden)]
enum AuditEvents {
    Table,
    At,
    UserId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in
            [(BY_TIME, [AuditEvents::At, AuditEvents::UserId]), (BY_USER, [AuditEvents::UserId, AuditEvents::At])]
        {
            let mut index = Index::create();
            index.name(name).table(AuditEvents::Table);
            for column in columns {
                index.col(column);
            }
            index.and_where(Expr::cust("outcome = 'wrong-password' AND user_id IS NOT NULL"));
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [BY_TIME, BY_USER] {
            manager.drop_index(Index::drop().name(name).table(AuditEvents::Table).to_owned()).await?;
        }
        Ok(())
    }
}
