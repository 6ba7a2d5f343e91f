//! App passwords, with the digests of their secrets.

use async_trait::async_trait;
use domain::{
    account::User,
    app_password::{AppPassword, AppPasswordName, AppPasswordQueries, AppPasswordRepository},
    error::{StoreError, with_causes},
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    session::{CacheLookup, CacheTicket, Credential, CredentialId, SessionCache},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, DerivePartialModel, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, Select, Set, sea_query::Expr,
};

use crate::{
    entities::{
        app_passwords::{ActiveModel, Column, Entity, Model},
        users,
    },
    error::{bounded, corrupt},
    store::SqlStore,
    stored_scopes::{are_known, known_scopes},
    unit::{SqlUnit, some_of},
    users::UserRow,
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct AppPasswordWithUserRow {
    #[sea_orm(nested)]
    password: Model,
    #[sea_orm(nested)]
    user: UserRow,
}

impl TryFrom<Model> for AppPassword {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: AppPasswordId(row.id),
            user: UserId(row.user_id),
            name: AppPasswordName::from_stored(row.name),
            scopes: known_scopes(&row.scopes).ok_or_else(|| corrupt("scopes of an app password"))?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// Returns an app password of a list. Reports one that this version cannot read: it must not fail the list.
fn listed(row: Model) -> Option<AppPassword> {
    let id = row.id;
    let password = AppPassword::try_from(row);
    let report = |error: &StoreError| {
        tracing::error!(app_password_id = %id, cause = with_causes(error), "app password unreadable");
    };
    password.inspect_err(report).ok()
}

/// Stored app password with its user.
struct Found {
    password: AppPassword,
    user: User,
    /// False when the password has a scope that another version has written.
    is_whole: bool,
}

async fn read(store: &SqlStore, digest: &SecretDigest) -> Result<Option<Found>, StoreError> {
    let query = Entity::find()
        .inner_join(users::Entity)
        .filter(Column::Digest.eq(digest.0.to_vec()))
        .into_partial_model::<AppPasswordWithUserRow>();
    let row = bounded(query.one(store.pool())).await?;
    let found = |row: AppPasswordWithUserRow| {
        let is_whole = are_known(&row.password.scopes);
        Ok(Found { password: row.password.try_into()?, user: row.user.try_into()?, is_whole })
    };
    row.map(found).transpose()
}

/// Looks up an app password by the id that the cache has for its digest. Returns `None` when it has no id: then nothing
/// is known about the user, and no ticket can be taken.
async fn look_up(cache: &dyn SessionCache, digest: &SecretDigest) -> Option<CacheLookup> {
    let (user, id) = cache.app_password_id(digest).await?;
    Some(cache.look_up(user, CredentialId::AppPassword(id)).await)
}

/// Stores what was read. Without a ticket only the id is stored, for the next look-up.
async fn store(
    cache: &dyn SessionCache,
    ticket: Option<CacheTicket>,
    digest: &SecretDigest,
    Found { password, user, is_whole }: &Found,
) {
    if !is_whole {
        // A replica of the other version would read it from the cache without that scope.
        return;
    }
    match ticket {
        Some(ticket) => cache.store(ticket, &Credential::AppPassword(password.clone()), user).await,
        None => cache.store_app_password_id(digest, user.id, password.id).await,
    }
}

#[async_trait]
impl AppPasswordQueries for SqlStore {
    async fn cached_app_password(&self, digest: &SecretDigest) -> Option<(AppPassword, User)> {
        match look_up(self.session_cache()?, digest).await? {
            CacheLookup::Hit(found) => match *found {
                (Credential::AppPassword(password), user) => Some((password, user)),
                (Credential::Session(_), _) => None,
            },
            CacheLookup::Miss(_) | CacheLookup::Unavailable => None,
        }
    }

    async fn app_password_with_user(&self, digest: &SecretDigest) -> Result<Option<(AppPassword, User)>, StoreError> {
        let Some(cache) = self.session_cache() else {
            return Ok(read(self, digest).await?.map(|found| (found.password, found.user)));
        };
        let ticket = match look_up(cache, digest).await {
            Some(CacheLookup::Miss(ticket)) => Some(ticket),
            Some(CacheLookup::Hit(_) | CacheLookup::Unavailable) | None => None,
        };
        let found = read(self, digest).await?;
        if let Some(found) = &found {
            store(cache, ticket, digest, found).await;
        }
        Ok(found.map(|found| (found.password, found.user)))
    }

    async fn app_passwords_of(&self, user: UserId) -> Result<Vec<AppPassword>, StoreError> {
        let latest_first = of_user(user).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
        let rows = bounded(latest_first.all(self.pool())).await?;
        Ok(rows.into_iter().filter_map(listed).collect())
    }
}

fn of_user(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user.0))
}

#[async_trait]
impl AppPasswordRepository for SqlUnit {
    async fn insert_app_password(&mut self, password: &AppPassword, digest: &SecretDigest) -> Result<(), StoreError> {
        let row = ActiveModel {
            user_id: Set(password.user.0),
            id: Set(password.id.0),
            name: Set(password.name.as_str().to_owned()),
            scopes: Set(password.scopes.to_string()),
            digest: Set(digest.0.to_vec()),
            created_at: Set(password.created_at),
            expires_at: Set(password.expires_at),
            last_used_at: Set(password.last_used_at),
        };
        self.run(Entity::insert(row).exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn count_app_passwords(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(self.run(of_user(user).count(self.transaction())).await?)
    }

    async fn record_app_password_use(
        &mut self,
        user: UserId,
        id: AppPasswordId,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_due = Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lte(since));
        let update = Entity::update_many()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::Id.eq(id.0))
            .filter(is_due)
            .col_expr(Column::LastUsedAt, Expr::value(now));
        let is_recorded = self.run(update.exec(self.transaction())).await?.rows_affected > 0;
        if is_recorded {
            self.touches(user);
        }
        Ok(is_recorded)
    }

    async fn end_app_password(&mut self, user: UserId, id: AppPasswordId) -> Result<bool, StoreError> {
        self.touches(user);
        let delete = Entity::delete_many().filter(Column::UserId.eq(user.0)).filter(Column::Id.eq(id.0));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected > 0)
    }

    async fn end_app_passwords_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        self.touches(user);
        let delete = Entity::delete_many().filter(Column::UserId.eq(user.0));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }

    async fn purge_app_passwords(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let expired = some_of(Entity::find().filter(Column::ExpiresAt.lte(until)), Column::Digest, limit);
        let purge = Entity::delete_many().filter(Column::Digest.in_subquery(expired));
        Ok(self.run(purge.exec(self.transaction())).await?.rows_affected)
    }
}
