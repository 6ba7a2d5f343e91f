//! Fetches the rows of a list of contacts. On SQLite a list crosses the driver as one row with one text.

use domain::{
    contact::{Contact, ContactQuery},
    error::StoreError,
    ids::UserId,
};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, sea_query::SelectStatement};

use super::{
    row::{COLUMNS, ListedValues, listed},
    row_text::{as_one_row, rows_in},
    sequence,
};
use crate::{
    error::{Failure, bounded},
    store::SqlStore,
};

/// Returns the contacts of an owner, in the order of the query. It selects [`listed_columns`](super::row::listed_columns).
pub(super) async fn all(store: &SqlStore, owner: UserId, query: SelectStatement) -> Result<Vec<Contact>, StoreError> {
    let rows = match store.pool().get_database_backend() {
        DbBackend::Sqlite => texts(store, as_one_row(query), 1).await?,
        _ => {
            let rows = bounded(store.pool().query_all(&query)).await?;
            rows.iter().map(values).collect::<Result<_, DbErr>>().map_err(Failure::Database)?
        }
    };
    rows.into_iter().map(|values| listed(owner, values)).collect()
}

fn values(row: &QueryResult) -> Result<ListedValues, DbErr> {
    Ok((row.try_get_many_by_index()?, row.try_get_by_index(COLUMNS.len())?))
}

/// Returns the contacts of several queries of an owner, those of the first one first.
pub(super) async fn in_sequence(
    store: &SqlStore,
    owner: UserId,
    queries: &[ContactQuery],
    limit: u64,
) -> Result<Vec<Contact>, StoreError> {
    let backend = store.pool().get_database_backend();
    if backend != DbBackend::Sqlite {
        return all(store, owner, sequence::contacts(owner, queries, limit, backend)).await;
    }
    let mut rows = texts(store, sequence::texts(owner, queries), queries.len()).await?;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows.into_iter().map(|values| listed(owner, values)).collect()
}

/// Returns the rows in the texts of a statement with one row and this number of columns.
async fn texts(store: &SqlStore, query: SelectStatement, columns: usize) -> Result<Vec<ListedValues>, StoreError> {
    let Some(row) = bounded(store.pool().query_one(&query)).await? else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for column in 0..columns {
        let text: Option<String> = row.try_get_by_index(column).map_err(Failure::Database)?;
        rows.extend(rows_in(text.as_deref().unwrap_or_default())?);
    }
    Ok(rows)
}
