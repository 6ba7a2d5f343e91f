//! Rows of contacts with their received cards.

use domain::{
    contact::{
        ChangeNumber, Contact,
        card_resource::{CardContent, CardName, CardResource},
        received::{CardUid, ReceivedCard},
    },
    error::StoreError,
    ids::UserId,
};
use sea_orm::{
    ConnectionTrait as _, DbBackend, DbErr, QueryResult,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    received_cards::stored_text,
    row::{ContactRow, OwnedValues},
    row_text,
};
use crate::{
    error::{Failure, bounded, corrupt},
    store::SqlStore,
};

/// The rows of the subquery as JSON.
const ROWS_AS_JSON: &str = "json_group_array(json_array(\
    hex(id), card, search_version, photo_key, change, created_at, updated_at, card_name, \
    uid, received_change, version, text))";

/// Values of a contact, its given name, and the UID, the change, the version and the text of its received card.
type Values = (OwnedValues, Option<String>, Option<(String, i64, String, String)>);

/// Returns the contacts that a query of [`contact_resources`](super::card_names::contact_resources) selects. On SQLite they
/// cross the driver as one row with JSON, because every row costs a change of threads there.
pub(super) async fn all(
    store: &SqlStore,
    owner: UserId,
    query: SelectStatement,
) -> Result<Vec<CardResource>, StoreError> {
    let rows = match store.pool().get_database_backend() {
        DbBackend::Sqlite => {
            let row = bounded(store.pool().query_one(&as_one_row(query))).await?.ok_or_else(|| corrupt("cards"))?;
            let json: String = row.try_get_by_index(0).map_err(Failure::Database)?;
            parsed(&json).ok_or_else(|| corrupt("card"))?
        }
        _ => {
            let rows = bounded(store.pool().query_all(&query)).await?;
            rows.iter().map(values).collect::<Result<_, DbErr>>().map_err(Failure::Database)?
        }
    };
    rows.into_iter().map(|values| resource(owner, values)).collect()
}

/// Reads one row of such a query.
pub(super) fn one(owner: UserId, row: &QueryResult) -> Result<CardResource, StoreError> {
    resource(owner, values(row).map_err(Failure::Database)?)
}

/// Turns a query into a statement that returns its rows as one row with JSON.
pub(super) fn as_one_row(rows: SelectStatement) -> SelectStatement {
    Query::select().expr(Expr::cust(ROWS_AS_JSON)).from_subquery(rows, "cards").take()
}

fn values(row: &QueryResult) -> Result<Values, DbErr> {
    let contact = row.try_get_many_by_index::<OwnedValues>()?;
    let card = match row.try_get_by_index::<Option<String>>(8)? {
        Some(uid) => Some((uid, row.try_get_by_index(9)?, row.try_get_by_index(10)?, row.try_get_by_index(11)?)),
        None => None,
    };
    Ok((contact, row.try_get_by_index(7)?, card))
}

/// A row of [`ROWS_AS_JSON`].
type JsonRow = (
    String,
    String,
    i16,
    Option<String>,
    i64,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
);

/// Reads the rows in the JSON that [`as_one_row`] selects.
fn parsed(json: &str) -> Option<Vec<Values>> {
    let rows: Vec<JsonRow> = serde_json::from_str(json).ok()?;
    let rows = rows.into_iter().map(
        |(id, card, form, photo, change, created_at, updated_at, name, uid, received_change, version, text)| {
            let times = (row_text::time(&created_at)?, row_text::time(&updated_at)?);
            let contact = (Uuid::try_parse(&id).ok()?, card, form, photo, change, times.0, times.1);
            let received = match uid {
                Some(uid) => Some((uid, received_change?, version?, text?)),
                None => None,
            };
            Some((contact, name, received))
        },
    );
    rows.collect()
}

fn resource(owner: UserId, (values, name, received): Values) -> Result<CardResource, StoreError> {
    let contact: Contact = ContactRow::of(owner, values).try_into()?;
    let received = received.map(|(uid, change, version, text)| {
        Ok::<_, StoreError>(ReceivedCard {
            contact: contact.id,
            uid: CardUid::from_stored(uid),
            change: ChangeNumber(change),
            text: stored_text(&version, text)?,
        })
    });
    let received = received.transpose()?;
    let name = name.map_or_else(|| CardName::of_contact(contact.id), CardName::from_stored);
    Ok(CardResource { name, content: CardContent::Contact(Box::new((contact, received))) })
}
