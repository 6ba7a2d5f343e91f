//! Separate databases for tests, on the server of `TEST_POSTGRES_URL`.

use sqlx::{Connection as _, Executor as _, PgConnection};

/// An empty database.
pub struct FreshDatabase {
    /// URL of the database.
    pub url: String,
    name: String,
}

impl FreshDatabase {
    /// Creates a database.
    pub async fn create() -> Self {
        let server = server_url();
        let name = format!("test_{}_{}", std::process::id(), crate::samples::unique());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        // Drops a leftover of a killed process with the same id.
        connection.execute(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let (address, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{address}/{name}"), name }
    }

    /// Locks a table, so that all other statements on it wait.
    pub async fn lock_table(&self, table: &str) -> TableLock {
        let (mut holder, watcher) =
            (PgConnection::connect(&self.url).await.unwrap(), PgConnection::connect(&self.url).await.unwrap());
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        holder.execute(sqlx::AssertSqlSafe(lock)).await.unwrap();
        TableLock { holder, watcher }
    }

    /// Returns the number of statements that `pg_sleep` delays in this database.
    pub async fn sleeping(&self) -> i64 {
        let sleeping = "SELECT count(*) FROM pg_stat_activity \
                        WHERE datname = current_database() AND wait_event = 'PgSleep' AND state = 'active'";
        crate::database::number(&self.url, sleeping).await
    }

    /// Deletes the rows of all tables, so that the next case finds the database as after its migration.
    pub async fn delete_rows(&self) {
        let delete = "DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' 
                AND tablename NOT IN ('seaql_migrations', 'sync_epoch')
            LOOP EXECUTE format('DELETE FROM %I', name); END LOOP; END $$";
        crate::database::execute(&self.url, delete).await;
    }

    /// Drops the database, even when it has connections.
    pub async fn remove(self) {
        let mut connection = PgConnection::connect(&server_url()).await.unwrap();
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        connection.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
    }
}

/// A lock on a table, until it is released.
pub struct TableLock {
    holder: PgConnection,
    watcher: PgConnection,
}

impl TableLock {
    /// Returns the number of statements that wait for a lock in this database.
    pub async fn waiting(&mut self) -> i64 {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sqlx::query_scalar(waiting).fetch_one(&mut self.watcher).await.unwrap()
    }

    /// Releases the lock.
    pub async fn release(mut self) {
        self.holder.execute("COMMIT").await.unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "the URL comes from the environment of the test run")]
fn server_url() -> String {
    std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run `make test`, which starts a private PostgreSQL")
}
