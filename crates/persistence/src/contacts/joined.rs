//! Lists of contacts. On SQLite a list crosses the driver as one row, because every row costs a change of threads there.

use domain::{contact::Contact, error::StoreError, ids::UserId};
use sea_orm::{
    ConnectionTrait as _, DbBackend, QuerySelect as _, QueryTrait as _, Select,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::row::ContactRow;
use crate::{
    entities::contacts::{Column, Entity},
    error::{Failure, bounded, corrupt},
    store::SqlStore,
};

/// Separates the values of a row, and the rows. JSON, keys and times contain no control characters.
const UNIT: char = '\u{1f}';
const RECORD: char = '\u{1e}';

/// The rows of the subquery, in its order.
const JOINED: &str = "group_concat(\
    hex(id) || char(31) || card || char(31) || search_version || char(31) || coalesce(photo_key, '') || char(31) || \
    version || char(31) || created_at || char(31) || updated_at, char(30))";

/// Returns the selected contacts of an owner, in the order of the query.
pub(super) async fn all(store: &SqlStore, owner: UserId, query: Select<Entity>) -> Result<Vec<Contact>, StoreError> {
    let rows = match store.pool().get_database_backend() {
        DbBackend::Sqlite => {
            let row = bounded(store.pool().query_one(&joined(query))).await?;
            let text: Option<String> = match row {
                Some(row) => row.try_get_by_index(0).map_err(Failure::Database)?,
                None => None,
            };
            split(owner, text.as_deref().unwrap_or_default())?
        }
        _ => bounded(query.into_partial_model::<ContactRow>().all(store.pool())).await?,
    };
    rows.into_iter().map(Contact::try_from).collect()
}

/// Turns a query into a statement that returns its rows as one text.
pub(super) fn joined(query: Select<Entity>) -> SelectStatement {
    let columns = [
        Column::Id,
        Column::Card,
        Column::SearchVersion,
        Column::PhotoKey,
        Column::Version,
        Column::CreatedAt,
        Column::UpdatedAt,
    ];
    let rows = query.select_only().columns(columns).into_query();
    Query::select().expr(Expr::cust(JOINED)).from_subquery(rows, "page").to_owned()
}

fn split(owner: UserId, text: &str) -> Result<Vec<ContactRow>, StoreError> {
    let rows = text.split_terminator(RECORD);
    rows.map(|row| parsed(owner, row).ok_or_else(|| corrupt("contact"))).collect()
}

fn parsed(owner: UserId, row: &str) -> Option<ContactRow> {
    let mut values = row.split(UNIT);
    let mut value = || values.next();
    Some(ContactRow {
        id: Uuid::try_parse(value()?).ok()?,
        owner_id: owner.0,
        card: value()?.to_owned(),
        search_version: value()?.parse().ok()?,
        photo_key: value().filter(|key| !key.is_empty()).map(str::to_owned),
        version: value()?.parse().ok()?,
        created_at: value()?.parse().ok()?,
        updated_at: value()?.parse().ok()?,
    })
}
