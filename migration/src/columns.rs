//! Columns that mean the same on both databases.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::DbBackend,
    sea_query::{ColumnDef, IntoIden},
};

/// Text, required, compared by its bytes. On PostgreSQL that takes the C collation: the server's own
/// may change with its C library, and then a unique index over it no longer finds what it holds.
pub(crate) fn text(manager: &SchemaManager<'_>, name: impl IntoIden) -> ColumnDef {
    text_null(manager, name).not_null().take()
}

/// As [`text`], and may be absent.
pub(crate) fn text_null(manager: &SchemaManager<'_>, name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.text();
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra(r#"COLLATE "C""#);
    }
    column
}
