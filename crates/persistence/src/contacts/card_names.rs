//! Selections of contacts and groups by the names and UIDs of their cards.

use domain::{
    contact::{
        ChangeNumber,
        card_resource::{CardName, GroupCard},
        received::CardUid,
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{
    ColumnTrait as _, Condition, DbBackend, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryResult,
    Select, Statement,
    sea_query::{Expr, JoinType, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{
    chunks::{padded, padded_ids},
    received_cards::stored_text,
    row::COLUMNS,
};
use crate::{
    entities::{contact_cards, contacts, group_cards},
    error::{Failure, corrupt},
    unit::ROW_LOCK,
};

/// The card with a UID: that of a received card, the id of a contact without one, or that of a group.
const CARD_WITH_UID: &str = "\
    SELECT contacts.id, contacts.card_name FROM contact_cards \
    INNER JOIN contacts ON contacts.owner_id = $1 AND contacts.id = contact_cards.contact_id \
    WHERE contact_cards.owner_id = $1 AND contact_cards.uid = $2 AND contacts.deleted_at IS NULL \
    UNION ALL \
    SELECT contacts.id, contacts.card_name FROM contacts \
    WHERE contacts.owner_id = $1 AND contacts.id = $3 AND contacts.deleted_at IS NULL AND NOT EXISTS (\
        SELECT 1 FROM contact_cards WHERE contact_cards.owner_id = $1 AND contact_cards.contact_id = $3\
    ) \
    UNION ALL \
    SELECT CAST(NULL AS uuid), group_cards.name FROM group_cards \
    WHERE group_cards.owner_id = $1 AND group_cards.uid = $2 \
    LIMIT 1";

/// Returns the statement that finds the card with a UID. Its row is read by [`name_of`].
pub(super) fn card_with_uid(owner: UserId, uid: &CardUid, backend: DbBackend) -> Statement {
    // No contact has the nil id.
    let id = uid.contact().map_or(Uuid::nil(), |contact| contact.0);
    Statement::from_sql_and_values(backend, CARD_WITH_UID, [owner.0.into(), uid.as_str().into(), id.into()])
}

/// Contacts with these names, without the trash. The ids come from two searches, each in an index of its own: with one
/// condition for both, SQLite reads all contacts of the owner.
fn with_names(owner: UserId, names: &[CardName]) -> Condition {
    let listed = || {
        let mut select = Query::select();
        select.column(contacts::Column::Id).from(contacts::Entity);
        select.and_where(contacts::Column::OwnerId.eq(owner.0)).and_where(contacts::Column::DeletedAt.is_null()).take()
    };
    let given = padded(&names.iter().collect::<Vec<_>>()).into_iter().map(CardName::as_str);
    let mut named = listed().and_where(contacts::Column::CardName.is_in(given)).take();
    let ids: Vec<ContactId> = names.iter().filter_map(CardName::contact).collect();
    if !ids.is_empty() {
        let mut by_id = listed();
        by_id.and_where(contacts::Column::CardName.is_null()).and_where(contacts::Column::Id.is_in(padded_ids(&ids)));
        named.union(UnionType::All, by_id);
    }
    Condition::all()
        .add(contacts::Column::OwnerId.eq(owner.0))
        .add(contacts::Column::DeletedAt.is_null())
        .add(contacts::Column::Id.in_subquery(named))
}

/// Selects the ids and given names of the contacts with these names. Its rows are read by [`name_of`].
pub(super) fn contact_names(owner: UserId, names: &[CardName]) -> SelectStatement {
    Query::select()
        .columns([contacts::Column::Id, contacts::Column::CardName])
        .from(contacts::Entity)
        .cond_where(with_names(owner, names))
        .take()
}

/// Returns the name in a row with an id and a given name.
pub(super) fn name_of(row: &QueryResult) -> Result<CardName, StoreError> {
    let values = || Ok((row.try_get_by_index::<Option<Uuid>>(0)?, row.try_get_by_index::<Option<String>>(1)?));
    match values().map_err(|error: DbErr| Failure::Database(error))? {
        (_, Some(name)) => Ok(CardName::from_stored(name)),
        (Some(id), None) => Ok(CardName::of_contact(ContactId(id))),
        (None, None) => Err(corrupt("name of a card")),
    }
}

/// Selects contacts with these names and their received cards. Its rows are read by [`card_rows`](super::card_rows).
pub(super) fn contact_resources(owner: UserId, names: &[CardName]) -> SelectStatement {
    use contact_cards::Column as Card;

    let is_card = Expr::col((contact_cards::Entity, Card::OwnerId))
        .equals((contacts::Entity, contacts::Column::OwnerId))
        .and(Expr::col((contact_cards::Entity, Card::ContactId)).equals((contacts::Entity, contacts::Column::Id)));
    let mut select = Query::select();
    for column in COLUMNS.into_iter().chain([contacts::Column::CardName]) {
        select.column((contacts::Entity, column));
    }
    // The only column that both tables have gets another name.
    let change = Expr::col((contact_cards::Entity, Card::Change));
    select.column((contact_cards::Entity, Card::Uid)).expr_as(change, "received_change");
    select
        .columns([Card::Version, Card::Text].map(|column| (contact_cards::Entity, column)))
        .from(contacts::Entity)
        .join(JoinType::LeftJoin, contact_cards::Entity, is_card)
        .cond_where(with_names(owner, names))
        .take()
}

/// Selects the same, locked.
pub(super) fn locked_contact_resource(owner: UserId, name: &CardName) -> SelectStatement {
    let mut select = contact_resources(owner, std::slice::from_ref(name));
    // The received card has no lock of its own, and PostgreSQL locks no row that may be missing.
    select.lock_with_tables(ROW_LOCK, [contacts::Entity]).take()
}

/// Selects groups of an owner.
pub(super) fn groups_of(owner: UserId) -> Select<group_cards::Entity> {
    group_cards::Entity::find().filter(group_cards::Column::OwnerId.eq(owner.0))
}

/// Selects the groups with these names.
pub(super) fn groups_named(owner: UserId, names: &[&CardName]) -> Select<group_cards::Entity> {
    groups_of(owner).filter(group_cards::Column::Name.is_in(padded(names).into_iter().map(CardName::as_str)))
}

impl TryFrom<group_cards::Model> for GroupCard {
    type Error = StoreError;

    fn try_from(row: group_cards::Model) -> Result<Self, StoreError> {
        Ok(Self {
            name: CardName::from_stored(row.name),
            uid: CardUid::from_stored(row.uid),
            change: ChangeNumber(row.change),
            text: stored_text(&row.version, row.text)?,
        })
    }
}
