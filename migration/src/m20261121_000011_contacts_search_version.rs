//! By which version of the rules the searched and sorted columns of a contact were computed.

use sea_orm_migration::{prelude::*, schema::small_integer};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const NAME: &str = "contacts_search_version_idx";

#[derive(DeriveIden)]
enum Contacts {
    Table,
    Id,
    SearchVersion,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = small_integer(Contacts::SearchVersion).default(1).take();
        manager.alter_table(Table::alter().table(Contacts::Table).add_column(column).take()).await?;
        // Of the rows of an earlier version only: it is empty, and costs no write, once they are computed anew. Whoever
        // raises the version makes it anew.
        let earlier = Index::create()
            .name(NAME)
            .table(Contacts::Table)
            .col(Contacts::Id)
            .and_where(Expr::cust("search_version < 2"))
            .take();
        manager.create_index(earlier).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(NAME).table(Contacts::Table).to_owned()).await?;
        let column = Table::alter().table(Contacts::Table).drop_column(Contacts::SearchVersion).take();
        manager.alter_table(column).await
    }
}
