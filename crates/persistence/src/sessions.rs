//! Sessions and their refresh tokens.

use async_trait::async_trait;
use domain::{
    account::{User, UserId},
    client::ClientInfo,
    secret::{SealedSecret, SecretDigest},
    session::{FoundRefreshToken, RefreshToken, Session, SessionId, SessionQueries, SessionRepository},
    store::StoreError,
    time::Instant,
};
use sea_orm::{
    ColumnTrait as _, Condition, DerivePartialModel, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _, Set, sea_query::Expr,
};

use crate::{
    SqlStore,
    entities::{refresh_tokens, sessions, users},
    error::{backend, bounded, corrupt},
    session_cache::Remembered,
    unit::{ROW_LOCK, SqlUnit},
    users::UserRow,
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "sessions::Entity")]
struct SessionWithUserRow {
    #[sea_orm(nested)]
    session: sessions::Model,
    #[sea_orm(nested)]
    user: UserRow,
}

impl TryFrom<sessions::Model> for Session {
    type Error = StoreError;

    fn try_from(row: sessions::Model) -> Result<Self, StoreError> {
        let ip = row.ip.map(|ip| ip.parse()).transpose().map_err(|_| corrupt("ip of a session"))?;
        Ok(Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            client: ClientInfo { ip, user_agent: row.user_agent },
        })
    }
}

impl TryFrom<refresh_tokens::Model> for RefreshToken {
    type Error = StoreError;

    fn try_from(row: refresh_tokens::Model) -> Result<Self, StoreError> {
        let used = match (row.used_at, row.sealed_successor) {
            (None, None) => None,
            (Some(at), Some(sealed)) => {
                Some((at, SealedSecret(sealed.try_into().map_err(|_| corrupt("successor of a refresh token"))?)))
            }
            _ => return Err(corrupt("use of a refresh token")),
        };
        let digest = SecretDigest(row.digest.try_into().map_err(|_| corrupt("digest of a refresh token"))?);
        Ok(Self { digest, used })
    }
}

fn unused(digest: &SecretDigest, session: SessionId) -> refresh_tokens::ActiveModel {
    refresh_tokens::ActiveModel {
        digest: Set(digest.0.to_vec()),
        session_id: Set(session.0),
        used_at: Set(None),
        sealed_successor: Set(None),
    }
}

async fn read(store: &SqlStore, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError> {
    let query = sessions::Entity::find()
        .inner_join(users::Entity)
        .filter(sessions::Column::Id.eq(session.0))
        .filter(sessions::Column::UserId.eq(user.0))
        .into_partial_model::<SessionWithUserRow>();
    let row = bounded(query.one(store.pool())).await?;
    row.map(|row| Ok((row.session.try_into()?, row.user.try_into()?))).transpose()
}

#[async_trait]
impl SessionQueries for SqlStore {
    async fn session_with_user(&self, user: UserId, session: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let Some(cache) = self.session_cache() else { return read(self, user, session).await };
        match cache.look_up(user, session).await {
            Remembered::Known(found) => Ok(Some(*found)),
            Remembered::Away => read(self, user, session).await,
            Remembered::Unknown(ticket) => {
                let found = read(self, user, session).await?;
                if let Some((session, user)) = &found {
                    cache.remember(ticket, session, user).await;
                }
                Ok(found)
            }
        }
    }

    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let query = sessions::Entity::find().filter(sessions::Column::UserId.eq(user.0));
        bounded(query.all(self.pool())).await?.into_iter().map(Session::try_from).collect()
    }
}

#[async_trait]
impl SessionRepository for SqlUnit {
    async fn insert_session(&mut self, session: &Session, first: &SecretDigest) -> Result<(), StoreError> {
        let row = sessions::ActiveModel {
            id: Set(session.id.0),
            user_id: Set(session.user.0),
            created_at: Set(session.created_at),
            last_used_at: Set(session.last_used_at),
            ip: Set(session.client.ip.map(|ip| ip.to_string())),
            user_agent: Set(session.client.user_agent.clone()),
        };
        self.run(sessions::Entity::insert(row).exec_without_returning(self.transaction())).await?;
        let token = refresh_tokens::Entity::insert(unused(first, session.id));
        self.run(token.exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn lock_refresh_token(&mut self, digest: &SecretDigest) -> Result<Option<FoundRefreshToken>, StoreError> {
        // The session is locked first and the token read after that: read together, the token would
        // be as it was before the wait.
        let of_token = refresh_tokens::Entity::find_by_id(digest.0.to_vec())
            .select_only()
            .column(refresh_tokens::Column::SessionId)
            .into_query();
        let session = sessions::Entity::find().filter(sessions::Column::Id.in_subquery(of_token)).lock(ROW_LOCK);
        let Some(session) = self.run(session.one(self.transaction())).await? else { return Ok(None) };
        // Whoever asks is about to renew the session or to end it.
        self.touches(UserId(session.user_id));
        let token = refresh_tokens::Entity::find_by_id(digest.0.to_vec());
        let Some(token) = self.run(token.one(self.transaction())).await? else { return Ok(None) };
        Ok(Some(FoundRefreshToken { token: token.try_into()?, session: session.try_into()? }))
    }

    async fn rotate_refresh_token(
        &mut self,
        session: SessionId,
        used: &SecretDigest,
        now: Instant,
        sealed_successor: &SealedSecret,
        successor: &SecretDigest,
    ) -> Result<(), StoreError> {
        use refresh_tokens::{Column, Entity};
        let mark = Entity::update_many()
            .filter(Column::Digest.eq(used.0.to_vec()))
            .filter(Column::SessionId.eq(session.0))
            // A second successor sealed over the same token would give both away.
            .filter(Column::UsedAt.is_null())
            .col_expr(Column::UsedAt, Expr::value(now))
            .col_expr(Column::SealedSuccessor, Expr::value(sealed_successor.0.to_vec()));
        if self.run(mark.exec(self.transaction())).await?.rows_affected != 1 {
            return Err(backend("the refresh token to rotate is gone or used"));
        }
        let insert = Entity::insert(unused(successor, session));
        self.run(insert.exec_without_returning(self.transaction())).await?;
        let touch = sessions::Entity::update_many()
            .filter(sessions::Column::Id.eq(session.0))
            .col_expr(sessions::Column::LastUsedAt, Expr::value(now));
        self.run(touch.exec(self.transaction())).await?;
        Ok(())
    }

    async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        self.touches(user);
        let ended = sessions::Entity::delete_many()
            .filter(sessions::Column::Id.eq(session.0))
            .filter(sessions::Column::UserId.eq(user.0));
        Ok(self.run(ended.exec(self.transaction())).await?.rows_affected > 0)
    }

    async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        self.touches(user);
        let ended = sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user.0));
        Ok(self.run(ended.exec(self.transaction())).await?.rows_affected)
    }

    async fn end_other_sessions(&mut self, user: UserId, kept: SessionId) -> Result<u64, StoreError> {
        self.touches(user);
        let ended = sessions::Entity::delete_many()
            .filter(sessions::Column::UserId.eq(user.0))
            .filter(sessions::Column::Id.ne(kept.0));
        Ok(self.run(ended.exec(self.transaction())).await?.rows_affected)
    }

    async fn purge_sessions(&mut self, begun: Instant, used: Instant) -> Result<u64, StoreError> {
        let ended =
            Condition::any().add(sessions::Column::CreatedAt.lte(begun)).add(sessions::Column::LastUsedAt.lte(used));
        let purge = sessions::Entity::delete_many().filter(ended);
        Ok(self.run(purge.exec(self.transaction())).await?.rows_affected)
    }
}
