//! The changes of the names of cards.

use domain::{
    contact::{
        ChangeNumber,
        card_resource::{CardChange, CardName, CardTarget},
        changes::{Changes, SyncEpoch},
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement};
use uuid::Uuid;

use super::selection::as_signed;
use crate::{
    error::{Failure, bounded, corrupt},
    store::SqlStore,
};

/// The changes after a number. `target` is `contact`, `group` or `removed`.
const CHANGED: &str = "\
    SELECT number, target, contact_id, card_name FROM (\
        SELECT contacts.change AS number, \
            CASE WHEN contacts.deleted_at IS NULL THEN 'contact' ELSE 'removed' END AS target, \
            contacts.id AS contact_id, contacts.card_name FROM contacts \
        WHERE contacts.owner_id = $1 AND contacts.change > $2 ORDER BY contacts.change LIMIT $3\
    ) AS own \
    UNION ALL \
    SELECT number, target, contact_id, card_name FROM (\
        SELECT purged_contacts.change AS number, 'removed' AS target, \
            purged_contacts.contact_id, purged_contacts.card_name FROM purged_contacts \
        WHERE purged_contacts.owner_id = $1 AND purged_contacts.change > $2 \
        ORDER BY purged_contacts.change LIMIT $3\
    ) AS removed \
    UNION ALL \
    SELECT number, target, contact_id, card_name FROM (\
        SELECT group_cards.change AS number, 'group' AS target, \
            CAST(NULL AS uuid) AS contact_id, group_cards.name AS card_name FROM group_cards \
        WHERE group_cards.owner_id = $1 AND group_cards.change > $2 \
        ORDER BY group_cards.change LIMIT $3\
    ) AS own_groups \
    ORDER BY number LIMIT $3";

/// Returns the statement of [`CardResourceQueries::card_changes_after`](domain::contact::card_resource::CardResourceQueries).
///
/// It has the counter of the owner and the changes. On SQLite they are one row with JSON, because every row costs a change
/// of threads there. On PostgreSQL each change is a row; without changes it is one row whose `number` is null.
pub(super) fn changes(owner: UserId, after: ChangeNumber, limit: u64, backend: DbBackend) -> Statement {
    let counter = "SELECT users.contact_changes, users.changes_floor, sync_epoch.epoch";
    let users = "FROM users INNER JOIN sync_epoch ON sync_epoch.id = 1";
    let sql = match backend {
        DbBackend::Sqlite => format!(
            "{counter}, (SELECT json_group_array(json_array(number, target, hex(contact_id), card_name)) \
             FROM ({CHANGED})) {users} WHERE users.id = $1"
        ),
        _ => format!(
            "{counter}, changed.number, changed.target, changed.contact_id, changed.card_name {users} \
             LEFT JOIN ({CHANGED}) AS changed ON TRUE WHERE users.id = $1 ORDER BY changed.number"
        ),
    };
    Statement::from_sql_and_values(backend, sql, [owner.0.into(), after.0.into(), as_signed(limit).into()])
}

/// Reads the changes.
pub(super) async fn read(
    store: &SqlStore,
    owner: UserId,
    after: ChangeNumber,
    limit: u64,
) -> Result<Option<Changes<CardChange>>, StoreError> {
    let statement = changes(owner, after, limit, store.pool().get_database_backend());
    let rows = bounded(store.pool().query_all_raw(statement)).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (newest, floor, epoch) = first.try_get_many_by_index::<(i64, i64, Uuid)>().map_err(Failure::Database)?;
    let items: Vec<Values> = match store.pool().get_database_backend() {
        DbBackend::Sqlite => {
            let json: String = first.try_get_by_index(3).map_err(Failure::Database)?;
            parsed(&json).ok_or_else(|| corrupt("change of a card"))?
        }
        _ => {
            let values = rows.iter().map(values).collect::<Result<Vec<_>, DbErr>>().map_err(Failure::Database)?;
            values.into_iter().flatten().collect()
        }
    };
    Ok(Some(Changes {
        epoch: SyncEpoch(epoch),
        newest: ChangeNumber(newest),
        floor: ChangeNumber(floor),
        items: items.into_iter().map(change).collect::<Result<_, StoreError>>()?,
    }))
}

fn change((number, target, contact, name): Values) -> Result<CardChange, StoreError> {
    let contact = contact.map(ContactId);
    let name = name.map(CardName::from_stored).or_else(|| contact.map(CardName::of_contact));
    let target = match (target.as_str(), contact) {
        ("contact", Some(contact)) => Some(CardTarget::Contact(contact)),
        ("group", _) => Some(CardTarget::Group),
        _ => None,
    };
    let name = name.ok_or_else(|| corrupt("name of a card"))?;
    Ok(CardChange { name, number: ChangeNumber(number), target })
}

/// Values of a change: the number, the target, the contact and the given name.
type Values = (i64, String, Option<Uuid>, Option<String>);

/// Reads a row; `None` for the row without a change.
fn values(row: &QueryResult) -> Result<Option<Values>, DbErr> {
    let Some(number) = row.try_get_by_index::<Option<i64>>(3)? else { return Ok(None) };
    Ok(Some((number, row.try_get_by_index(4)?, row.try_get_by_index(5)?, row.try_get_by_index(6)?)))
}

/// Reads the changes in the JSON that SQLite returns.
fn parsed(json: &str) -> Option<Vec<Values>> {
    let changes: Vec<(i64, String, String, Option<String>)> = serde_json::from_str(json).ok()?;
    let changes = changes.into_iter().map(|(number, target, contact, name)| {
        let contact = (!contact.is_empty()).then(|| Uuid::try_parse(&contact)).transpose().ok()?;
        Some((number, target, contact, name))
    });
    changes.collect()
}
