//! Groups of contacts, as CardDAV clients sent them. They are no contacts: only CardDAV serves them.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, uuid},
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
enum GroupCards {
    Table,
    OwnerId,
    Name,
    Uid,
    Change,
    Version,
    Text,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner
            .name("group_cards_owner_id_fkey")
            .from(GroupCards::Table, GroupCards::OwnerId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let cards = Table::create()
            .table(GroupCards::Table)
            .col(uuid(GroupCards::OwnerId))
            .col(text(manager, GroupCards::Name))
            .col(text(manager, GroupCards::Uid))
            // Number of the last change, of those of the owner.
            .col(big_integer(GroupCards::Change))
            .col(text(manager, GroupCards::Version))
            .col(text(manager, GroupCards::Text))
            .primary_key(Index::create().col(GroupCards::OwnerId).col(GroupCards::Name))
            .foreign_key(&mut owner)
            .take();
        manager.create_table(cards).await?;
        let by_change = of_owner("group_cards_owner_id_change_key", GroupCards::Change).unique().take();
        manager.create_index(by_change).await?;
        manager.create_index(of_owner("group_cards_owner_id_uid_idx", GroupCards::Uid)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(GroupCards::Table).take()).await
    }
}

fn of_owner(name: &str, column: GroupCards) -> IndexCreateStatement {
    Index::create().name(name).table(GroupCards::Table).col(GroupCards::OwnerId).col(column).take()
}
