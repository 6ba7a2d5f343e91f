//! The trash: contacts that can be restored until they are purged.

use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber, Contact,
        trash::{PurgeScope, Purged, TrashPosition, TrashQueries, TrashRepository, TrashedContact},
    },
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, DerivePartialModel, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QueryResult, QuerySelect as _, QueryTrait as _, Select,
    sea_query::{CaseStatement, DeleteStatement, Expr, LockBehavior, Query},
};

use super::{
    chunks::{padded, padded_ids},
    columns,
    deletions::{Deletion, record},
    row::ContactRow,
    selection::{as_signed, count, counted, length, not_trashed},
};
use crate::{
    entities::contacts::{Column, Entity},
    error::{backend, bounded, corrupt},
    store::SqlStore,
    unit::{ROW_LOCK, SqlUnit, chosen_once},
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct TrashedRow {
    deleted_at: Option<Timestamp>,
    change_before_deletion: Option<i64>,
    #[sea_orm(nested)]
    contact: ContactRow,
}

impl TrashedRow {
    /// Returns the contact as it was before it was deleted.
    fn contact(mut self) -> Result<Contact, StoreError> {
        self.contact.change = self.change_before_deletion.unwrap_or(self.contact.change);
        self.contact.try_into()
    }
}

impl TryFrom<TrashedRow> for TrashedContact {
    type Error = StoreError;

    fn try_from(row: TrashedRow) -> Result<Self, StoreError> {
        let deleted_at = row.deleted_at.ok_or_else(|| corrupt("deleted_at"))?;
        Ok(Self { contact: row.contact()?, deleted_at })
    }
}

fn trashed() -> Select<Entity> {
    Entity::find().filter(Column::DeletedAt.is_not_null())
}

fn trash_of(owner: UserId) -> Select<Entity> {
    trashed().filter(Column::OwnerId.eq(owner.0))
}

/// Selects a page of a trash. Both sort keys descend, so a row comparison finds the start position in the index.
pub(super) fn page(owner: UserId, after: Option<TrashPosition>, limit: u64) -> Select<Entity> {
    let position = Expr::tuple([Expr::col(Column::DeletedAt), Expr::col(Column::Id)]);
    let behind = after.map(|after| position.lt(Expr::tuple([after.deleted_at.into(), after.id.0.into()])));
    trash_of(owner)
        .filter(Condition::all().add_option(behind))
        .order_by_desc(Column::DeletedAt)
        .order_by_desc(Column::Id)
        .limit(as_signed(limit))
}

#[async_trait]
impl TrashQueries for SqlStore {
    async fn list_trash(
        &self,
        owner: UserId,
        after: Option<TrashPosition>,
        limit: u64,
    ) -> Result<Vec<TrashedContact>, StoreError> {
        let rows = bounded(page(owner, after, limit).into_partial_model::<TrashedRow>().all(self.pool())).await?;
        rows.into_iter().map(TrashedContact::try_from).collect()
    }

    async fn count_trash(&self, owner: UserId) -> Result<u64, StoreError> {
        count(bounded(counted(trash_of(owner)).one(self.pool())).await?)
    }

    async fn held_contacts(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<(Contact, Option<Timestamp>)>, StoreError> {
        let rows = bounded(held(owner, after, limit).into_partial_model::<TrashedRow>().all(self.pool())).await?;
        let held = |row: TrashedRow| {
            let deleted_at = row.deleted_at;
            Ok((row.contact()?, deleted_at))
        };
        rows.into_iter().map(held).collect()
    }

    async fn held_contacts_among(&self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let rows = bounded(held_among(owner, ids).into_partial_model::<TrashedRow>().all(self.pool())).await?;
        rows.into_iter().map(TrashedRow::contact).collect()
    }
}

/// Selects a page of all contacts of an owner, including the trash, sorted by id.
pub(super) fn held(owner: UserId, after: Option<ContactId>, limit: u64) -> Select<Entity> {
    Entity::find()
        .filter(Column::OwnerId.eq(owner.0))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after.0))))
        .order_by_asc(Column::Id)
        .limit(as_signed(limit))
}

/// Selects the contacts of an owner with these ids, including the trash.
pub(super) fn held_among(owner: UserId, ids: &[ContactId]) -> Select<Entity> {
    Entity::find().filter(Column::OwnerId.eq(owner.0)).filter(Column::Id.is_in(padded_ids(ids)))
}

