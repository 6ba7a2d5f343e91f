//! The tags of an owner's contacts, out of the documents that they are kept in.

use domain::{account::UserId, contact::Filter};
use sea_orm::{
    ColumnTrait as _, DbBackend, ExprTrait as _, QueryFilter as _, QuerySelect, Select,
    sea_query::{Expr, Func, extension::postgres::PgExpr as _},
};

use super::list::matching;
use crate::entities::contacts::{Column, Entity};

/// Each spelling of a tag with the number of contacts that write it so.
pub(super) fn spellings(owner: UserId, backend: DbBackend) -> Select<Entity> {
    let elements = match backend {
        DbBackend::Sqlite => Func::cust("json_each").arg(details()).arg("$.tags"),
        _ => Func::cust("jsonb_array_elements_text").arg(details().get_json_field("tags")),
    };
    // Both functions name the column of what they find `value`.
    let tag = Expr::col(("tags", "value"));
    let mut query = matching(owner, &Filter::default(), backend)
        .filter(Column::TagsFolded.is_not_null())
        .select_only()
        .expr(tag.clone())
        .expr(Expr::col((Entity, Column::Id)).count());
    QuerySelect::query(&mut query).from_function(elements, "tags").add_group_by([tag]);
    query
}

fn details() -> Expr {
    Expr::col((Entity, Column::Details))
}
