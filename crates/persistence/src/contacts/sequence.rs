//! Several queries in one statement.

use domain::{contact::ContactQuery, ids::UserId};
use sea_orm::{
    DbBackend, Order, QueryTrait as _,
    sea_query::{Expr, Query, SelectStatement, UnionType},
};

use super::{
    list,
    row::{COLUMNS, owned_columns},
    selection::as_signed,
};

/// Number of the query that found a contact.
const QUERY: &str = "query";
/// Position of a contact among those of its query.
const POSITION: &str = "position";

/// Selects the contacts of several queries, those of the first one first. Each query is ordered and limited by itself, so
/// it reads no more than its page from its index.
pub(super) fn contacts(owner: UserId, queries: &[ContactQuery], limit: u64, backend: DbBackend) -> SelectStatement {
    let mut pages = queries.iter().zip(0_i32..).map(|(query, number)| {
        let page = owned_columns(list::page(owner, query, backend)).into_query();
        let mut numbered = Query::select();
        numbered.expr_as(Expr::value(number), QUERY).expr_as(Expr::cust("row_number() OVER ()"), POSITION);
        numbered.columns(COLUMNS).from_subquery(page, "page").to_owned()
    });
    let mut all = pages.next().unwrap_or_default();
    for page in pages {
        all.union(UnionType::All, page);
    }
    let mut contacts = Query::select();
    contacts.columns(COLUMNS).from_subquery(all, "pages").limit(as_signed(limit));
    contacts.order_by(QUERY, Order::Asc).order_by(POSITION, Order::Asc).to_owned()
}
