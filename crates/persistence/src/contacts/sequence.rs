//! Several queries in one statement. Each is ordered and limited by itself, so it reads no more than its page from its index.

use domain::{contact::ContactQuery, ids::UserId};
use sea_orm::{
    DbBackend, Order, QueryTrait as _,
    sea_query::{Expr, Query, SelectStatement, SubQueryStatement, UnionType},
};

use super::{
    list,
    row::{COLUMNS, listed_columns},
    row_text::as_one_row,
    selection::as_signed,
    stored_keys::STORED_KEYS,
};

/// Number of the query that found a contact.
const QUERY: &str = "query";
/// Position of a contact among those of its query.
const POSITION: &str = "position";

/// Selects the contacts of several queries, those of the first one first. For PostgreSQL.
pub(super) fn contacts(owner: UserId, queries: &[ContactQuery], limit: u64, backend: DbBackend) -> SelectStatement {
    let mut pages = queries.iter().zip(0_i32..).map(|(query, number)| {
        let page = listed_columns(list::page(owner, query, backend), backend).into_query();
        let mut numbered = Query::select();
        numbered.expr_as(Expr::value(number), QUERY).expr_as(Expr::cust("row_number() OVER ()"), POSITION);
        numbered.columns(COLUMNS).column(STORED_KEYS).from_subquery(page, "page").take()
    });
    let mut all = pages.next().unwrap_or_default();
    for page in pages {
        all.union(UnionType::All, page);
    }
    let mut contacts = Query::select();
    contacts.columns(COLUMNS).column(STORED_KEYS).from_subquery(all, "pages").limit(as_signed(limit));
    contacts.order_by(QUERY, Order::Asc).order_by(POSITION, Order::Asc).take()
}

/// Selects the contacts of several queries as one row, with the text of each query in a column. For SQLite, where numbers of
/// rows and another sort would cost as much as the queries.
pub(super) fn texts(owner: UserId, queries: &[ContactQuery]) -> SelectStatement {
    let mut texts = Query::select();
    for query in queries {
        let page = listed_columns(list::page(owner, query, DbBackend::Sqlite), DbBackend::Sqlite).into_query();
        texts.expr(Expr::from(SubQueryStatement::from(as_one_row(page))));
    }
    texts
}
