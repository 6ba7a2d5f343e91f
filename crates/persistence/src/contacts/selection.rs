//! Selections of contacts that several statements share.

use domain::{
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter, QuerySelect as _, Select, sea_query::Expr,
};

use crate::{
    entities::contacts::{Column, Entity},
    error::backend,
};

/// Excludes contacts in the trash.
pub(super) fn not_trashed<Q: QueryFilter>(query: Q) -> Q {
    query.filter(Column::DeletedAt.is_null())
}

/// The contacts of an owner, without the trash.
pub(super) fn contacts_of(owner: UserId) -> Select<Entity> {
    not_trashed(Entity::find()).filter(Column::OwnerId.eq(owner.0))
}

pub(super) fn own(owner: UserId, id: ContactId) -> Select<Entity> {
    contacts_of(owner).filter(Column::Id.eq(id.0))
}

/// Clamps to the largest number of both databases; the driver panics on larger ones.
pub(super) fn as_signed(number: u64) -> u64 {
    std::cmp::min(number, i64::MAX.unsigned_abs())
}

/// Turns a query into a statement that counts its rows.
pub(super) fn counted(query: Select<Entity>) -> sea_orm::Selector<sea_orm::SelectGetableTuple<i64>> {
    query.select_only().expr_as(Expr::col(Column::Id).count(), "total").into_tuple::<i64>()
}

/// Returns the number of items.
pub(super) fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

pub(super) fn count(number: Option<i64>) -> Result<u64, StoreError> {
    u64::try_from(number.unwrap_or_default()).map_err(|_| backend("a count is negative"))
}
