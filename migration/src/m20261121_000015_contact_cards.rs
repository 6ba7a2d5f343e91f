//! Cards of contacts as other programs sent them: the text of a vCard and its UID.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, uuid},
};

use crate::columns::{text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Contacts {
    Table,
    Id,
    OwnerId,
}

#[derive(DeriveIden)]
enum ContactCards {
    Table,
    OwnerId,
    ContactId,
    Uid,
    Change,
    Version,
    Text,
    FormerVersion,
    FormerText,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // With the owner, so that a card belongs to the owner of its contact, and the primary key finds the cards of
        // deleted contacts.
        let mut contact = ForeignKey::create();
        contact
            .name("contact_cards_owner_id_contact_id_fkey")
            .from(ContactCards::Table, (ContactCards::OwnerId, ContactCards::ContactId))
            .to(Contacts::Table, (Contacts::OwnerId, Contacts::Id))
            .on_delete(ForeignKeyAction::Cascade);
        let cards = Table::create()
            .table(ContactCards::Table)
            .col(uuid(ContactCards::OwnerId))
            .col(uuid(ContactCards::ContactId))
            // Not unique: a contact in the trash has its UID, too.
            .col(text(manager, ContactCards::Uid))
            // Change of the contact after which the text had all of its values; 0 if it never had.
            .col(big_integer(ContactCards::Change))
            .col(text(manager, ContactCards::Version))
            .col(text(manager, ContactCards::Text))
            // Text that the contact had before a CardDAV client overwrote it without having seen it. At the end of the row,
            // so that SQLite reads no page of it for the other columns.
            .col(text_null(manager, ContactCards::FormerVersion))
            .col(text_null(manager, ContactCards::FormerText))
            .primary_key(Index::create().col(ContactCards::OwnerId).col(ContactCards::ContactId))
            .foreign_key(&mut contact)
            .take();
        manager.create_table(cards).await?;
        let by_uid = Index::create()
            .name("contact_cards_owner_id_uid_idx")
            .table(ContactCards::Table)
            .col(ContactCards::OwnerId)
            .col(ContactCards::Uid)
            .take();
        manager.create_index(by_uid).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ContactCards::Table).take()).await
    }
}
