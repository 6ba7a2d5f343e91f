//! Sessions, with the digests of their refresh tokens.

use async_trait::async_trait;
use domain::{
    account::User,
    client::ClientInfo,
    error::StoreError,
    ids::{SessionId, UserId},
    secret::{SealedSecret, SecretDigest},
    session::{
        CacheLookup, Credential, CredentialId, LockedSession, PreviousToken, Session, SessionQueries,
        SessionRepository, StoredTokens,
    },
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait as _, Condition, DerivePartialModel, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Select, Set, sea_query::Expr,
};

use crate::{
    entities::{
        sessions::{ActiveModel, Column, Entity, Model},
        users,
    },
    error::{bounded, corrupt},
    store::SqlStore,
    stored_ip::known_ip,
    unit::{ROW_LOCK, SqlUnit, some_of},
    users::UserRow,
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct SessionWithUserRow {
    #[sea_orm(nested)]
    session: Model,
    #[sea_orm(nested)]
    user: UserRow,
}

impl From<Model> for Session {
    fn from(row: Model) -> Self {
        Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            client: ClientInfo { ip: known_ip(row.id, row.ip), user_agent: row.user_agent },
        }
    }
}

/// Returns the stored token data of a session.
fn tokens_of(row: &Model) -> Result<StoredTokens, StoreError> {
    let bytes = |bytes: &Vec<u8>, what| <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| corrupt(what));
    let previous = match (&row.previous_digest, row.previous_used_at, &row.sealed_token) {
        (None, None, None) => None,
        (Some(digest), Some(used_at), Some(sealed)) => Some(PreviousToken {
            digest: SecretDigest(bytes(digest, "previous digest of a session")?),
            used_at,
            sealed_successor: SealedSecret(bytes(sealed, "sealed token of a session")?),
        }),
        _ => return Err(corrupt("previous token of a session")),
    };
    Ok(StoredTokens { current: SecretDigest(bytes(&row.token_digest, "token digest of a session")?), previous })
}

#[async_trait]
impl SessionQueries for SqlStore {
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let Some(cache) = self.session_cache() else { return read(self, user, session).await };
        let ticket = match cache.look_up(user, CredentialId::Session(session)).await {
            CacheLookup::Hit(found) => match *found {
                (Credential::Session(session), user) => return Ok(Some((session, user))),
                (Credential::AppPassword(_), _) => None,
            },
            CacheLookup::Unavailable => None,
            CacheLookup::Miss(ticket) => Some(ticket),
        };
        let found = read(self, user, session).await?;
        if let (Some(ticket), Some((session, user))) = (ticket, &found) {
            cache.store(ticket, &Credential::Session(session.clone()), user).await;
        }
        Ok(found)
    }

    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        Ok(bounded(active(user).all(self.pool())).await?.into_iter().map(Session::from).collect())
    }
}

async fn read(store: &SqlStore, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError> {
    let query = Entity::find()
        .inner_join(users::Entity)
        .filter(Column::Id.eq(session.0))
        .filter(Column::UserId.eq(user.0))
        .filter(Column::Ended.eq(false))
        .into_partial_model::<SessionWithUserRow>();
    let row = bounded(query.one(store.pool())).await?;
    row.map(|row| Ok((row.session.into(), row.user.try_into()?))).transpose()
}

/// The active sessions of a user.
fn active(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::Ended.eq(false))
}

impl SqlUnit {
    /// Ends these sessions of a user and returns their number. Locks them in the order of their ids, which prevents
    /// deadlocks.
    async fn end(&mut self, user: UserId, sessions: Select<Entity>) -> Result<u64, StoreError> {
        self.touches(user);
        let in_order = sessions.order_by_asc(Column::Id).lock(ROW_LOCK).select_only().column(Column::Id).into_query();
        let end = Entity::update_many()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::Id.in_subquery(in_order))
            .filter(Column::Ended.eq(false))
            .col_expr(Column::Ended, Expr::value(true));
        Ok(self.run(end.exec(self.transaction())).await?.rows_affected)
    }
}

#[async_trait]
impl SessionRepository for SqlUnit {
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(session.id.0),
            user_id: Set(session.user.0),
            created_at: Set(session.created_at),
            last_used_at: Set(session.last_used_at),
            ip: Set(session.client.ip.map(|ip| ip.to_string())),
            user_agent: Set(session.client.user_agent.clone()),
            token_digest: Set(first.0.to_vec()),
            previous_digest: Set(None),
            previous_used_at: Set(None),
            sealed_token: Set(None),
            ended: Set(false),
        };
        self.run(Entity::insert(row).exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn lock_session(&mut self, session: SessionId) -> Result<Option<LockedSession>, StoreError> {
        let row = Entity::find_by_id(session.0).filter(Column::Ended.eq(false)).lock(ROW_LOCK);
        let Some(row) = self.run(row.one(self.transaction())).await? else { return Ok(None) };
        // The caller will renew or end the session.
        self.touches(UserId(row.user_id));
        Ok(Some(LockedSession { tokens: tokens_of(&row)?, session: row.into() }))
    }

    async fn renew_session(&mut self, session: &Session, tokens: &StoredTokens) -> Result<(), StoreError> {
        let previous = tokens.previous.as_ref();
        let renew = Entity::update_many()
            .filter(Column::UserId.eq(session.user.0))
            .filter(Column::Id.eq(session.id.0))
            .col_expr(Column::LastUsedAt, Expr::value(session.last_used_at))
            .col_expr(Column::Ip, Expr::value(session.client.ip.map(|ip| ip.to_string())))
            .col_expr(Column::TokenDigest, Expr::value(tokens.current.0.to_vec()))
            .col_expr(Column::PreviousDigest, Expr::value(previous.map(|token| token.digest.0.to_vec())))
            .col_expr(Column::PreviousUsedAt, Expr::value(previous.map(|token| token.used_at)))
            .col_expr(Column::SealedToken, Expr::value(previous.map(|token| token.sealed_successor.0.to_vec())));
        self.touches(session.user);
        self.run(renew.exec(self.transaction())).await?;
        Ok(())
    }

    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        Ok(self.end(user, active(user).filter(Column::Id.eq(session.0))).await? > 0)
    }

    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        self.end(user, active(user)).await
    }

    async fn end_other_sessions(&mut self, user: UserId, current: SessionId) -> Result<u64, StoreError> {
        self.end(user, active(user).filter(Column::Id.ne(current.0))).await
    }

    async fn end_longest_unused_sessions(&mut self, user: UserId, limit: u64) -> Result<u64, StoreError> {
        let in_use = active(user)
            .order_by_desc(Column::LastUsedAt)
            .order_by_desc(Column::Id)
            .limit(limit)
            .select_only()
            .column(Column::Id)
            .into_query();
        self.end(user, active(user).filter(Column::Id.not_in_subquery(in_use))).await
    }

    async fn purge_sessions(
        &mut self,
        created_until: Timestamp,
        used_until: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        self.plan_with_values().await?;
        let is_over = Condition::any()
            .add(Column::Ended.eq(true))
            .add(Column::CreatedAt.lte(created_until))
            .add(Column::LastUsedAt.lte(used_until));
        let over = some_of(Entity::find().filter(is_over), Column::Id, limit);
        let purge = Entity::delete_many().filter(Column::Id.in_subquery(over));
        Ok(self.run(purge.exec(self.transaction())).await?.rows_affected)
    }
}
