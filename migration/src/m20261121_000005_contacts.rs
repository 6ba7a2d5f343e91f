//! Contacts: their cards, and their search and sort columns. A contact with a `deleted_at` is in the trash.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, blob, boolean, small_integer, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
    },
    sea_orm::DbBackend,
};

use crate::columns::{text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden, Clone, Copy)]
enum Contacts {
    Table,
    Id,
    OwnerId,
    Card,
    Favorite,
    PhotoKey,
    CardName,
    Change,
    CreatedAt,
    UpdatedAt,
    DeletedAt,
    ChangeBeforeDeletion,
    FirstNameFolded,
    LastNameFolded,
    EmailsFolded,
    PhoneDigits,
    TagsFolded,
    SearchText,
    FirstNameSort,
    LastNameSort,
    BirthdaySort,
    SearchVersion,
}

/// Index of the usual order. On SQLite it also contains [`SEARCHED`]. On PostgreSQL it cannot: an entry of an index has at
/// most 2,704 bytes there.
const BY_LAST_NAME: &str = "contacts_owner_id_last_name_idx";
/// Columns that a search by `q` reads. With them in the index, it reads only those contacts from the table that it finds,
/// and counts without the table.
const SEARCHED: [Contacts; 3] = [Contacts::SearchText, Contacts::PhoneDigits, Contacts::DeletedAt];

/// Indexes of the contact list, one for each sort order. Each begins with the owner: the first page is read in order,
/// without the contacts of other users.
const SORT_ORDERS: [(&str, &[Contacts]); 5] = [
    (BY_LAST_NAME, &[Contacts::LastNameSort, Contacts::FirstNameSort]),
    ("contacts_owner_id_first_name_idx", &[Contacts::FirstNameSort]),
    ("contacts_owner_id_created_at_idx", &[Contacts::CreatedAt]),
    ("contacts_owner_id_updated_at_idx", &[Contacts::UpdatedAt]),
    ("contacts_owner_id_birthday_idx", &[Contacts::BirthdaySort]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(contacts(manager)).await?;
        for mut index in indexes(manager.get_database_backend()) {
            manager.create_index(index.table(Contacts::Table).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Contacts::Table).take()).await
    }
}

fn contacts(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let mut owner = ForeignKey::create();
    owner
        .name("contacts_owner_id_fkey")
        .from(Contacts::Table, Contacts::OwnerId)
        .to(Users::Table, Users::Id)
        .on_delete(ForeignKeyAction::Cascade);
    // Responses contain the text between the braces without parsing it.
    let is_object = match manager.get_database_backend() {
        // The other JSON functions of SQLite also accept JSON5.
        DbBackend::Sqlite => Expr::cust("json_valid(card) AND card LIKE '{%}'"),
        _ => Expr::cust("json_typeof(card::json) = 'object' AND card LIKE '{%}'"),
    };
    let mut table = Table::create();
    table
        .table(Contacts::Table)
        .col(uuid(Contacts::Id).primary_key())
        .col(uuid(Contacts::OwnerId))
        // All details of the contact, as they are served: one JSON object.
        .col(text(manager, Contacts::Card).check(is_object))
        .col(boolean(Contacts::Favorite))
        .col(text_null(manager, Contacts::PhotoKey))
        // Name that a CardDAV client has given to the contact.
        .col(text_null(manager, Contacts::CardName))
        // Number of the last change, of those of the owner.
        .col(big_integer(Contacts::Change))
        .col(timestamp_with_time_zone(Contacts::CreatedAt))
        .col(timestamp_with_time_zone(Contacts::UpdatedAt))
        .col(timestamp_with_time_zone_null(Contacts::DeletedAt))
        // For preconditions of a restore. `change` is then the number of the deletion.
        .col(big_integer_null(Contacts::ChangeBeforeDeletion))
        .foreign_key(&mut owner);
    add_search_columns(manager, &mut table);
    table
}

/// Adds the search and sort columns. Their values are computed before they are written, since the collations of the two
/// databases differ.
fn add_search_columns(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) {
    table
        .col(text_null(manager, Contacts::FirstNameFolded))
        .col(text_null(manager, Contacts::LastNameFolded))
        .col(text_null(manager, Contacts::EmailsFolded))
        .col(text_null(manager, Contacts::PhoneDigits))
        .col(text_null(manager, Contacts::TagsFolded))
        .col(text(manager, Contacts::SearchText))
        .col(blob(Contacts::FirstNameSort))
        .col(blob(Contacts::LastNameSort))
        .col(small_integer(Contacts::BirthdaySort))
        // Version of the forms of the card and of these columns.
        .col(small_integer(Contacts::SearchVersion).default(1));
}

fn indexes(backend: DbBackend) -> Vec<IndexCreateStatement> {
    let is_listed = Expr::col(Contacts::DeletedAt).is_null();
    let is_trashed = Expr::col(Contacts::DeletedAt).is_not_null();
    // Without the trash: a page of the contact list reads no other rows.
    let lists = SORT_ORDERS.map(|(name, keys)| {
        let mut index = of_owner(name, keys).and_where(is_listed.clone()).take();
        if name == BY_LAST_NAME && backend == DbBackend::Sqlite {
            for column in SEARCHED {
                index.col(column);
            }
        }
        index
    });
    // All contacts of an owner. It also serves the foreign key, which partial indexes cannot do. Unique, so that other
    // tables can reference a contact with its owner.
    let all = of_owner("contacts_owner_id_id_key", &[]).unique().take();
    let trash =
        of_owner("contacts_owner_id_deleted_at_idx", &[Contacts::DeletedAt]).and_where(is_trashed.clone()).take();
    // In the order of the changes, with the trash.
    let changes = Index::create()
        .unique()
        .name("contacts_owner_id_change_key")
        .col(Contacts::OwnerId)
        .col(Contacts::Change)
        .take();
    // Contacts without a given name, which are most, need no entry.
    let is_named = Expr::col(Contacts::CardName).is_not_null();
    let names = Index::create()
        .unique()
        .name("contacts_owner_id_card_name_key")
        .col(Contacts::OwnerId)
        .col(Contacts::CardName)
        .and_where(is_named)
        .and_where(is_listed.clone())
        .take();
    // For the purge of expired contacts of all users.
    let expired = Index::create().name("contacts_deleted_at_idx").col(Contacts::DeletedAt).and_where(is_trashed).take();
    // Rows of earlier versions only: after their recomputation it is empty, and slows no write down. A new version of
    // the folding rules needs a new index.
    let outdated = Index::create()
        .name("contacts_search_version_idx")
        .col(Contacts::Id)
        .and_where(Expr::cust("search_version < 1"))
        .take();
    lists.into_iter().chain([all, trash, changes, names, expired, outdated]).collect()
}

fn of_owner(name: &str, keys: &[Contacts]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).col(Contacts::OwnerId);
    for key in keys {
        index.col(*key);
    }
    index.col(Contacts::Id).take()
}
