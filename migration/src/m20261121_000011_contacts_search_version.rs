//! Version of the folding rules that computed the search and sort columns of a contact.

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
        // Indexes rows of earlier versions only: after their recomputation it is empty, and slows no write down. A new
        // version of the folding rules needs a new index.
        let outdated = Index::create()
            .name(NAME)
            .table(Contacts::Table)
            .col(Contacts::Id)
            .and_where(Expr::cust("search_version < 2"))
            .take();
        manager.create_index(outdated).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(NAME).table(Contacts::Table).to_owned()).await?;
        let column = Table::alter().table(Contacts::Table).drop_column(Contacts::SearchVersion).take();
        manager.alter_table(column).await
    }
}
