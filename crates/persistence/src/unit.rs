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
use domain::{error::StoreError, ids::UserId, session::SessionCache, store::UnitOfWork};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DbBackend, DbErr, EntityTrait, QuerySelect as _, QueryTrait as _, Select,
    sea_query::{CommonTableExpression, LockBehavior, LockType, Query, SelectStatement},
};
use tracing::Instrument as _;

use crate::{
    connections::Transaction,
    error::{Failure, backend, in_time, statement_span},
    session_announcement::announce,
};

/// The lock on a row that is about to change. Units that request it wait for each other. Rows that reference the locked
/// row can still be written; `FOR UPDATE` would forbid that and invite deadlocks. SQLite has one writer at a time and
/// ignores it.
pub(crate) const ROW_LOCK: LockType = LockType::NoKeyUpdate;

/// Setting of PostgreSQL that plans each statement of a transaction with its values.
const PLAN_WITH_VALUES: &str = "SET LOCAL plan_cache_mode = 'force_custom_plan'";

/// Selects the keys of at most `limit` of these rows, for one batch of a purge. Rows that another unit has locked are
/// skipped, so that the purges of several replicas do not wait for each other.
pub(crate) fn some_of<E: EntityTrait>(rows: Select<E>, key: E::Column, limit: u64) -> SelectStatement {
    let some = rows.limit(limit).lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
    chosen_once(some.select_only().column(key).into_query(), [key])
}

/// Returns the same rows for a condition `IN`. PostgreSQL may evaluate the subquery of a condition several times; one that
/// skips locked rows then returns other rows each time, and more than its limit in all. A common table expression is
/// evaluated once.
pub(crate) fn chosen_once<C: ColumnTrait>(
    rows: SelectStatement,
    columns: impl IntoIterator<Item = C>,
) -> SelectStatement {
    let chosen = CommonTableExpression::new().table_name("chosen").query(rows).to_owned();
    Query::select().columns(columns).from("chosen").with_cte(chosen).to_owned()
}

pub(crate) struct SqlUnit {
    transaction: Transaction,
    /// True while a statement runs, and after one has failed or was cancelled. Atomic only because a statement borrows the
    /// unit. Not run by a model checker: the operations of a unit take `&mut self`, so no two threads use it at once.
    broken: AtomicBool,
    sessions: Option<Arc<dyn SessionCache>>,
    announces_session_changes: bool,
    /// Users with possibly cached data that this unit changes.
    touched: Vec<UserId>,
}

impl SqlUnit {
    pub(crate) fn new(
        transaction: Transaction,
        sessions: Option<Arc<dyn SessionCache>>,
        announces_session_changes: bool,
    ) -> Self {
        let (broken, touched) = (AtomicBool::new(false), Vec::new());
        Self { transaction, broken, sessions, announces_session_changes, touched }
    }

    /// Marks the cached sessions of a user for invalidation: this unit changes the user or one of the sessions.
    pub(crate) fn touches(&mut self, user: UserId) {
        if !self.touched.contains(&user) {
            self.touched.push(user);
        }
    }

    /// The transaction of this unit.
    pub(crate) fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Lets PostgreSQL plan the next statements of this unit with their values. Without them it expects a purge to remove a
    /// share of the table, and reads all of it.
    pub(crate) async fn plan_with_values(&self) -> Result<(), StoreError> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            self.run(self.transaction.execute_unprepared(PLAN_WITH_VALUES)).await?;
        }
        Ok(())
    }

    /// Runs one statement. After a failed or cancelled statement the unit is unusable: a commit would silently roll
    /// back on PostgreSQL, and write half of the changes on SQLite.
    #[track_caller]
    pub(crate) fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> impl Future<Output = Result<T, Failure>> {
        let span = statement_span(Location::caller());
        let work = async {
            if self.broken.swap(true, Ordering::Relaxed) {
                return Err(Failure::Database(DbErr::Custom("an earlier statement of this unit failed".to_owned())));
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
        if self.announces_session_changes && !self.touched.is_empty() {
            self.run(announce(&self.transaction)).await?;
        }
        let Self { transaction, broken, sessions, touched, .. } = *self;
        if broken.into_inner() {
            return Err(backend("a unit of work with a failed statement cannot be committed"));
        }
        let commit = commit(transaction).instrument(tracing::info_span!(target: "spans", "commit"));
        match sessions {
            Some(sessions) if !touched.is_empty() => {
                // In a separate task: a cancelled request must not leave outdated entries in the cache. The entries are
                // removed even when the outcome of the commit is unknown.
                let commit_and_invalidate = async move {
                    let outcome = commit.await;
                    sessions.invalidate(&touched).await;
                    outcome
                };
                tokio::spawn(commit_and_invalidate)
                    .await
                    .unwrap_or_else(|_| Err(backend("the commit task was cancelled")))
            }
            _ => commit.await,
        }
    }
}

async fn commit(transaction: Transaction) -> Result<(), StoreError> {
    if transaction.get_database_backend() == DbBackend::Sqlite {
        // A file always answers, if slowly. A timeout could report a commit as failed that is written afterwards.
        transaction.commit().await.map_err(|error| Failure::Database(error).into())
    } else {
        in_time(transaction.commit()).await.map_err(StoreError::from)
    }
}
