//! The store fulfils the contract of its ports, on both databases.

use std::sync::Arc;

use async_trait::async_trait;
use domain::store::Store;
use persistence::Database;
use testkit::contract::Backend;

use crate::databases::{Kind, TestDatabase};

/// A migrated database, opened as often as a process has workers.
pub(super) struct SqlBackend {
    test: TestDatabase,
    database: Database,
}

impl SqlBackend {
    async fn new(kind: Kind) -> Self {
        let test = TestDatabase::create(kind).await;
        let database = test.database();
        database.migrate().await.unwrap();
        Self { test, database }
    }
}

#[async_trait]
impl Backend for SqlBackend {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.database.open().await.unwrap())
    }

    async fn remove(self: Box<Self>) {
        self.test.remove().await;
    }
}

async fn sqlite_backend() -> SqlBackend {
    SqlBackend::new(Kind::Sqlite).await
}

async fn postgres_backend() -> SqlBackend {
    SqlBackend::new(Kind::Postgres).await
}

mod sqlite {
    testkit::store_contract!(super::sqlite_backend);
}

mod postgres {
    testkit::store_contract!(super::postgres_backend);
}
