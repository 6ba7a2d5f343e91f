//! Users.

use async_trait::async_trait;
use domain::{
    account::{
        Credentials, Email, Locale, OneTimeToken, PasswordHash, Purpose, Timezone, User, UserQueries, UserRepository,
        Username,
    },
    error::{StoreError, UniqueKey},
    ids::UserId,
    picture::PictureKey,
    secret::SecretDigest,
    session::SessionRepository as _,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, DerivePartialModel, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, Set, SqlErr, UpdateMany, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    entities::{
        contacts, outbox,
        users::{ActiveModel, Column, Entity},
    },
    error::{Failure, bounded, corrupt},
    one_time_tokens,
    outbox::owned_by,
    store::SqlStore,
    unit::{ROW_LOCK, SqlUnit},
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub(crate) struct UserRow {
    pub(crate) id: Uuid,
    username: String,
    email: String,
    email_verified: bool,
    pending_email: Option<String>,
    avatar_key: Option<String>,
    locale: String,
    timezone: String,
    notify_new_device: bool,
    created_at: Timestamp,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            username: Username::from_stored(row.username),
            email: Email::from_stored(row.email),
            email_verified: row.email_verified,
            pending_email: row.pending_email.map(Email::from_stored),
            avatar: row.avatar_key.map(PictureKey::from_stored),
            // Unknown names are an error, not replaced by a default: the next profile update would overwrite them with
            // the default.
            locale: row.locale.parse::<Locale>().map_err(|_| corrupt("locale"))?,
            timezone: row.timezone.parse::<Timezone>().map_err(|_| corrupt("timezone"))?,
            notify_new_device: row.notify_new_device,
            created_at: row.created_at,
        })
    }
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct CredentialsRow {
    #[sea_orm(nested)]
    user: UserRow,
    password_hash: String,
    disabled: bool,
}

impl TryFrom<CredentialsRow> for Credentials {
    type Error = StoreError;

    fn try_from(row: CredentialsRow) -> Result<Self, StoreError> {
        Ok(Self {
            user: row.user.try_into()?,
            password_hash: PasswordHash(row.password_hash),
            is_disabled: row.disabled,
        })
    }
}

pub(crate) fn by_id(id: UserId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(id.0))
}

pub(crate) fn by_email(email: &Email) -> Select<Entity> {
    Entity::find().filter(Column::Email.eq(email.as_str()))
}

pub(crate) fn change(id: UserId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id.0))
}

#[async_trait]
impl UserQueries for SqlStore {
    async fn credentials_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        let row = bounded(by_email(email).into_partial_model::<CredentialsRow>().one(self.pool())).await?;
        row.map(Credentials::try_from).transpose()
    }

    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        let row = bounded(by_id(id).into_partial_model::<CredentialsRow>().one(self.pool())).await?;
        row.map(Credentials::try_from).transpose()
    }

    async fn unverified_users(&self, until: Timestamp, limit: u64) -> Result<Vec<UserId>, StoreError> {
        let query = Entity::find()
            // Literally as in the partial index: with a bound value the index would not be used.
            .filter(Expr::cust("NOT email_verified"))
            .filter(Column::CreatedAt.lte(until))
            .order_by_asc(Column::CreatedAt)
            .limit(limit)
            .select_only()
            .column(Column::Id);
        let ids = bounded(query.into_tuple::<Uuid>().all(self.pool())).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    async fn one_time_tokens_of(&self, user: UserId) -> Result<Vec<OneTimeToken>, StoreError> {
        one_time_tokens::of_user(self.pool(), user).await
    }

    async fn one_time_token_owner(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        one_time_tokens::owner(self.pool(), digest, purpose, now).await
    }

    async fn one_time_token_was_used(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        one_time_tokens::was_used(self.pool(), digest, purpose, since).await
    }
}

