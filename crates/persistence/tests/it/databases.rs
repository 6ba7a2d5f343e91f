//! A new database for each test, removed afterwards.

use std::{future::Future, panic::resume_unwind, sync::Arc, time::Duration};

use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use sea_orm::DatabaseConnection;
use tempfile::TempDir;
use testkit::postgres::FreshDatabase;

/// Kind of the database of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A database of its own on the server of `TEST_POSTGRES_URL`.
    Postgres,
}

/// A database, empty or migrated.
pub(crate) struct TestDatabase {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    data: Data,
}

enum Data {
    Folder(TempDir),
    Server(FreshDatabase),
}

impl TestDatabase {
    /// Creates an empty database.
    pub(crate) async fn create(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::in_folder(),
            Kind::Postgres => Self::on_server(FreshDatabase::create().await),
        }
    }

    /// Creates a migrated database.
    pub(crate) async fn migrated(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let test = Self::in_folder();
                test.database().migrate().await.unwrap();
                test
            }
            Kind::Postgres => Self::on_server(FreshDatabase::migrated(migrate).await),
        }
    }

    fn in_folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("new/contacts.db").display());
        Self { kind: Kind::Sqlite, url, data: Data::Folder(folder) }
    }

    fn on_server(database: FreshDatabase) -> Self {
        Self { kind: Kind::Postgres, url: database.url.clone(), data: Data::Server(database) }
    }

    /// Removes the database, even when it has connections.
    pub(crate) async fn remove(&self) {
        match &self.data {
            Data::Folder(folder) => std::fs::remove_dir_all(folder.path()).unwrap(),
            Data::Server(database) => database.remove().await,
        }
    }

    /// Opens the database like another process.
    pub(crate) fn database(&self) -> Database {
        self.database_with(4, Duration::from_secs(20))
    }

    pub(crate) fn database_with(&self, max_connections: u32, acquire_timeout: Duration) -> Database {
        database_at(self.url.clone(), max_connections, acquire_timeout)
    }

    /// A store over the migrated database.
    pub(crate) async fn store(&self) -> SqlStore {
        let database = self.database();
        database.migrate().await.unwrap();
        database.open().await.unwrap()
    }

    /// Lets new sessions of PostgreSQL isolate their transactions more strictly, unless they request otherwise.
    pub(crate) async fn isolate_strictly(&self) {
        let stricter = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', \
                        current_database(), 'repeatable read'); END $$";
        testkit::database::execute(&self.url, stricter).await;
    }

    /// Direct access, without the store.
    pub(crate) async fn raw(&self) -> DatabaseConnection {
        sea_orm::Database::connect(self.url.clone()).await.unwrap()
    }
}

/// Runs a test on a new database, and removes the database, also after a panic.
pub(crate) async fn with<Test, Running>(kind: Kind, test: Test)
where
    Test: FnOnce(Arc<TestDatabase>) -> Running,
    Running: Future<Output = ()> + Send + 'static,
{
    let database = Arc::new(TestDatabase::create(kind).await);
    let outcome = tokio::spawn(test(Arc::clone(&database))).await;
    database.remove().await;
    if let Err(error) = outcome {
        resume_unwind(error.into_panic());
    }
}

async fn migrate(url: String) {
    database_at(url, 1, Duration::from_secs(20)).migrate().await.unwrap();
}

fn database_at(url: String, max_connections: u32, acquire_timeout: Duration) -> Database {
    Database::new(DatabaseSettings { url, pooling: Pooling::Session, max_connections, acquire_timeout }).unwrap()
}

/// Makes two tests of each function: on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::databases::with(crate::databases::Kind::Sqlite, super::$test).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::databases::with(crate::databases::Kind::Postgres, super::$test).await;
            })+
        }
    };
}
