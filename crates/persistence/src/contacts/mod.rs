//! Contacts.

mod chunks;
mod columns;
mod document;
mod list;
#[cfg(test)]
mod query_plan_tests;
mod reindex;
mod row;
mod tags;
mod trash;

use std::ops::RangeInclusive;

use async_trait::async_trait;
use domain::{
    contact::{
        Contact, ContactPage, ContactQueries, ContactQuery, ContactRepository, ContactUsage, MonthDay, Tag, TagCount,
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, QueryFilter, QueryOrder as _, QuerySelect as _,
    Select,
    sea_query::{Expr, OnConflict},
};

use self::{
    chunks::{chunks, padded},
    row::ContactRow,
};
pub(crate) use self::{document::DetailsDocument, reindex::reindex};
use crate::{
    SqlStore,
    entities::{
        contacts::{Column, Entity},
        users,
    },
    error::{backend, bounded},
    unit::{ROW_LOCK, SqlUnit},
};

/// Excludes contacts in the trash.
fn not_trashed<Q: QueryFilter>(query: Q) -> Q {
    query.filter(Column::DeletedAt.is_null())
}

/// The contacts of an owner, without the trash.
fn contacts_of(owner: UserId) -> Select<Entity> {
    not_trashed(Entity::find()).filter(Column::OwnerId.eq(owner.0))
}

fn own(owner: UserId, id: ContactId) -> Select<Entity> {
    contacts_of(owner).filter(Column::Id.eq(id.0))
}

/// Clamps to the largest number of both databases; the driver panics on larger ones.
fn as_signed(number: u64) -> u64 {
    std::cmp::min(number, i64::MAX.unsigned_abs())
}

fn born_in(owner: UserId, ranges: &[RangeInclusive<MonthDay>]) -> Select<Entity> {
    let days = ranges.iter().fold(Condition::any(), |days, range| {
        let [first, last] = [range.start(), range.end()].map(|day| columns::small(day.ordinal()));
        days.add(Column::BirthdaySort.between(first, last))
    });
    contacts_of(owner).filter(days)
}

/// Turns a query into a statement that counts its rows.
fn counted(query: Select<Entity>) -> sea_orm::Selector<sea_orm::SelectGetableTuple<i64>> {
    query.select_only().expr_as(Expr::col(Column::Id).count(), "total").into_tuple::<i64>()
}

fn count(number: Option<i64>) -> Result<u64, StoreError> {
    u64::try_from(number.unwrap_or_default()).map_err(|_| backend("a count is negative"))
}

#[async_trait]
impl ContactQueries for SqlStore {
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let row = bounded(own(owner, id).into_partial_model::<ContactRow>().one(self.pool())).await?;
        row.map(Contact::try_from).transpose()
    }

    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<ContactPage, StoreError> {
        let backend = self.pool().get_database_backend();
        let page = list::page(owner, query, backend).into_partial_model::<ContactRow>();
        let rows = bounded(page.all(self.pool())).await?;
        let length = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let items = rows.into_iter().map(Contact::try_from).collect::<Result<Vec<_>, _>>()?;
        let total = match list::total_from_page(query, length) {
            Some(total) => total,
            None => {
                let matching = list::matching(owner, &query.filter, backend);
                count(bounded(counted(matching).one(self.pool())).await?)?
            }
        };
        Ok(ContactPage { items, total })
    }

    async fn contacts_with_birthday_in(
        &self,
        owner: UserId,
        ranges: &[RangeInclusive<MonthDay>],
    ) -> Result<Vec<Contact>, StoreError> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let query = born_in(owner, ranges).into_partial_model::<ContactRow>();
        let rows = bounded(query.all(self.pool())).await?;
        rows.into_iter().map(Contact::try_from).collect()
    }

    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError> {
        let query = tags::spellings(owner, self.pool().get_database_backend());
        let rows = bounded(query.into_tuple::<(String, i64)>().all(self.pool())).await?;
        let spelling = |(tag, contacts)| Ok(TagCount { tag: Tag::from_stored(tag), count: count(Some(contacts))? });
        rows.into_iter().map(spelling).collect()
    }
}

#[async_trait]
impl ContactRepository for SqlUnit {
    async fn count_contacts_locked(&mut self, owner: UserId) -> Result<Option<ContactUsage>, StoreError> {
        let user = users::Entity::find_by_id(owner.0).select_only().column(users::Column::Id).lock(ROW_LOCK);
        if self.run(user.into_tuple::<uuid::Uuid>().one(self.transaction())).await?.is_none() {
            return Ok(None);
        }
        let used = count(self.run(counted(contacts_of(owner)).one(self.transaction())).await?)?;
        Ok(Some(ContactUsage { used }))
    }

    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        for contacts in chunks(contacts) {
            let insert = Entity::insert_many(columns::of_all(contacts).await?);
            self.run(insert.exec_without_returning(self.transaction())).await?;
        }
        Ok(())
    }

    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let query = own(owner, id).lock(ROW_LOCK).into_partial_model::<ContactRow>();
        let row = self.run(query.one(self.transaction())).await?;
        row.map(Contact::try_from).transpose()
    }

    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let selected = contacts_of(owner).filter(Column::Id.is_in(padded(ids)));
        let query = selected.order_by_asc(Column::Id).lock(ROW_LOCK).into_partial_model::<ContactRow>();
        let rows = self.run(query.all(self.transaction())).await?;
        rows.into_iter().map(Contact::try_from).collect()
    }

    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        let update = not_trashed(Entity::update_many())
            .set(columns::changeable(contact))
            .filter(Column::OwnerId.eq(contact.owner.0))
            .filter(Column::Id.eq(contact.id.0));
        match self.run(update.exec(self.transaction())).await?.rows_affected {
            1 => Ok(()),
            _ => Err(backend("the contact to update does not exist")),
        }
    }

    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        // Each row gets different values. Both databases support one statement for that: an insert in which every row
        // conflicts and is updated.
        let on_conflict_update = OnConflict::column(Column::Id)
            .update_columns(columns::changeable_columns())
            .action_and_where(Expr::col((Entity, Column::OwnerId)).eq(Expr::col(("excluded", Column::OwnerId))))
            .action_and_where(Expr::col((Entity, Column::DeletedAt)).is_null())
            .to_owned();
        for contacts in chunks(contacts) {
            let upsert = Entity::insert_many(columns::of_all(contacts).await?).on_conflict(on_conflict_update.clone());
            let updated = self.run(upsert.exec_without_returning(self.transaction())).await?;
            if updated != u64::try_from(contacts.len()).unwrap_or(u64::MAX) {
                return Err(backend("a contact to update does not exist"));
            }
        }
        Ok(())
    }
}