#[async_trait]
impl UserRepository for SqlUnit {
    async fn insert_user(&mut self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(user.id.0),
            username: Set(user.username.as_str().to_owned()),
            email: Set(user.email.as_str().to_owned()),
            email_verified: Set(user.email_verified),
            pending_email: Set(user.pending_email.as_ref().map(|email| email.as_str().to_owned())),
            pending_email_at: Set(user.pending_email.as_ref().map(|_| user.created_at)),
            email_locked_until: Set(None),
            password_hash: Set(password_hash.0.clone()),
            avatar_key: Set(user.avatar.as_ref().map(|key| key.as_str().to_owned())),
            locale: Set(user.locale.as_str().to_owned()),
            timezone: Set(user.timezone.as_str().to_owned()),
            notify_new_device: Set(user.notify_new_device),
            contact_count: Set(0),
            contact_changes: Set(0),
            changes_floor: Set(0),
            contact_limit: Set(None),
            disabled: Set(false),
            warned_at: Set(None),
            created_at: Set(user.created_at),
        };
        map_email_conflict(self.run(Entity::insert(row).exec_without_returning(self.transaction())).await)
    }

    async fn find_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.run(by_id(id).into_partial_model::<UserRow>().one(self.transaction())).await?;
        row.map(User::try_from).transpose()
    }

    async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let row = self.run(by_email(email).into_partial_model::<UserRow>().one(self.transaction())).await?;
        row.map(User::try_from).transpose()
    }

    async fn user_by_pending_email(&mut self, pending: &Email) -> Result<Option<User>, StoreError> {
        let query = Entity::find()
            .filter(Column::PendingEmail.eq(pending.as_str()))
            .order_by_desc(Column::PendingEmailAt)
            .order_by_desc(Column::Id)
            .limit(1);
        let row = self.run(query.into_partial_model::<UserRow>().one(self.transaction())).await?;
        row.map(User::try_from).transpose()
    }

    async fn lock_credentials(&mut self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        let query = by_id(id).lock(ROW_LOCK).into_partial_model::<CredentialsRow>();
        let row = self.run(query.one(self.transaction())).await?;
        row.map(Credentials::try_from).transpose()
    }

    async fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let query = by_id(id).lock(ROW_LOCK).into_partial_model::<UserRow>();
        let row = self.run(query.one(self.transaction())).await?;
        row.map(User::try_from).transpose()
    }

    async fn set_password_hash(&mut self, id: UserId, hash: &PasswordHash) -> Result<(), StoreError> {
        let update = change(id).col_expr(Column::PasswordHash, Expr::value(hash.0.clone()));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn mark_email_verified(&mut self, id: UserId, email: &Email) -> Result<bool, StoreError> {
        self.touches(id);
        let update =
            change(id).filter(Column::Email.eq(email.as_str())).col_expr(Column::EmailVerified, Expr::value(true));
        Ok(self.run(update.exec(self.transaction())).await?.rows_affected > 0)
    }

    async fn set_pending_email(&mut self, id: UserId, pending: Option<(&Email, Timestamp)>) -> Result<(), StoreError> {
        self.touches(id);
        let (pending, at) = pending.map(|(email, at)| (email.as_str().to_owned(), at)).unzip();
        let update = change(id)
            .col_expr(Column::PendingEmail, Expr::value(pending))
            .col_expr(Column::PendingEmailAt, Expr::value(at));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn lock_email(&mut self, id: UserId, until: Option<Timestamp>) -> Result<(), StoreError> {
        let update = change(id).col_expr(Column::EmailLockedUntil, Expr::value(until));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn is_email_locked(&mut self, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let locked = by_id(id).filter(Column::EmailLockedUntil.gt(now)).select_only().column(Column::Id);
        Ok(self.run(locked.into_tuple::<Uuid>().one(self.transaction())).await?.is_some())
    }

    async fn change_email(&mut self, id: UserId, email: &Email) -> Result<(), StoreError> {
        self.touches(id);
        let update = change(id)
            .col_expr(Column::Email, Expr::value(email.as_str()))
            .col_expr(Column::EmailVerified, Expr::value(true))
            .col_expr(Column::PendingEmail, Expr::value(None::<String>))
            .col_expr(Column::PendingEmailAt, Expr::value(None::<Timestamp>));
        map_email_conflict(self.run(update.exec(self.transaction())).await)
    }

    async fn update_profile(&mut self, user: &User) -> Result<(), StoreError> {
        self.touches(user.id);
        let update = change(user.id)
            .col_expr(Column::Username, Expr::value(user.username.as_str()))
            .col_expr(Column::Locale, Expr::value(user.locale.as_str()))
            .col_expr(Column::Timezone, Expr::value(user.timezone.as_str()))
            .col_expr(Column::NotifyNewDevice, Expr::value(user.notify_new_device));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn record_warning(&mut self, id: UserId, now: Timestamp, since: Timestamp) -> Result<bool, StoreError> {
        let is_due = Condition::any().add(Column::WarnedAt.is_null()).add(Column::WarnedAt.lte(since));
        let update = change(id).filter(is_due).col_expr(Column::WarnedAt, Expr::value(now));
        Ok(self.run(update.exec(self.transaction())).await?.rows_affected > 0)
    }

    async fn set_avatar(&mut self, id: UserId, avatar: Option<&PictureKey>) -> Result<(), StoreError> {
        self.touches(id);
        let key = avatar.map(|key| key.as_str().to_owned());
        let update = change(id).col_expr(Column::AvatarKey, Expr::value(key));
        self.run(update.exec(self.transaction())).await?;
        Ok(())
    }

    async fn delete_user(&mut self, user: &User) -> Result<Vec<PictureKey>, StoreError> {
        // Ending locks the sessions in the order of their ids. The cascade locks them in any order, and could deadlock
        // with a unit that ends sessions without the lock of the user.
        self.end_sessions_of(user.id).await?;
        self.touches(user.id);
        let avatar = by_id(user.id).select_only().column(Column::AvatarKey).filter(Column::AvatarKey.is_not_null());
        let photos = contacts::Entity::find()
            .filter(contacts::Column::OwnerId.eq(user.id.0))
            .select_only()
            .column(contacts::Column::PhotoKey)
            // All contacts: a concurrent unit may be adding a photo to one without. Locked in the order of the ids,
            // like everywhere, which prevents deadlocks.
            .order_by_asc(contacts::Column::Id)
            .lock(ROW_LOCK);
        let mut pictures: Vec<String> = self.run(avatar.into_tuple().all(self.transaction())).await?;
        let photos = self.run(photos.into_tuple::<Option<String>>().all(self.transaction())).await?;
        pictures.extend(photos.into_iter().flatten());
        // Rows that reference the user are deleted by cascade; mails have no foreign key.
        let mails = outbox::Entity::delete_many().filter(owned_by(user));
        self.run(mails.exec(self.transaction())).await?;
        self.run(Entity::delete_by_id(user.id.0).exec(self.transaction())).await?;
        Ok(pictures.into_iter().map(PictureKey::from_stored).collect())
    }
}

fn map_email_conflict<T>(outcome: Result<T, Failure>) -> Result<(), StoreError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(failure) if is_email_taken(&failure) => Err(StoreError::Conflict(UniqueKey::UserEmail)),
        Err(failure) => Err(failure.into()),
    }
}

/// True for a violated unique e-mail. The message of PostgreSQL names the constraint, the one of SQLite the column.
fn is_email_taken(failure: &Failure) -> bool {
    let Failure::Database(error) = failure else { return false };
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(message)) => {
            message.contains("users_email_key") || message.contains("users.email")
        }
        _ => false,
    }
}
