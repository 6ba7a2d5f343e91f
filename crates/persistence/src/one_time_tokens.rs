//! One-time tokens.

use async_trait::async_trait;
use domain::{
    account::{Email, OneTimeToken, OneTimeTokenRepository, Purpose},
    error::StoreError,
    ids::UserId,
    secret::SecretDigest,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _, Set, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    connections::Pool,
    entities::one_time_tokens::{ActiveModel, Column, Entity, Model},
    error::{bounded, corrupt},
    unit::{SqlUnit, some_of},
};

fn is_valid(digest: &SecretDigest, purpose: Purpose, now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::Digest.eq(digest.0.to_vec()))
        .add(Column::Purpose.eq(purpose.as_str()))
        .add(Column::ExpiresAt.gt(now))
        .add(Column::UsedAt.is_null())
}

fn unused_of(user: UserId) -> Condition {
    Condition::all().add(Column::UserId.eq(user.0)).add(Column::UsedAt.is_null())
}

pub(crate) async fn owner(
    pool: &Pool,
    digest: &SecretDigest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<UserId>, StoreError> {
    let query = Entity::find().filter(is_valid(digest, purpose, now)).select_only().column(Column::UserId);
    Ok(bounded(query.into_tuple::<Uuid>().one(pool)).await?.map(UserId))
}

pub(crate) async fn was_used(
    pool: &Pool,
    digest: &SecretDigest,
    purpose: Purpose,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let query = Entity::find()
        .filter(Column::Digest.eq(digest.0.to_vec()))
        .filter(Column::Purpose.eq(purpose.as_str()))
        .filter(Column::UsedAt.gt(since))
        .select_only()
        .column(Column::UserId);
    Ok(bounded(query.into_tuple::<Uuid>().one(pool)).await?.is_some())
}

pub(crate) async fn of_user(pool: &Pool, user: UserId) -> Result<Vec<OneTimeToken>, StoreError> {
    let known = Column::Purpose.is_in(Purpose::ALL.map(Purpose::as_str));
    let query = Entity::find().filter(unused_of(user)).filter(known);
    bounded(query.all(pool)).await?.into_iter().map(OneTimeToken::try_from).collect()
}

impl TryFrom<Model> for OneTimeToken {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            digest: SecretDigest(row.digest.try_into().map_err(|_| corrupt("digest of a one-time token"))?),
            purpose: Purpose::from_stored(&row.purpose).ok_or_else(|| corrupt("purpose of a one-time token"))?,
            user: UserId(row.user_id),
            email: Email::from_stored(row.address),
            expires_at: row.expires_at,
        })
    }
}

#[async_trait]
impl OneTimeTokenRepository for SqlUnit {
    async fn insert_one_time_token(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        let row = ActiveModel {
            digest: Set(token.digest.0.to_vec()),
            purpose: Set(token.purpose.as_str().to_owned()),
            user_id: Set(token.user.0),
            address: Set(token.email.as_str().to_owned()),
            expires_at: Set(token.expires_at),
            used_at: Set(None),
        };
        self.run(Entity::insert(row).exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn consume_one_time_token(
        &mut self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        // Found and marked in one statement: of two concurrent callers only one gets the token.
        let consume =
            Entity::update_many().col_expr(Column::UsedAt, Expr::value(now)).filter(is_valid(digest, purpose, now));
        let rows: Vec<Model> = self.run(consume.exec_with_returning(self.transaction())).await?;
        rows.into_iter().next().map(OneTimeToken::try_from).transpose()
    }

    async fn discard_one_time_tokens(&mut self, user: UserId, purpose: Purpose) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(unused_of(user)).filter(Column::Purpose.eq(purpose.as_str()));
        self.run(delete.exec(self.transaction())).await?;
        Ok(())
    }

    async fn discard_later_one_time_tokens(
        &mut self,
        user: UserId,
        purpose: Purpose,
        expires_from: Timestamp,
    ) -> Result<(), StoreError> {
        let delete = Entity::delete_many()
            .filter(unused_of(user))
            .filter(Column::Purpose.eq(purpose.as_str()))
            .filter(Column::ExpiresAt.gte(expires_from));
        self.run(delete.exec(self.transaction())).await?;
        Ok(())
    }

    async fn purge_one_time_tokens(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let ended = Entity::find().filter(Column::ExpiresAt.lte(until));
        let delete = Entity::delete_many().filter(Column::Digest.in_subquery(some_of(ended, Column::Digest, limit)));
        Ok(self.run(delete.exec(self.transaction())).await?.rows_affected)
    }
}
