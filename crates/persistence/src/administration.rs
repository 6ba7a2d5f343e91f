//! Accounts as the operator sees and changes them.

use async_trait::async_trait;
use domain::{
    account::{Account, AccountAdministration, AccountQueries, Email},
    error::{StoreError, with_causes},
    ids::UserId,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, DerivePartialModel, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
    sea_query::{Expr, OnConflict},
};

use crate::{
    entities::{
        invitations,
        users::{Column, Entity},
    },
    error::{bounded, corrupt},
    store::SqlStore,
    unit::SqlUnit,
    users::{UserRow, by_email, change},
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct AccountRow {
    #[sea_orm(nested)]
    user: UserRow,
    disabled: bool,
    contact_limit: Option<i64>,
    contact_count: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let limit = row.contact_limit.map(u64::try_from).transpose().map_err(|_| corrupt("contact limit"))?;
        Ok(Self {
            user: row.user.try_into()?,
            is_disabled: row.disabled,
            contact_limit: limit,
            contacts: u64::try_from(row.contact_count).unwrap_or_default(),
        })
    }
}

/// Returns an account of a list. Reports one that this version cannot read: it must not fail the list.
fn listed(row: AccountRow) -> Option<Account> {
    let id = row.user.id;
    let report = |error: &StoreError| tracing::error!(user_id = %id, cause = with_causes(error), "account unreadable");
    Account::try_from(row).inspect_err(report).ok()
}

#[async_trait]
impl AccountQueries for SqlStore {
    async fn account_by_email(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let row = bounded(by_email(email).into_partial_model::<AccountRow>().one(self.pool())).await?;
        row.map(Account::try_from).transpose()
    }

    async fn accounts(&self, mut after: Option<UserId>, limit: u64) -> Result<Vec<Account>, StoreError> {
        loop {
            let query = Entity::find()
                .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after.0))))
                .order_by_asc(Column::Id)
                .limit(limit);
            let rows = bounded(query.into_partial_model::<AccountRow>().all(self.pool())).await?;
            let Some(last) = rows.last() else { return Ok(Vec::new()) };
            after = Some(UserId(last.user.id));
            let accounts: Vec<Account> = rows.into_iter().filter_map(listed).collect();
            // Without an account the list would seem to end here.
            if !accounts.is_empty() {
                return Ok(accounts);
            }
        }
    }

    async fn is_invited(&self, email: &Email) -> Result<bool, StoreError> {
        let count = invitations::Entity::find_by_id(email.as_str()).count(self.pool());
        Ok(bounded(count).await? > 0)
    }
}

#[async_trait]
impl AccountAdministration for SqlUnit {
    async fn set_disabled(&mut self, id: UserId, is_disabled: bool) -> Result<(), StoreError> {
        self.touches(id);
        let update = change(id).col_expr(Column::Disabled, Expr::value(is_disabled));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn set_contact_limit(&mut self, id: UserId, limit: Option<u64>) -> Result<(), StoreError> {
        let limit = limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let update = change(id).col_expr(Column::ContactLimit, Expr::value(limit));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn invite(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        self.add_invitation(email, now).await.map(drop)
    }

    async fn take_invitation(&mut self, email: &Email) -> Result<bool, StoreError> {
        // A deletion alone would not see an invitation that another unit is adding. This row waits for it.
        let was_invited = !self.add_invitation(email, Timestamp::UNIX_EPOCH).await?;
        let delete = invitations::Entity::delete_by_id(email.as_str());
        // Of two units that find an invitation, the second one deletes nothing.
        let is_taken = self.run(delete.exec(self.transaction())).await?.rows_affected > 0;
        Ok(was_invited && is_taken)
    }
}

impl SqlUnit {
    /// Returns false when the e-mail is already invited.
    async fn add_invitation(&self, email: &Email, now: Timestamp) -> Result<bool, StoreError> {
        let row = invitations::ActiveModel { email: Set(email.as_str().to_owned()), invited_at: Set(now) };
        let stays = OnConflict::column(invitations::Column::Email).do_nothing().to_owned();
        let insert = invitations::Entity::insert_many([row]).on_conflict(stays);
        Ok(self.run(insert.exec_without_returning(self.transaction())).await? > 0)
    }
}
