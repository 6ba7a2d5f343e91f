//! Reads of contacts.

use async_trait::async_trait;
use domain::{
    contact::{Contact, ContactQueries, ContactQuery, Cursor, Filter, Sort, Tag, TagCount},
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{ConnectionTrait as _, QueryTrait as _};

use super::{
    fetch, list,
    row::{ContactRow, by_position, listed_columns},
    selection::{count, counted, own},
    tags,
};
use crate::{error::bounded, store::SqlStore};

#[async_trait]
impl ContactQueries for SqlStore {
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let row = bounded(by_position(own(owner, id)).one(self.pool())).await?;
        row.map(|values| ContactRow::of(owner, values).try_into()).transpose()
    }

    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<Vec<Contact>, StoreError> {
        let backend = self.pool().get_database_backend();
        let page = listed_columns(list::page(owner, query, backend), backend);
        fetch::all(self, owner, page.into_query()).await
    }

    async fn list_in_sequence(
        &self,
        owner: UserId,
        queries: &[ContactQuery],
        limit: u64,
    ) -> Result<Vec<Contact>, StoreError> {
        match queries {
            [] => Ok(Vec::new()),
            [query] => {
                let query = ContactQuery { limit: query.limit.min(limit), ..query.clone() };
                self.list_contacts(owner, &query).await
            }
            queries => fetch::in_sequence(self, owner, queries, limit).await,
        }
    }

    async fn count_contacts(
        &self,
        owner: UserId,
        filter: &Filter,
        after: Option<(&Sort, &Cursor)>,
    ) -> Result<u64, StoreError> {
        let matching = list::matching_after(owner, filter, after, self.pool().get_database_backend());
        count(bounded(counted(matching).one(self.pool())).await?)
    }

    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError> {
        let query = tags::spellings(owner, self.pool().get_database_backend());
        let rows = bounded(query.into_tuple::<(String, i64)>().all(self.pool())).await?;
        let spelling = |(tag, contacts)| Ok(TagCount { tag: Tag::from_stored(tag), count: count(Some(contacts))? });
        rows.into_iter().map(spelling).collect()
    }
}
