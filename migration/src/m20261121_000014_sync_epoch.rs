//! The epoch of all change numbers: one row with a random value. A new value makes all sync tokens invalid.

use sea_orm_migration::{
    prelude::*,
    schema::{small_integer, uuid},
    sea_orm::DbBackend,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum SyncEpoch {
    Table,
    Id,
    Epoch,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let epoch = Table::create()
            .table(SyncEpoch::Table)
            .col(small_integer(SyncEpoch::Id).primary_key().check(Expr::col(SyncEpoch::Id).eq(1)))
            .col(uuid(SyncEpoch::Epoch))
            .take();
        manager.create_table(epoch).await?;
        let random = match manager.get_database_backend() {
            DbBackend::Sqlite => "randomblob(16)",
            _ => "gen_random_uuid()",
        };
        let insert = format!("INSERT INTO sync_epoch (id, epoch) VALUES (1, {random})");
        manager.get_connection().execute_unprepared(&insert).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(SyncEpoch::Table).take()).await
    }
}
