//! The tags of an owner's contacts, extracted from the cards.

use domain::{contact::Filter, ids::UserId};
use sea_orm::{
    ColumnTrait as _, DbBackend, ExprTrait as _, QueryFilter as _, QuerySelect, Select,
    sea_query::{Expr, Func, extension::postgres::PgExpr as _},
};

use super::list::matching;
use crate::entities::contacts::{Column, Entity};

/// Selects each spelling of a tag with the number of contacts that use it.
pub(super) fn spellings(owner: UserId, backend: DbBackend) -> Select<Entity> {
    let elements = match backend {
        DbBackend::Sqlite => Func::cust("json_each").arg(card()).arg("$.tags"),
        _ => Func::cust("json_array_elements_text").arg(card().cast_as("json").get_json_field("tags")),
    };
    // Both functions return a column named `value`.
    let tag = Expr::col(("tags", "value"));
    let mut query = matching(owner, &Filter::default(), backend)
        .filter(Column::TagsFolded.is_not_null())
        .select_only()
        .expr(tag.clone())
        .expr(Expr::col((Entity, Column::Id)).count());
    QuerySelect::query(&mut query).from_function(elements, "tags").add_group_by([tag]);
    query
}

fn card() -> Expr {
    Expr::col((Entity, Column::Card))
}
