//! Page of contacts with its total, in one statement.

use domain::{
    contact::{Contact, ContactQuery, Filter, PageStart},
    error::StoreError,
    ids::UserId,
};
use sea_orm::{
    ConnectionTrait as _, DbBackend, DbErr, ExprTrait as _, QueryResult, QuerySelect as _, QueryTrait as _,
    sea_query::{CommonTableExpression, Expr, JoinType, Query, SelectStatement},
};

use super::{
    fetch, list,
    row::{COLUMNS, ContactRow, OwnedValues, owned_columns},
    selection::{as_signed, count},
};
use crate::{
    entities::{
        contacts::{Column, Entity},
        users,
    },
    error::{Failure, bounded},
    store::SqlStore,
};

/// The matching contacts: their ids and sort keys only, so that many of them need little memory.
const MATCHING: &str = "matching";
/// The ids of the page.
const PAGE: &str = "page";

/// Returns the contacts of a page and the number of matching contacts. `None` for an empty page, which has no row for the
/// number.
pub(super) async fn read(
    store: &SqlStore,
    owner: UserId,
    query: &ContactQuery,
) -> Result<Option<(Vec<Contact>, u64)>, StoreError> {
    let backend = store.pool().get_database_backend();
    let statement = statement(owner, query, backend);
    let (rows, total) = match backend {
        DbBackend::Sqlite => {
            let row = bounded(store.pool().query_one(&statement)).await?;
            let text = row.as_ref().map(|row| row.try_get_by_index::<Option<String>>(0)).transpose();
            let text = text.map_err(Failure::Database)?.flatten().unwrap_or_default();
            let total = row.map(|row| row.try_get_by_index::<i64>(1)).transpose().map_err(Failure::Database)?;
            (fetch::rows_in(&text)?, total)
        }
        _ => {
            let rows = bounded(store.pool().query_all(&statement)).await?;
            let total = rows.first().map(|row| row.try_get_by_index::<i64>(COLUMNS.len())).transpose();
            let values = rows.iter().map(QueryResult::try_get_many_by_index::<OwnedValues>);
            let rows = values.collect::<Result<Vec<_>, DbErr>>().map_err(Failure::Database)?;
            (rows, total.map_err(Failure::Database)?)
        }
    };
    if rows.is_empty() {
        return Ok(None);
    }
    let contacts = rows.into_iter().map(|values| ContactRow::of(owner, values).try_into());
    Ok(Some((contacts.collect::<Result<_, StoreError>>()?, count(total)?)))
}

/// Returns the statement. The total of all contacts is stored, and the total of birthdays is read from an index. Each
/// other filter reads all contacts of the owner, once for page and total together.
pub(super) fn statement(owner: UserId, query: &ContactQuery, backend: DbBackend) -> SelectStatement {
    if query.filter.reads_each_contact() {
        return searched(owner, query, backend);
    }
    let total = if query.filter == Filter::default() {
        let mut stored = Query::select();
        stored.column((users::Entity, users::Column::ContactCount)).from(users::Entity);
        stored.and_where(Expr::col((users::Entity, users::Column::Id)).eq(owner.0)).to_owned()
    } else {
        let matching = list::matching(owner, &query.filter, backend);
        matching.select_only().expr_as(Expr::col(Column::Id).count(), "total").into_query()
    };
    let page = owned_columns(list::page(owner, query, backend)).into_query();
    with_total(page, total, backend)
}

/// Returns the statement of a search: finds the matching contacts, and takes page and total from them.
fn searched(owner: UserId, query: &ContactQuery, backend: DbBackend) -> SelectStatement {
    let sorted: Vec<Column> = query.sort.keys().iter().map(|(key, _)| list::column(*key)).collect();
    let mut matching = list::matching(owner, &query.filter, backend).select_only().column(Column::Id);
    for column in &sorted {
        matching = matching.column(*column);
    }
    let matching = CommonTableExpression::new().table_name(MATCHING).query(matching.into_query()).to_owned();

    let mut page = Query::select();
    page.column(Column::Id).columns(sorted).from(MATCHING).limit(as_signed(query.limit));
    match &query.start {
        PageStart::Skip(0) => {}
        PageStart::Skip(skip) => {
            page.offset(as_signed(*skip));
        }
        PageStart::After(cursor) => {
            page.cond_where(list::after(cursor, &query.sort));
        }
    }
    list::order(&mut page, &query.sort, Expr::col);

    let is_on_page = Expr::col((Entity, Column::OwnerId))
        .eq(owner.0)
        .and(Expr::col((Entity, Column::Id)).equals((PAGE, Column::Id)));
    let mut rows = Query::select();
    rows.columns(COLUMNS.map(|column| (Entity, column))).from_subquery(page, PAGE);
    rows.join(JoinType::InnerJoin, Entity, is_on_page);
    list::order(&mut rows, &query.sort, |column| Expr::col((PAGE, column)));
    let total = Query::select().expr(Expr::col(Column::Id).count()).from(MATCHING).to_owned();
    with_total(rows, total, backend).with_cte(matching).to_owned()
}

/// Adds the total to the rows of a page: to the only row of SQLite, else to each row.
fn with_total(rows: SelectStatement, total: SelectStatement, backend: DbBackend) -> SelectStatement {
    let mut rows = match backend {
        DbBackend::Sqlite => fetch::as_one_row(rows),
        _ => rows,
    };
    rows.expr(Expr::SubQuery(None, Box::new(total.into()))).to_owned()
}
