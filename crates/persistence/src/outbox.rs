//! The outbox.

use async_trait::async_trait;
use domain::{
    account::{Email, User},
    app_password::{AppPasswordName, Scopes},
    error::{StoreError, with_causes},
    ids::{MailId, UserId},
    mail::{Mail, MailKind, OutboxQueries, OutboxRepository, OutboxStatus, ReportedAppPassword},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Select, Set, UpdateMany,
    sea_query::{Expr, Func, LockBehavior},
};

use crate::{
    entities::outbox::{ActiveModel, Column, Entity, Model},
    error::{backend, bounded, corrupt},
    mail_slots,
    store::SqlStore,
    stored_scopes::known_scopes,
    unit::{ROW_LOCK, SqlUnit, some_of},
};

/// Matches due mails of the known kinds. After a downgrade there may be unknown kinds, and one unreadable row would
/// block all mails.
fn is_due(now: Timestamp) -> Condition {
    Condition::all().add(Column::DueAt.lte(now)).add(Column::Kind.is_in(MailKind::ALL.map(MailKind::as_str)))
}

fn due(now: Timestamp) -> Select<Entity> {
    Entity::find().filter(is_due(now))
}

/// Matches the mails of a user: by the user's id, or by the e-mail address when a mail has no user. A pending e-mail
/// may belong to another person, so its mails are not matched by the address.
pub(crate) fn owned_by(user: &User) -> Condition {
    let by_address = Condition::all()
        .add(Column::UserId.is_null())
        .add(Column::Kind.ne(MailKind::ConfirmEmail.as_str()))
        .add(Column::Address.eq(user.email.as_str()));
    Condition::any().add(Column::UserId.eq(user.id.0)).add(by_address)
}

fn change(id: MailId, due_at: Option<Timestamp>, error: &str) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Id.eq(id.0))
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::LastError, Expr::value(error))
}

impl SqlUnit {
    /// Parks a mail that this version cannot read: it must not block the others. The operator can send
    /// it after an upgrade.
    async fn park_unreadable(&self, id: MailId, error: &StoreError) -> Result<(), StoreError> {
        let cause = with_causes(error);
        tracing::error!(mail_id = %id.0, cause, "mail unreadable; parked");
        self.run(change(id, None, &cause).exec(self.transaction())).await?;
        Ok(())
    }
}

/// Reads the names of scopes. Returns `None` when they cannot be read.
type ScopeReader = fn(&str) -> Option<Scopes>;

/// Returns the app password that a mail reports.
fn app_password_of(row: &Model, read: ScopeReader) -> Result<Option<ReportedAppPassword>, StoreError> {
    let (Some(name), Some(scopes)) = (&row.app_password_name, &row.app_password_scopes) else { return Ok(None) };
    let name = AppPasswordName::from_stored(name.clone());
    let scopes = read(scopes).ok_or_else(|| corrupt("app_password_scopes of a mail"))?;
    Ok(Some(ReportedAppPassword { name, scopes }))
}

fn mail_of(row: Model, read: ScopeReader) -> Result<Mail, StoreError> {
    Ok(Mail {
        app_password: app_password_of(&row, read)?,
        id: MailId(row.id),
        kind: MailKind::from_stored(&row.kind).ok_or_else(|| corrupt("kind of a mail"))?,
        email: Email::from_stored(row.address),
        user: row.user_id.map(UserId),
        client_ip: row.client_ip.map(|ip| ip.parse()).transpose().map_err(|_| corrupt("client_ip of a mail"))?,
        requested_at: row.requested_at,
        attempts: u32::try_from(row.attempts).map_err(|_| corrupt("attempts of a mail"))?,
    })
}

/// Returns a mail of a list, with the known ones of its scopes. Reports one that this version cannot read: it must not fail
/// the list.
fn listed(row: Model) -> Option<Mail> {
    let id = row.id;
    let report = |error: &StoreError| tracing::error!(mail_id = %id, cause = with_causes(error), "mail unreadable");
    mail_of(row, known_scopes).inspect_err(report).ok()
}

#[async_trait]
impl OutboxQueries for SqlStore {
    async fn has_due_mail(&self, now: Timestamp) -> Result<bool, StoreError> {
        let first = due(now).select_only().column(Column::Id).limit(1).into_tuple::<uuid::Uuid>();
        Ok(bounded(first.one(self.pool())).await?.is_some())
    }

    async fn mails_of(&self, user: &User) -> Result<Vec<Mail>, StoreError> {
        let known = Column::Kind.is_in(MailKind::ALL.map(MailKind::as_str));
        let mails = Entity::find().filter(owned_by(user)).filter(known);
        let rows = bounded(mails.all(self.pool())).await?;
        Ok(rows.into_iter().filter_map(listed).collect())
    }

