//! Creation of a contact without a unit of work.
//!
//! The columns of the contact are computed before its owner is locked. On PostgreSQL one statement raises the count of the
//! owner and inserts the contact. SQLite has no such statement. There the contacts of several requests share a commit.

use async_trait::async_trait;
use domain::{
    contact::{ChangeNumber, Contact, ContactCreation, Creation},
    error::StoreError,
    ids::UserId,
};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, Iterable as _,
    QueryFilter as _, QuerySelect as _,
    sea_query::{CommonTableExpression, Expr, InsertStatement, Query, UpdateStatement},
};

use super::{columns, count, shared_creations};
use crate::{
    entities::{
        contacts::{ActiveModel, Column, Entity},
        users,
    },
    error::{Failure, backend, bounded},
    store::SqlStore,
    waiting_creations::Draft,
};

/// Name of the query that takes the change number.
const TAKEN: &str = "taken";

#[async_trait]
impl ContactCreation for SqlStore {
    async fn create_contact(&self, contact: Contact, limit: u64) -> Result<Creation, StoreError> {
        let columns = columns::of_new(&contact)?;
        let take = count::taken_within(contact.owner, limit);
        let change = match self.writers() {
            Some(writers) => shared_creations::create(self, &writers.creations, Draft { take, columns }).await?,
            None => in_one_statement(self, take, columns).await?,
        };
        match change {
            Some(change) => Ok(Creation::Created(Contact { change: ChangeNumber(change), ..contact })),
            None => rejection(self, contact.owner, limit).await,
        }
    }
}

async fn in_one_statement(
    store: &SqlStore,
    take: UpdateStatement,
    columns: ActiveModel,
) -> Result<Option<i64>, StoreError> {
    let insert = insert_of_taken(take, columns).map_err(|_| backend("the statement cannot be built"))?;
    let row = bounded(store.pool().query_one(&insert)).await?;
    let change = |row: sea_orm::QueryResult| row.try_get_by_index(0);
    Ok(row.map(change).transpose().map_err(Failure::Database)?)
}

/// Inserts the contact if a change number was taken, and returns the number.
fn insert_of_taken(
    take: UpdateStatement,
    mut columns: ActiveModel,
) -> Result<InsertStatement, sea_orm::sea_query::error::Error> {
    let (mut names, mut values) = (Vec::new(), Query::select());
    for column in Column::iter() {
        values.expr(match (column, columns.take(column)) {
            (Column::Change, _) => Expr::col((TAKEN, users::Column::ContactChanges)),
            (_, ActiveValue::Set(value) | ActiveValue::Unchanged(value)) => Expr::value(value),
            (_, ActiveValue::NotSet) => continue,
        });
        names.push(column);
    }
    let taken = CommonTableExpression::new().table_name(TAKEN).query(take).to_owned();
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(names).select_from(values.from(TAKEN).take())?;
    Ok(insert.returning_col(Column::Change).with_cte(taken).take())
}

/// Returns why no number was taken.
async fn rejection(store: &SqlStore, owner: UserId, limit: u64) -> Result<Creation, StoreError> {
    let own_limit = users::Entity::find()
        .select_only()
        .column(users::Column::ContactLimit)
        .filter(users::Column::Id.eq(owner.0))
        .into_tuple::<Option<i64>>();
    let own_limit: Option<Option<i64>> = bounded(own_limit.one(store.pool())).await?;
    Ok(match own_limit {
        None => Creation::OwnerNotFound,
        Some(own_limit) => {
            Creation::LimitReached(own_limit.map_or(limit, |limit| u64::try_from(limit).unwrap_or_default()))
        }
    })
}
