//! Texts of contacts that a CardDAV client has overwritten without having seen them.

use sea_orm_migration::{prelude::*, schema::uuid};

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum ContactCards {
    Table,
    OwnerId,
    ContactId,
}

#[derive(DeriveIden)]
enum FormerTexts {
    Table,
    OwnerId,
    ContactId,
    Version,
    Text,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut card = ForeignKey::create();
        card.name("former_texts_owner_id_contact_id_fkey")
            .from(FormerTexts::Table, (FormerTexts::OwnerId, FormerTexts::ContactId))
            .to(ContactCards::Table, (ContactCards::OwnerId, ContactCards::ContactId))
            .on_delete(ForeignKeyAction::Cascade);
        let texts = Table::create()
            .table(FormerTexts::Table)
            .col(uuid(FormerTexts::OwnerId))
            .col(uuid(FormerTexts::ContactId))
            .col(text(manager, FormerTexts::Version))
            .col(text(manager, FormerTexts::Text))
            .primary_key(Index::create().col(FormerTexts::OwnerId).col(FormerTexts::ContactId))
            .foreign_key(&mut card)
            .take();
        manager.create_table(texts).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(FormerTexts::Table).take()).await
    }
}
