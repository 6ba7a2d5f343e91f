//! The changes of an address book.

use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber,
        changes::{Change, ChangeQueries, Changes, RETAINED_DELETIONS_PER_CONTACT, SyncEpoch},
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement};
use uuid::Uuid;

use super::{
    row::{ContactRow, OwnedValues},
    selection::{as_signed, count},
};
use crate::{
    error::{Failure, bounded},
    store::SqlStore,
};

/// The counter of an owner with the changes after a number. Without changes it is one row whose `number` is null. The
/// columns of deleted contacts are null.
const CHANGES: &str = "\
    SELECT users.contact_changes, users.changes_floor, sync_epoch.epoch, changed.number, changed.contact_id, \
        contacts.card, contacts.search_version, contacts.photo_key, contacts.created_at, contacts.updated_at \
    FROM users INNER JOIN sync_epoch ON sync_epoch.id = 1 \
    LEFT JOIN (\
        SELECT number, contact_id FROM (\
            SELECT contacts.change AS number, contacts.id AS contact_id FROM contacts \
            WHERE contacts.owner_id = $1 AND contacts.change > $2 ORDER BY contacts.change LIMIT $3\
        ) AS own \
        UNION ALL \
        SELECT number, contact_id FROM (\
            SELECT purged_contacts.change AS number, purged_contacts.contact_id FROM purged_contacts \
            WHERE purged_contacts.owner_id = $1 AND purged_contacts.change > $2 \
            AND purged_contacts.contact_id IS NOT NULL \
            ORDER BY purged_contacts.change LIMIT $3\
        ) AS purged \
        ORDER BY number LIMIT $3\
    ) AS changed ON TRUE \
    LEFT JOIN contacts \
        ON contacts.id = changed.contact_id AND contacts.owner_id = $1 AND contacts.deleted_at IS NULL \
    WHERE users.id = $1 ORDER BY changed.number";

/// The next users with records of purged contacts, their own limits of contacts, and the numbers of their records. It stops
/// after the last of them, so that no statement reads the whole table.
const DELETIONS: &str = "\
    SELECT counted.owner_id, users.contact_limit, counted.records FROM \
    (SELECT owner_id, count(*) AS records FROM purged_contacts WHERE owner_id > $1 \
    GROUP BY owner_id ORDER BY owner_id LIMIT $2) AS counted \
    INNER JOIN users ON users.id = counted.owner_id ORDER BY counted.owner_id";
/// Users in one answer of [`DELETIONS`].
const USERS_OF_A_PAGE: i64 = 500;

/// Returns the statement of [`ChangeQueries::changes_after`].
pub(super) fn changes(owner: UserId, after: ChangeNumber, limit: u64, backend: DbBackend) -> Statement {
    Statement::from_sql_and_values(backend, CHANGES, [owner.0.into(), after.0.into(), as_signed(limit).into()])
}

#[async_trait]
impl ChangeQueries for SqlStore {
    async fn changes_after(
        &self,
        owner: UserId,
        after: ChangeNumber,
        limit: u64,
    ) -> Result<Option<Changes>, StoreError> {
        let statement = changes(owner, after, limit, self.pool().get_database_backend());
        let rows = bounded(self.pool().query_all_raw(statement)).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (newest, floor, epoch) = counter(first).map_err(Failure::Database)?;
        let items: Result<Vec<Option<Change>>, StoreError> = rows.iter().map(|row| change(owner, row)).collect();
        Ok(Some(Changes {
            epoch: SyncEpoch(epoch),
            newest: ChangeNumber(newest),
            floor: ChangeNumber(floor),
            items: items?.into_iter().flatten().collect(),
        }))
    }

    async fn users_with_many_deletions(
        &self,
        contact_limit: u64,
        limit: u64,
    ) -> Result<Vec<(UserId, u64)>, StoreError> {
        let (mut found, mut after) = (Vec::new(), Uuid::nil());
        loop {
            let values = [after.into(), USERS_OF_A_PAGE.into()];
            let page = Statement::from_sql_and_values(self.pool().get_database_backend(), DELETIONS, values);
            let rows = bounded(self.pool().query_all_raw(page)).await?;
            if rows.is_empty() {
                return Ok(found);
            }
            for row in &rows {
                let (user, own_limit, records) = user_with_records(row).map_err(Failure::Database)?;
                let contacts = own_limit.map_or(Ok(contact_limit), |own_limit| count(Some(own_limit)))?;
                let retained = contacts.saturating_mul(RETAINED_DELETIONS_PER_CONTACT);
                if count(Some(records))? > retained {
                    found.push((UserId(user), retained));
                }
                if found.len() as u64 >= limit {
                    return Ok(found);
                }
                after = user;
            }
        }
    }
}

fn counter(row: &QueryResult) -> Result<(i64, i64, Uuid), DbErr> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
}

fn user_with_records(row: &QueryResult) -> Result<(Uuid, Option<i64>, i64), DbErr> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
}

/// Returns the change in a row, or `None` in the row without one.
fn change(owner: UserId, row: &QueryResult) -> Result<Option<Change>, StoreError> {
    let Some((number, id, found)) = values(row).map_err(Failure::Database)? else { return Ok(None) };
    let contact = found.map(|values| ContactRow::of(owner, values).try_into()).transpose()?;
    Ok(Some(Change { number: ChangeNumber(number), id: ContactId(id), contact }))
}

/// A row with a change: the number, the contact, and its values unless it is deleted.
type ChangedValues = (i64, Uuid, Option<OwnedValues>);

fn values(row: &QueryResult) -> Result<Option<ChangedValues>, DbErr> {
    let Some(number) = row.try_get_by_index::<Option<i64>>(3)? else { return Ok(None) };
    let id = row.try_get_by_index(4)?;
    let Some(card) = row.try_get_by_index(5)? else { return Ok(Some((number, id, None))) };
    let (search_version, photo) = (row.try_get_by_index(6)?, row.try_get_by_index(7)?);
    let (created_at, updated_at) = (row.try_get_by_index(8)?, row.try_get_by_index(9)?);
    Ok(Some((number, id, Some((id, card, search_version, photo, number, created_at, updated_at)))))
}
