//! Permanently deleted contacts and removed names of cards, for clients that follow an address book and have not read the deletion yet.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, uuid, uuid_null},
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
enum PurgedContacts {
    Table,
    OwnerId,
    Change,
    ContactId,
    CardName,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner
            .name("purged_contacts_owner_id_fkey")
            .from(PurgedContacts::Table, PurgedContacts::OwnerId)
            .to(Users::Table, Users::Id)
            .on_delete(ForeignKeyAction::Cascade);
        let contacts = Table::create()
            .table(PurgedContacts::Table)
            .col(uuid(PurgedContacts::OwnerId))
            // Number of the deletion.
            .col(big_integer(PurgedContacts::Change))
            // Null for a removed name, whose contact has another name.
            .col(uuid_null(PurgedContacts::ContactId))
            // Name that a CardDAV client has given to the contact.
            .col(text_null(manager, PurgedContacts::CardName))
            .primary_key(Index::create().col(PurgedContacts::OwnerId).col(PurgedContacts::Change))
            .foreign_key(&mut owner)
            .take();
        manager.create_table(contacts).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(PurgedContacts::Table).take()).await
    }
}
