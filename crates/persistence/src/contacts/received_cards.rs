//! Received cards of contacts.

use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber,
        received::{CardUid, CardVersion, ReceivedCard, ReceivedCardQueries, ReceivedCardRepository, ReceivedText},
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Set,
    sea_query::{OnConflict, Query},
};
use uuid::Uuid;

use super::{
    chunks::{chunks, padded_ids},
    selection::as_signed,
};
use crate::{
    entities::{
        contact_cards::{ActiveModel, Column, Entity, Model},
        contacts,
    },
    error::{bounded, corrupt},
    store::SqlStore,
    unit::SqlUnit,
};

impl TryFrom<Model> for ReceivedCard {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let version = CardVersion::from_stored(&row.version).ok_or_else(|| corrupt("version of a received card"))?;
        Ok(Self {
            contact: ContactId(row.contact_id),
            uid: CardUid::from_stored(row.uid),
            change: ChangeNumber(row.change),
            text: ReceivedText::from_stored(version, row.text),
        })
    }
}

fn cards_of(owner: UserId) -> Select<Entity> {
    Entity::find().filter(Column::OwnerId.eq(owner.0))
}

/// Selects the cards of some contacts.
pub(super) fn among(owner: UserId, ids: &[ContactId]) -> Select<Entity> {
    cards_of(owner).filter(Column::ContactId.is_in(padded_ids(ids)))
}

/// Selects a page of cards.
pub(super) fn page(owner: UserId, after: Option<ContactId>, limit: u64) -> Select<Entity> {
    let behind = after.map(|after| Column::ContactId.gt(after.0));
    cards_of(owner).filter(Condition::all().add_option(behind)).order_by_asc(Column::ContactId).limit(as_signed(limit))
}

/// Selects the UIDs of contacts outside the trash.
pub(super) fn uids(owner: UserId) -> Select<Entity> {
    let trashed = Query::select()
        .column(contacts::Column::Id)
        .from(contacts::Entity)
        .and_where(contacts::Column::OwnerId.eq(owner.0))
        .and_where(contacts::Column::DeletedAt.is_not_null())
        .take();
    let listed = cards_of(owner).filter(Column::ContactId.not_in_subquery(trashed));
    listed.select_only().columns([Column::ContactId, Column::Uid])
}

#[async_trait]
impl ReceivedCardQueries for SqlStore {
    async fn received_cards(&self, owner: UserId, ids: &[ContactId]) -> Result<Vec<ReceivedCard>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = bounded(among(owner, ids).all(self.pool())).await?;
        rows.into_iter().map(ReceivedCard::try_from).collect()
    }

    async fn received_cards_after(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<ReceivedCard>, StoreError> {
        let rows = bounded(page(owner, after, limit).all(self.pool())).await?;
        rows.into_iter().map(ReceivedCard::try_from).collect()
    }

    async fn uids_of(&self, owner: UserId) -> Result<Vec<(ContactId, CardUid)>, StoreError> {
        let rows = bounded(uids(owner).into_tuple::<(Uuid, String)>().all(self.pool())).await?;
        Ok(rows.into_iter().map(|(id, uid)| (ContactId(id), CardUid::from_stored(uid))).collect())
    }
}

#[async_trait]
impl ReceivedCardRepository for SqlUnit {
    async fn put_received_cards(&mut self, owner: UserId, cards: &[ReceivedCard]) -> Result<(), StoreError> {
        let replace = OnConflict::columns([Column::OwnerId, Column::ContactId])
            .update_columns([Column::Uid, Column::Change, Column::Version, Column::Text])
            .to_owned();
        for cards in chunks(cards) {
            let rows = cards.iter().map(|card| ActiveModel {
                owner_id: Set(owner.0),
                contact_id: Set(card.contact.0),
                uid: Set(card.uid.as_str().to_owned()),
                change: Set(card.change.0),
                version: Set(card.text.version().as_str().to_owned()),
                text: Set(card.text.as_str().to_owned()),
            });
            let insert = Entity::insert_many(rows).on_conflict(replace.clone());
            self.run(insert.exec_without_returning(self.transaction())).await?;
        }
        Ok(())
    }
}
