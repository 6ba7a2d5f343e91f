//! The trash: contacts that can be restored for a limited time.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden, Clone, Copy)]
enum Contacts {
    Table,
    Id,
    OwnerId,
    PhotoKey,
    CreatedAt,
    UpdatedAt,
    FirstNameSort,
    LastNameSort,
    BirthdaySort,
    DeletedAt,
}

#[derive(DeriveIden)]
enum StrayPictures {
    Table,
    Key,
    Attempts,
    DueAt,
}

/// Indexes of the contact list, one for each sort order.
const ORDERS: [(&str, &[Contacts]); 5] = [
    ("contacts_owner_id_last_name_idx", &[Contacts::LastNameSort, Contacts::FirstNameSort]),
    ("contacts_owner_id_first_name_idx", &[Contacts::FirstNameSort]),
    ("contacts_owner_id_created_at_idx", &[Contacts::CreatedAt]),
    ("contacts_owner_id_updated_at_idx", &[Contacts::UpdatedAt]),
    ("contacts_owner_id_birthday_idx", &[Contacts::BirthdaySort]),
];
/// Index of all contacts of an owner. It also serves the foreign key, which partial indexes cannot do.
const BY_OWNER: &str = "contacts_owner_id_idx";
/// Index for the list of the trash.
const TRASH: &str = "contacts_owner_id_deleted_at_idx";
/// Index for the purge of expired contacts of all users.
const BY_AGE: &str = "contacts_deleted_at_idx";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = timestamp_with_time_zone_null(Contacts::DeletedAt);
        manager.alter_table(Table::alter().table(Contacts::Table).add_column(column).take()).await?;
        drop_orders(manager).await?;
        for (name, keys) in ORDERS {
            // Without the trash: a page of the contact list reads no other rows.
            let not_trashed = order(name, keys).and_where(Expr::col(Contacts::DeletedAt).is_null()).take();
            manager.create_index(not_trashed).await?;
        }
        manager.create_index(order(BY_OWNER, &[])).await?;
        let deleted = Expr::col(Contacts::DeletedAt).is_not_null();
        manager.create_index(order(TRASH, &[Contacts::DeletedAt]).and_where(deleted.clone()).take()).await?;
        let mut by_age = Index::create();
        by_age.name(BY_AGE).table(Contacts::Table).col(Contacts::DeletedAt);
        manager.create_index(by_age.and_where(deleted).take()).await
    }

    /// Deletes the contacts in the trash: the previous version has no trash.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut photos = Query::select();
        photos
            .column(Contacts::PhotoKey)
            .expr(Expr::val(0))
            .expr(Expr::current_timestamp())
            .from(Contacts::Table)
            .and_where(Expr::col(Contacts::DeletedAt).is_not_null())
            .and_where(Expr::col(Contacts::PhotoKey).is_not_null());
        let mut notes = Query::insert();
        notes
            .into_table(StrayPictures::Table)
            .columns([StrayPictures::Key, StrayPictures::Attempts, StrayPictures::DueAt])
            .select_from(photos)
            .map_err(|error| DbErr::Custom(error.to_string()))?;
        manager.execute(notes).await?;
        let mut deleted = Query::delete();
        deleted.from_table(Contacts::Table).and_where(Expr::col(Contacts::DeletedAt).is_not_null());
        manager.execute(deleted).await?;
        for name in [BY_OWNER, TRASH, BY_AGE] {
            manager.drop_index(Index::drop().name(name).table(Contacts::Table).to_owned()).await?;
        }
        drop_orders(manager).await?;
        for (name, keys) in ORDERS {
            manager.create_index(order(name, keys)).await?;
        }
        manager.alter_table(Table::alter().table(Contacts::Table).drop_column(Contacts::DeletedAt).take()).await
    }
}

async fn drop_orders(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for (name, _) in ORDERS {
        manager.drop_index(Index::drop().name(name).table(Contacts::Table).to_owned()).await?;
    }
    Ok(())
}

fn order(name: &str, keys: &[Contacts]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(Contacts::Table).col(Contacts::OwnerId);
    for key in keys {
        index.col(*key);
    }
    index.col(Contacts::Id).take()
}
