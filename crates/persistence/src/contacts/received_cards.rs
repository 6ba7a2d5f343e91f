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
    ActiveValue::NotSet,
    ColumnTrait as _, Condition, DerivePartialModel, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, Set,
    sea_query::{OnConflict, Query},
};
use uuid::Uuid;

use super::{
    chunks::{chunks, padded_ids},
    selection::as_signed,
};
use crate::{
    entities::{
        contact_cards::{ActiveModel, Column, Entity},
        contacts,
    },
    error::{bounded, corrupt},
    store::SqlStore,
    unit::SqlUnit,
};

/// Columns that a new card of a contact replaces.
const REPLACED: [Column; 4] = [Column::Uid, Column::Change, Column::Version, Column::Text];

/// Columns of a received card whose owner is known.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct ReceivedRow {
    contact_id: Uuid,
    uid: String,
    change: i64,
    version: String,
    text: String,
}

impl TryFrom<ReceivedRow> for ReceivedCard {
    type Error = StoreError;

    fn try_from(row: ReceivedRow) -> Result<Self, StoreError> {
        Ok(Self {
            contact: ContactId(row.contact_id),
            uid: CardUid::from_stored(row.uid),
            change: ChangeNumber(row.change),
            text: stored_text(&row.version, row.text)?,
        })
    }
}

/// Returns a stored text.
pub(super) fn stored_text(version: &str, text: String) -> Result<ReceivedText, StoreError> {
    let version = CardVersion::from_stored(version).ok_or_else(|| corrupt("version of a card"))?;
    Ok(ReceivedText::from_stored(version, text))
}

fn columns_of(owner: UserId, card: &ReceivedCard) -> ActiveModel {
    ActiveModel {
        owner_id: Set(owner.0),
        contact_id: Set(card.contact.0),
        uid: Set(card.uid.as_str().to_owned()),
        change: Set(card.change.0),
        version: Set(card.text.version().as_str().to_owned()),
        text: Set(card.text.as_str().to_owned()),
        former_version: NotSet,
        former_text: NotSet,
    }
}

/// Replaces these columns of an earlier card of the contact.
fn replace(columns: impl IntoIterator<Item = Column>) -> OnConflict {
    OnConflict::columns([Column::OwnerId, Column::ContactId]).update_columns(columns).to_owned()
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
        let rows = bounded(among(owner, ids).into_partial_model::<ReceivedRow>().all(self.pool())).await?;
        rows.into_iter().map(ReceivedCard::try_from).collect()
    }

    async fn received_cards_after(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<ReceivedCard>, StoreError> {
        let rows = bounded(page(owner, after, limit).into_partial_model::<ReceivedRow>().all(self.pool())).await?;
        rows.into_iter().map(ReceivedCard::try_from).collect()
    }

    async fn uids_of(&self, owner: UserId) -> Result<Vec<(ContactId, CardUid)>, StoreError> {
        let rows = bounded(uids(owner).into_tuple::<(Uuid, String)>().all(self.pool())).await?;
        Ok(rows.into_iter().map(|(id, uid)| (ContactId(id), CardUid::from_stored(uid))).collect())
    }

    async fn former_texts(
        &self,
        owner: UserId,
        ids: &[ContactId],
    ) -> Result<Vec<(ContactId, ReceivedText)>, StoreError> {
        let columns = [Column::ContactId, Column::FormerVersion, Column::FormerText];
        let found = among(owner, ids).filter(Column::FormerText.is_not_null()).select_only().columns(columns);
        let rows = bounded(found.into_tuple::<(Uuid, String, String)>().all(self.pool())).await?;
        let text = |(id, version, text): (Uuid, String, String)| Ok((ContactId(id), stored_text(&version, text)?));
        rows.into_iter().map(text).collect()
    }
}

#[async_trait]
impl ReceivedCardRepository for SqlUnit {
    async fn put_received_cards(&mut self, owner: UserId, cards: &[ReceivedCard]) -> Result<(), StoreError> {
        for cards in chunks(cards) {
            let insert =
                Entity::insert_many(cards.iter().map(|card| columns_of(owner, card))).on_conflict(replace(REPLACED));
            self.run(insert.exec_without_returning(self.transaction())).await?;
        }
        Ok(())
    }

    async fn overwrite_received_card(
        &mut self,
        owner: UserId,
        card: &ReceivedCard,
        former: &ReceivedText,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            former_version: Set(Some(former.version().as_str().to_owned())),
            former_text: Set(Some(former.as_str().to_owned())),
            ..columns_of(owner, card)
        };
        let replaced = REPLACED.into_iter().chain([Column::FormerVersion, Column::FormerText]);
        let insert = Entity::insert(row).on_conflict(replace(replaced));
        self.run(insert.exec_without_returning(self.transaction())).await?;
        Ok(())
    }
}