    async fn outbox_status(&self, now: Timestamp) -> Result<OutboxStatus, StoreError> {
        // `count` ignores nulls: the due time of a parked mail is null, and so is a case without a match.
        let when_due = Expr::case(is_due(now), Expr::col(Column::Id));
        let is_bounced = Condition::all().add(Column::DueAt.is_null()).add(Column::ToUnverified.eq(true));
        let when_bounced = Expr::case(is_bounced, Expr::col(Column::Id));
        let counts = Entity::find()
            .select_only()
            .expr_as(Expr::col(Column::Id).count(), "total")
            .expr_as(Expr::col(Column::DueAt).count(), "waiting")
            .expr_as(Func::count(when_due), "due")
            .expr_as(Func::count(when_bounced), "bounced")
            .into_tuple::<(i64, i64, i64, i64)>();
        let (total, waiting, due, bounced) = bounded(counts.one(self.pool())).await?.unwrap_or_default();
        let count = |number: i64| u64::try_from(number).map_err(|_| backend("a count is negative"));
        Ok(OutboxStatus {
            waiting: count(waiting)?,
            due: count(due)?,
            parked: count(total - waiting - bounced)?,
            parked_unverified: count(bounced)?,
        })
    }
}

#[async_trait]
impl OutboxRepository for SqlUnit {
    async fn enqueue_mail(&mut self, mail: &Mail) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(mail.id.0),
            kind: Set(mail.kind.as_str().to_owned()),
            address: Set(mail.email.as_str().to_owned()),
            user_id: Set(mail.user.map(|user| user.0)),
            client_ip: Set(mail.client_ip.map(|ip| ip.to_string())),
            app_password_name: Set(mail.app_password.as_ref().map(|reported| reported.name.as_str().to_owned())),
            app_password_scopes: Set(mail.app_password.as_ref().map(|reported| reported.scopes.to_string())),
            to_unverified: Set(false),
            requested_at: Set(mail.requested_at),
            attempts: Set(i32::try_from(mail.attempts).unwrap_or(i32::MAX)),
            due_at: Set(Some(mail.requested_at)),
            last_error: Set(None),
        };
        self.run(Entity::insert(row).exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn claim_due_mail(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError> {
        let claim = due(now)
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(std::cmp::min(limit, i64::MAX.unsigned_abs()))
            .lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
        let rows = self.run(claim.all(self.transaction())).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let lease = Entity::update_many()
            .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
            .col_expr(Column::DueAt, Expr::value(lease_until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1));
        self.run(lease.exec(self.transaction())).await?;
        let mut mails = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id;
            let row = Model { attempts: row.attempts.saturating_add(1), ..row };
            // A mail that is sent names every scope.
            match mail_of(row, Scopes::from_stored) {
                Ok(mail) => mails.push(mail),
                Err(error) => self.park_unreadable(MailId(id), &error).await?,
            }
        }
        Ok(mails)
    }

    async fn record_unverified_receiver(&mut self, id: MailId, user: UserId) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .filter(Column::Id.eq(id.0))
            .col_expr(Column::UserId, Expr::value(user.0))
            .col_expr(Column::ToUnverified, Expr::value(true));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn take_mail_slot(
        &mut self,
        mail: &Mail,
        now: Timestamp,
        since: Timestamp,
        slots: u16,
    ) -> Result<bool, StoreError> {
        mail_slots::take(self, mail, now, since, slots).await
    }

    async fn purge_mail_slots(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        mail_slots::purge(self, until, limit).await
    }

    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError> {
        self.run(Entity::delete_by_id(id.0).exec(self.transaction())).await?;
        Ok(())
    }

    async fn remove_mails_since(&mut self, user: UserId, kind: MailKind, since: Timestamp) -> Result<(), StoreError> {
        let delete = Entity::delete_many()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::Kind.eq(kind.as_str()))
            .filter(Column::RequestedAt.gte(since));
        self.run(delete.exec(self.transaction())).await?;
        Ok(())
    }

    async fn has_mail(&mut self, id: MailId) -> Result<bool, StoreError> {
        let query = Entity::find_by_id(id.0).select_only().column(Column::Id).into_tuple::<uuid::Uuid>();
        Ok(self.run(query.one(self.transaction())).await?.is_some())
    }

    async fn reschedule_mail(&mut self, id: MailId, at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.run(change(id, Some(at), error).exec(self.transaction())).await?;
        Ok(())
    }

    async fn park_mail(&mut self, id: MailId, error: &str) -> Result<(), StoreError> {
        self.run(change(id, None, error).exec(self.transaction())).await?;
        Ok(())
    }

    async fn purge_parked_mails(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let old = Entity::find().filter(Column::DueAt.is_null()).filter(Column::RequestedAt.lte(until));
        let delete = Entity::delete_many().filter(Column::Id.in_subquery(some_of(old, Column::Id, limit)));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }
}
