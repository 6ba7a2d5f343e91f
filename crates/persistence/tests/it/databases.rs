//! A new database for each test, removed afterwards.

use std::{future::Future, panic::resume_unwind, sync::Arc, time::Duration};

use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// Kind of the database of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A database of its own on the server of `TEST_POSTGRES_URL`.
    Postgres,
}

/// An empty database.
pub(crate) struct TestDatabase {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    folder: Option<TempDir>,
}

impl TestDatabase {
    /// Makes a new one.
    #[expect(clippy::disallowed_methods, reason = "the name must be new in every process")]
    pub(crate) async fn create(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}?mode=rwc", folder.path().join("new/contacts.db").display());
                Self { kind, url, folder: Some(folder) }
            }
            Kind::Postgres => {
                let name = format!("test_{}", Uuid::now_v7().simple());
                let (server, address) = server().await;
                server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                Self { kind, url: format!("{address}/{name}"), folder: None }
            }
        }
    }

    /// Removes the database, even when it has connections.
    pub(crate) async fn remove(&self) {
        match &self.folder {
            Some(folder) => std::fs::remove_dir_all(folder.path()).unwrap(),
            None => {
                let (_, name) = self.url.rsplit_once('/').unwrap();
                let (server, _) = server().await;
                server.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
            }
        }
    }

    /// Opens the database like another process.
    pub(crate) fn database(&self) -> Database {
        self.database_with(4, Duration::from_secs(20))
    }

    pub(crate) fn database_with(&self, max_connections: u32, acquire_timeout: Duration) -> Database {
        Database::new(DatabaseSettings {
            url: self.url.clone(),
            pooling: Pooling::Session,
            max_connections,
            acquire_timeout,
        })
        .unwrap()
    }

    /// A store over the migrated database.
    pub(crate) async fn store(&self) -> SqlStore {
        let database = self.database();
        database.migrate().await.unwrap();
        database.open().await.unwrap()
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

#[expect(clippy::disallowed_methods, reason = "the developer sets the URL of the server")]
async fn server() -> (DatabaseConnection, String) {
    let url = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run `make test`, which starts a private PostgreSQL");
    let (address, _) = url.rsplit_once('/').unwrap();
    let address = address.to_owned();
    (sea_orm::Database::connect(url).await.unwrap(), address)
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
