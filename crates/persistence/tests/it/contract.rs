//! The store fulfils the contract of its ports, on both databases, also with a session cache, and behind a pooler.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::store::Store;
use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use testkit::{
    contract::Backend,
    fakes::FrozenClock,
    pgbouncer::{PgBouncer, PoolMode},
    postgres::FreshDatabase,
    session_cache::FakeSessionCache,
};

use crate::databases::{Kind, TestDatabase};

/// A migrated database, opened as often as a process has workers.
pub(super) struct SqlBackend {
    test: TestDatabase,
    database: Database,
    has_session_cache: bool,
}

impl SqlBackend {
    async fn new(kind: Kind) -> Self {
        let test = TestDatabase::migrated(kind).await;
        let database = test.database();
        Self { test, database, has_session_cache: false }
    }

    async fn cached(kind: Kind) -> Self {
        let Self { test, database, .. } = Self::new(kind).await;
        // No entry expires, because the clock does not advance.
        let cache = FakeSessionCache::new(Arc::new(FrozenClock::default()), Duration::from_secs(60));
        Self { test, database: database.with_session_cache(Arc::new(cache)), has_session_cache: true }
    }
}

#[async_trait]
impl Backend for SqlBackend {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.database.open().await.unwrap())
    }

    fn has_session_cache(&self) -> bool {
        self.has_session_cache
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

async fn cached_sqlite_backend() -> SqlBackend {
    SqlBackend::cached(Kind::Sqlite).await
}

async fn cached_postgres_backend() -> SqlBackend {
    SqlBackend::cached(Kind::Postgres).await
}

/// A store behind a pooler in transaction mode. Each case gets its database without rows.
struct PooledBackend {
    store: SqlStore,
    direct: Arc<FreshDatabase>,
}

#[async_trait]
impl Backend for PooledBackend {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    async fn remove(self: Box<Self>) {
        self.direct.delete_rows().await;
    }
}

mod sqlite {
    testkit::store_contract!(super::sqlite_backend);
}

mod postgres {
    testkit::store_contract!(super::postgres_backend);
}

mod cached_sqlite {
    testkit::store_contract!(super::cached_sqlite_backend);
}

mod cached_postgres {
    testkit::store_contract!(super::cached_postgres_backend);
}

testkit::store_contract!(one_by_one);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_case_passes_behind_a_transaction_pooler() {
    let direct = Arc::new(FreshDatabase::create().await);
    // Fewer sessions than the store has connections.
    let pooler = PgBouncer::start(PoolMode::Transaction, &direct.url, 6).await;
    let settings = DatabaseSettings {
        url: pooler.url.clone(),
        pooling: Pooling::Transaction,
        max_connections: 12,
        acquire_timeout: Duration::from_secs(20),
    };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    let store = database.open().await.unwrap();
    one_by_one(|| PooledBackend { store: store.clone(), direct: Arc::clone(&direct) }).await;
    store.close().await;
    direct.remove().await;
}
