//! Row of a contact. Its card is passed on as it is stored.

use domain::{
    contact::{CardJson, ChangeNumber, Contact, UnreadableContact},
    error::StoreError,
    folding,
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};
use sea_orm::{DbBackend, DerivePartialModel, QuerySelect as _, Select, SelectGetableTuple, Selector};
use uuid::Uuid;

use super::stored_keys::{self, STORED_KEYS};
use crate::entities::contacts::{Column, Entity};

/// Columns of a contact whose owner is known.
pub(super) const COLUMNS: [Column; 7] = [
    Column::Id,
    Column::Card,
    Column::SearchVersion,
    Column::PhotoKey,
    Column::Change,
    Column::CreatedAt,
    Column::UpdatedAt,
];

/// Values of [`COLUMNS`].
pub(super) type OwnedValues = (Uuid, String, i16, Option<String>, i64, Timestamp, Timestamp);

/// Values of a contact of a list: those of [`COLUMNS`], and [`STORED_KEYS`].
pub(super) type ListedValues = (OwnedValues, Option<String>);

/// Selects the columns of contacts whose owner is known.
fn owned_columns(query: Select<Entity>) -> Select<Entity> {
    query.select_only().columns(COLUMNS)
}

/// Selects the columns of a list of contacts: [`COLUMNS`], and [`STORED_KEYS`].
pub(super) fn listed_columns(query: Select<Entity>, backend: DbBackend) -> Select<Entity> {
    owned_columns(query).expr_as(stored_keys::stored_keys(backend), STORED_KEYS)
}

/// Reads contacts whose owner is known by position: finding a column by its name costs more than decoding it.
pub(super) fn by_position(query: Select<Entity>) -> Selector<SelectGetableTuple<OwnedValues>> {
    owned_columns(query).into_tuple()
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub(super) struct ContactRow {
    pub(super) id: Uuid,
    pub(super) owner_id: Uuid,
    pub(super) card: String,
    pub(super) search_version: i16,
    pub(super) photo_key: Option<String>,
    pub(super) change: i64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl ContactRow {
    /// Returns the row of an owner's contact.
    pub(super) fn of(owner: UserId, values: OwnedValues) -> Self {
        let (id, card, search_version, photo_key, change, created_at, updated_at) = values;
        Self { id, owner_id: owner.0, card, search_version, photo_key, change, created_at, updated_at }
    }
}

/// Returns a contact of a list.
pub(super) fn listed(owner: UserId, (values, stored_keys): ListedValues) -> Result<Contact, StoreError> {
    let contact = Contact::try_from(ContactRow::of(owner, values))?;
    let stored_keys = stored_keys.as_deref().and_then(stored_keys::parsed).map(Box::new);
    Ok(Contact { stored_keys, ..contact })
}

impl TryFrom<ContactRow> for Contact {
    type Error = StoreError;

    fn try_from(row: ContactRow) -> Result<Self, StoreError> {
        let id = ContactId(row.id);
        let card = CardJson::from_stored(row.card).map_err(|_| UnreadableContact(id))?;
        Ok(Self {
            id,
            owner: UserId(row.owner_id),
            card: current_form(id, card, row.search_version),
            photo: row.photo_key.map(PictureKey::from_stored),
            change: ChangeNumber(row.change),
            created_at: row.created_at,
            updated_at: row.updated_at,
            stored_keys: None,
        })
    }
}

/// Returns the card in the form of this version. Only a card that an earlier version wrote is parsed. An unreadable one
/// is reported and returned as it is stored, so that the other contacts of a list are served.
fn current_form(id: ContactId, card: CardJson, version: i16) -> CardJson {
    if version >= folding::VERSION {
        return card;
    }
    card.rewritten().unwrap_or_else(|_| {
        report(UnreadableContact(id));
        card
    })
}

/// Reports a contact whose card is unreadable.
pub(super) fn report(error: UnreadableContact) {
    tracing::error!(contact_id = %error.0, "contact unreadable");
}
