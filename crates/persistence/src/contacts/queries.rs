//! Reads of contacts.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use domain::{
    contact::{Contact, ContactPage, ContactQueries, ContactQuery, MonthDay, Tag, TagCount},
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _, Select};

use super::{
    columns, joined, list,
    row::ContactRow,
    selection::{contacts_of, count, counted, own},
    tags,
};
use crate::{
    entities::contacts::{Column, Entity},
    error::bounded,
    store::SqlStore,
};

#[async_trait]
impl ContactQueries for SqlStore {
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let row = bounded(own(owner, id).into_partial_model::<ContactRow>().one(self.pool())).await?;
        row.map(Contact::try_from).transpose()
    }

    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<ContactPage, StoreError> {
        let backend = self.pool().get_database_backend();
        let items = joined::all(self, owner, list::page(owner, query, backend)).await?;
        let length = u64::try_from(items.len()).unwrap_or(u64::MAX);
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
        joined::all(self, owner, born_in(owner, ranges)).await
    }

    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError> {
        let query = tags::spellings(owner, self.pool().get_database_backend());
        let rows = bounded(query.into_tuple::<(String, i64)>().all(self.pool())).await?;
        let spelling = |(tag, contacts)| Ok(TagCount { tag: Tag::from_stored(tag), count: count(Some(contacts))? });
        rows.into_iter().map(spelling).collect()
    }
}

/// Selects the contacts of an owner with a birthday in one of the ranges.
pub(super) fn born_in(owner: UserId, ranges: &[RangeInclusive<MonthDay>]) -> Select<Entity> {
    let days = ranges.iter().fold(Condition::any(), |days, range| {
        let [first, last] = [range.start(), range.end()].map(|day| columns::small(day.ordinal()));
        days.add(Column::BirthdaySort.between(first, last))
    });
    contacts_of(owner).filter(days)
}
