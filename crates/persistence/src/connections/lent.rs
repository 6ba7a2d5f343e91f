//! A connection that the pool lends.

use std::time::Duration;

use deadpool::managed::Object;
use sea_orm::{DbErr, ExecResult, QueryResult, Statement};
use tokio::{runtime::Handle, sync::OwnedMutexGuard, time::timeout};

use super::{Connection, Connector, connection::driver};

/// Maximum time for the end of cancelled work. The statements of PostgreSQL have a shorter timeout.
const RESET_TIMEOUT: Duration = Duration::from_secs(12);

/// Work that a connection may not have finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    None,
    /// A statement that failed or was cancelled.
    Statement,
    /// A transaction that was not committed.
    Transaction,
}

/// A connection that the pool lends. It returns when this is dropped. With unfinished work it returns later: when a
/// cancelled statement has ended, or the transaction is rolled back. If that fails, it is closed.
pub(crate) struct Lent {
    /// Taken when it is dropped.
    object: Option<Object<Connector>>,
    /// True when the server remembers prepared statements under a name.
    is_named: bool,
    work: Work,
    /// The write lock of SQLite, for a writer. The next writer gets it when this connection has returned.
    write_lock: Option<OwnedMutexGuard<()>>,
    #[cfg(test)]
    observer: Option<Observer>,
}

/// Function that is called with each prepared statement.
#[cfg(test)]
pub(crate) type Observer = std::sync::Arc<dyn Fn(&Statement) + Send + Sync>;

impl Lent {
    pub(super) fn new(object: Object<Connector>, is_named: bool, write_lock: Option<OwnedMutexGuard<()>>) -> Self {
        Self {
            object: Some(object),
            is_named,
            work: Work::None,
            write_lock,
            #[cfg(test)]
            observer: None,
        }
    }

    /// Begins a transaction. What is dropped before it ends is rolled back.
    pub(super) async fn begin(&mut self, statement: &str) -> Result<(), DbErr> {
        self.work = Work::Transaction;
        self.connection()?.execute_unprepared(statement).await.map(drop)
    }

    /// Ends the work. Commits the transaction, if one has begun.
    pub(super) async fn end(&mut self) -> Result<(), DbErr> {
        if self.work == Work::Transaction {
            self.connection()?.execute_unprepared("COMMIT").await?;
            self.work = Work::None;
        }
        Ok(())
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        #[cfg(test)]
        self.observe(&statement);
        let (before, is_named) = (self.start(), self.is_named);
        let result = self.connection()?.execute(statement, is_named).await;
        self.finish(before, result)
    }

    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let before = self.start();
        let result = self.connection()?.execute_unprepared(sql).await;
        self.finish(before, result)
    }

    pub(crate) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        #[cfg(test)]
        self.observe(&statement);
        let (before, is_named) = (self.start(), self.is_named);
        let result = self.connection()?.query_one(statement, is_named).await;
        self.finish(before, result)
    }

    pub(super) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        #[cfg(test)]
        self.observe(&statement);
        let (before, is_named) = (self.start(), self.is_named);
        let result = self.connection()?.query_all(statement, is_named).await;
        self.finish(before, result)
    }

    /// Notes that a statement runs. Returns the work before it.
    fn start(&mut self) -> Work {
        let before = self.work;
        self.work = std::cmp::max(before, Work::Statement);
        before
    }

    /// Notes that a statement has ended. One that failed may still run.
    fn finish<T>(&mut self, before: Work, result: Result<T, DbErr>) -> Result<T, DbErr> {
        match &result {
            Ok(_) => self.work = before,
            Err(error) => {
                if let Some(pool) = self.object.as_ref().and_then(Object::pool) {
                    pool.manager().check(error);
                }
            }
        }
        result
    }

    #[cfg(test)]
    pub(super) fn observed_by(mut self, observer: Option<&Observer>) -> Self {
        self.observer = observer.cloned();
        self
    }

    #[cfg(test)]
    fn observe(&self, statement: &Statement) {
        if let Some(observer) = &self.observer {
            observer(statement);
        }
    }

    fn connection(&mut self) -> Result<&mut Connection, DbErr> {
        self.object.as_deref_mut().ok_or_else(|| driver(sqlx::Error::PoolClosed))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else { return };
        let work = self.work;
        if work == Work::None {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            drop(Object::take(object));
            return;
        };
        let write_lock = self.write_lock.take();
        runtime.spawn(async move {
            let reset = timeout(RESET_TIMEOUT, reset(&mut object, work)).await;
            if reset.is_ok_and(|reset| reset.is_ok()) {
                drop(object);
            } else {
                drop(Object::take(object));
            }
            drop(write_lock);
        });
    }
}

async fn reset(connection: &mut Connection, work: Work) -> Result<(), DbErr> {
    match work {
        Work::Transaction => connection.execute_unprepared("ROLLBACK").await.map(drop),
        Work::None | Work::Statement => connection.ping().await.map_err(driver),
    }
}
