//! The unit of work: one transaction.

use std::{
    future::Future,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use domain::{
    account::UserId,
    store::{StoreError, UnitOfWork},
};
use sea_orm::{
    DatabaseTransaction, DbErr, EntityTrait, QuerySelect as _, QueryTrait as _, Select,
    sea_query::{LockBehavior, LockType, SelectStatement},
};
use tokio::sync::OwnedMutexGuard;
use tracing::Instrument as _;

use crate::{
    error::{Failure, backend, in_time, statement_span},
    session_cache::SessionCache,
};

/// The lock on a row that is about to be changed. Whoever asks for it waits for each other; rows that
/// merely point to the locked one may be written meanwhile, which `FOR UPDATE` would forbid and so
/// invite deadlocks. SQLite has one writer at a time and leaves it out.
pub(crate) const ROW_LOCK: LockType = LockType::NoKeyUpdate;

/// The keys of at most `limit` of these rows, for a piece of a removal. Rows that another unit works on are left out, so
/// that the sweeps of several replicas do not wait for each other.
pub(crate) fn some_of<E: EntityTrait>(rows: Select<E>, key: E::Column, limit: u64) -> SelectStatement {
    let some = rows.limit(limit).lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
    some.select_only().column(key).into_query()
}

pub(crate) struct SqlUnit {
    // Before the turn, so that it is dropped first: the roll-back is on its way when the next
    // writer begins. Dropping cannot meet a locked transaction, at which SeaORM panics: only a
    // running statement locks it, and a statement borrows the unit.
    transaction: DatabaseTransaction,
    turn: Option<OwnedMutexGuard<()>>,
    broken: AtomicBool,
    sessions: Option<Arc<dyn SessionCache>>,
    /// The users of whom other processes and requests may remember what this unit changes.
    touched: Vec<UserId>,
}

impl SqlUnit {
    pub(crate) fn new(
        transaction: DatabaseTransaction,
        turn: Option<OwnedMutexGuard<()>>,
        sessions: Option<Arc<dyn SessionCache>>,
    ) -> Self {
        Self { transaction, turn, broken: AtomicBool::new(false), sessions, touched: Vec::new() }
    }

    /// Notes that this unit changes what a session cache knows of a user, or ends one of their sessions.
    pub(crate) fn touches(&mut self, user: UserId) {
        if !self.touched.contains(&user) {
            self.touched.push(user);
        }
    }

    /// Where statements of this unit go.
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Runs one statement. After one that failed, or was given up half-way, the unit is good for
    /// nothing: PostgreSQL would answer a commit with a silent roll-back, SQLite with half the work.
    #[track_caller]
    pub(crate) fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> impl Future<Output = Result<T, Failure>> {
        let span = statement_span(Location::caller());
        let work = async {
            if self.broken.swap(true, Ordering::Relaxed) {
                return Err(Failure::Database(DbErr::Custom("a statement of this unit has failed before".to_owned())));
            }
            let result = in_time(statement).await?;
            self.broken.store(false, Ordering::Relaxed);
            Ok(result)
        };
        work.instrument(span)
    }
}

#[async_trait]
impl UnitOfWork for SqlUnit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { transaction, turn, broken, sessions, touched } = *self;
        if broken.into_inner() {
            return Err(backend("a unit of work with a failed statement cannot be committed"));
        }
        let commit = commit(transaction, turn).instrument(tracing::info_span!(target: "spans", "commit"));
        match sessions {
            Some(sessions) if !touched.is_empty() => {
                // In a task of its own: a request that is given up half-way must not leave the cache with what
                // was before. Whether the commit was heard of or not, what is remembered is worth nothing now.
                let both = async move {
                    let outcome = commit.await;
                    sessions.forget(&touched).await;
                    outcome
                };
                tokio::spawn(both).await.unwrap_or_else(|_| Err(backend("the commit was given up")))
            }
            _ => commit.await,
        }
    }
}

async fn commit(transaction: DatabaseTransaction, turn: Option<OwnedMutexGuard<()>>) -> Result<(), StoreError> {
    if turn.is_some() {
        // A file answers, if slowly; giving up early could report as lost what is then written.
        transaction.commit().await.map_err(|error| Failure::Database(error).into())
    } else {
        in_time(transaction.commit()).await.map_err(StoreError::from)
    }
}