#[async_trait]
impl TrashRepository for SqlUnit {
    async fn trash_contacts(
        &mut self,
        owner: UserId,
        contacts: &[(ContactId, ChangeNumber)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let padded = padded(contacts);
        let of_contact = |numbers: CaseStatement, (id, number): &(ContactId, ChangeNumber)| {
            numbers.case(Expr::col(Column::Id).eq(id.0), number.0)
        };
        let numbers = padded.iter().fold(CaseStatement::new(), of_contact);
        let update = not_trashed(Entity::update_many())
            .filter(Column::OwnerId.eq(owner.0))
            .filter(Column::Id.is_in(padded.iter().map(|(id, _)| id.0)))
            .col_expr(Column::DeletedAt, Expr::value(at))
            .col_expr(Column::ChangeBeforeDeletion, Expr::col(Column::Change))
            .col_expr(Column::Change, numbers.into());
        let moved = self.run(update.exec(self.transaction())).await?.rows_affected;
        if moved == u64::try_from(contacts.len()).unwrap_or(u64::MAX) {
            Ok(())
        } else {
            Err(backend("a contact to trash does not exist"))
        }
    }

    async fn lock_trashed_contact(
        &mut self,
        owner: UserId,
        id: ContactId,
    ) -> Result<Option<TrashedContact>, StoreError> {
        let query = trash_of(owner).filter(Column::Id.eq(id.0)).lock(ROW_LOCK).into_partial_model::<TrashedRow>();
        let row = self.run(query.one(self.transaction())).await?;
        row.map(TrashedContact::try_from).transpose()
    }

    async fn untrash_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .set(columns::changeable(contact)?)
            .col_expr(Column::DeletedAt, Expr::value(Option::<Timestamp>::None))
            .col_expr(Column::ChangeBeforeDeletion, Expr::value(Option::<i64>::None))
            .filter(Column::DeletedAt.is_not_null())
            .filter(Column::OwnerId.eq(contact.owner.0))
            .filter(Column::Id.eq(contact.id.0));
        match self.run(update.exec(self.transaction())).await?.rows_affected {
            1 => Ok(()),
            _ => Err(backend("the contact to restore does not exist")),
        }
    }

    async fn purge_trash(&mut self, scope: PurgeScope, limit: u64) -> Result<Purged, StoreError> {
        let purged = self.run(purged(self.transaction(), scope, limit)).await?;
        let (deletions, photos): (Vec<Deletion>, Vec<Option<String>>) = purged.into_iter().unzip();
        record(self, &deletions).await?;
        let photos = photos.into_iter().flatten().map(PictureKey::from_stored).collect();
        Ok(Purged { contacts: length(&deletions), photos })
    }
}

/// Deletes the rows of a purge. Returns their deletions and the keys of their photos.
async fn purged(
    connection: &impl ConnectionTrait,
    scope: PurgeScope,
    limit: u64,
) -> Result<Vec<(Deletion, Option<String>)>, DbErr> {
    let rows = connection.query_all(&purge(scope, limit)).await?;
    let deletion = |row: &QueryResult| {
        let (owner, number) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (contact, photo) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        Ok((Deletion { owner, number, contact, card_name: row.try_get_by_index(4)? }, photo))
    };
    rows.iter().map(deletion).collect()
}

/// Returns the statement of a purge. A concurrent purge gets other rows, or waits and finds them deleted.
pub(super) fn purge(scope: PurgeScope, limit: u64) -> DeleteStatement {
    let owner = owner_of(scope).map(|owner| Column::OwnerId.eq(owner.0));
    let locked = to_purge(scope, limit).select_only().column(Column::Id).into_query();
    let locked = chosen_once(locked, [Column::Id]);
    let returned = [Column::OwnerId, Column::Change, Column::Id, Column::PhotoKey, Column::CardName];
    Query::delete()
        .from_table(Entity)
        .cond_where(Condition::all().add_option(owner))
        .and_where(Column::DeletedAt.is_not_null())
        .and_where(Column::Id.in_subquery(locked))
        .returning(Query::returning().columns(returned))
        .to_owned()
}

/// The only owner whose contacts a purge removes. `None`: it removes those of all owners.
fn owner_of(scope: PurgeScope) -> Option<UserId> {
    match scope {
        PurgeScope::One(owner, _) | PurgeScope::AllOf(owner) | PurgeScope::Surplus(owner, _) => Some(owner),
        PurgeScope::DeletedBefore(_) => None,
    }
}

/// Selects and locks the rows of a purge.
fn to_purge(scope: PurgeScope, limit: u64) -> Select<Entity> {
    let skip_locked = |select: Select<Entity>| select.lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
    let limit = as_signed(limit);
    match scope {
        PurgeScope::One(owner, id) => trash_of(owner).filter(Column::Id.eq(id.0)).lock(ROW_LOCK),
        // Locked in the order of the ids, so that two purges of the same trash cannot deadlock.
        PurgeScope::AllOf(owner) => trash_of(owner).order_by_asc(Column::Id).limit(limit).lock(ROW_LOCK),
        PurgeScope::Surplus(owner, retained) => {
            let oldest = trash_of(owner).order_by_desc(Column::DeletedAt).order_by_desc(Column::Id);
            let oldest = oldest.offset(as_signed(retained)).limit(limit).select_only().column(Column::Id);
            // Nested: PostgreSQL would also lock the rows that the offset skips.
            skip_locked(trash_of(owner).filter(Column::Id.in_subquery(oldest.into_query())))
        }
        PurgeScope::DeletedBefore(before) => {
            let old = trashed().filter(Column::DeletedAt.lt(before)).order_by_asc(Column::DeletedAt);
            skip_locked(old.limit(limit))
        }
    }
}
