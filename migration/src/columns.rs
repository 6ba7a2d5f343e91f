//! Column types with the same meaning on both databases.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::DbBackend,
    sea_query::{ColumnDef, IntoIden},
};

/// Required text, compared by its bytes. PostgreSQL needs the C collation for that: its default collation may change
/// with the C library, which corrupts unique indexes.
pub(crate) fn text(manager: &SchemaManager<'_>, name: impl IntoIden) -> ColumnDef {
    text_null(manager, name).not_null().take()
}

/// Like [`text`], but nullable.
pub(crate) fn text_null(manager: &SchemaManager<'_>, name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.text();
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra(r#"COLLATE "C""#);
    }
    column
}
