//! Contacts in a unit of work.

use async_trait::async_trait;
use domain::{
    contact::{ChangeNumber, Contact, ContactRepository, TakenNumbers},
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, OnConflict},
};

use super::{
    chunks::{chunks, padded_ids},
    columns, count,
    row::ContactRow,
    selection::{contacts_of, not_trashed, own},
};
use crate::{
    entities::contacts::{Column, Entity},
    error::backend,
    unit::{ROW_LOCK, SqlUnit},
};

#[async_trait]
impl ContactRepository for SqlUnit {
    async fn take_change_numbers(
        &mut self,
        owner: UserId,
        numbers: u64,
        added: i64,
    ) -> Result<Option<TakenNumbers>, StoreError> {
        let numbers = i64::try_from(numbers).map_err(|_| backend("too many change numbers"))?;
        let found = self.run(count::added(self.transaction(), owner, numbers, added)).await?;
        Ok(found.map(|found| TakenNumbers {
            first: ChangeNumber(found.changes - numbers + 1),
            // A count that is too low must not prevent a deletion; `repair_contact_counts` corrects it.
            contacts: u64::try_from(found.contacts).unwrap_or_default(),
            own_limit: found.limit.map(|limit| u64::try_from(limit).unwrap_or_default()),
        }))
    }

    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        for contacts in chunks(contacts) {
            let insert = Entity::insert_many(columns::of_all(contacts).await?);
            self.run(insert.exec_without_returning(self.transaction())).await?;
        }
        Ok(())
    }

    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let query = own(owner, id).lock(ROW_LOCK).into_partial_model::<ContactRow>();
        let row = self.run(query.one(self.transaction())).await?;
        row.map(Contact::try_from).transpose()
    }

    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let selected = contacts_of(owner).filter(Column::Id.is_in(padded_ids(ids)));
        let query = selected.order_by_asc(Column::Id).lock(ROW_LOCK).into_partial_model::<ContactRow>();
        let rows = self.run(query.all(self.transaction())).await?;
        rows.into_iter().map(Contact::try_from).collect()
    }

    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        let update = not_trashed(Entity::update_many())
            .set(columns::changeable(contact)?)
            .filter(Column::OwnerId.eq(contact.owner.0))
            .filter(Column::Id.eq(contact.id.0));
        match self.run(update.exec(self.transaction())).await?.rows_affected {
            1 => Ok(()),
            _ => Err(backend("the contact to update does not exist")),
        }
    }

    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        // Each row gets different values. Both databases support one statement for that: an insert in which every row
        // conflicts and is updated.
        let on_conflict_update = OnConflict::column(Column::Id)
            .update_columns(columns::changeable_columns())
            .action_and_where(Expr::col((Entity, Column::OwnerId)).eq(Expr::col(("excluded", Column::OwnerId))))
            .action_and_where(Expr::col((Entity, Column::DeletedAt)).is_null())
            .to_owned();
        for contacts in chunks(contacts) {
            let upsert = Entity::insert_many(columns::of_all(contacts).await?).on_conflict(on_conflict_update.clone());
            let updated = self.run(upsert.exec_without_returning(self.transaction())).await?;
            if updated != u64::try_from(contacts.len()).unwrap_or(u64::MAX) {
                return Err(backend("a contact to update does not exist"));
            }
        }
        Ok(())
    }
}
