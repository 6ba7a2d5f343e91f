//! Separate databases for tests, on the server of `TEST_POSTGRES_URL`.

use std::{
    future::Future,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// A database of one test.
pub struct FreshDatabase {
    /// URL of the database.
    pub url: String,
    name: String,
}

impl FreshDatabase {
    /// Creates an empty database.
    pub async fn create() -> Self {
        let mut connection = server().await;
        Self::copy_of("template1", &mut connection).await
    }

    /// Creates a copy of a migrated database. The first test of a test program makes the original with `migrate`, which gets
    /// the URL of an empty database and closes its connections.
    pub async fn migrated<Migration>(migrate: impl FnOnce(String) -> Migration) -> Self
    where
        Migration: Future<Output = ()>,
    {
        let original = name_of_original();
        let mut connection = server().await;
        let lock = sqlx::query("SELECT pg_advisory_lock(hashtext($1))").bind(&original);
        lock.execute(&mut connection).await.unwrap();
        let known = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)").bind(&original);
        let is_known: bool = known.fetch_one(&mut connection).await.unwrap();
        if !is_known {
            let new = Self::copy_of("template1", &mut connection).await;
            migrate(new.url).await;
            // It gets its name when it is complete, since a test may be killed meanwhile.
            let rename = format!("ALTER DATABASE {} RENAME TO {original}", new.name);
            connection.execute(AssertSqlSafe(rename)).await.unwrap();
        }
        // The lock ends with the connection.
        Self::copy_of(&original, &mut connection).await
    }

    async fn copy_of(original: &str, connection: &mut PgConnection) -> Self {
        let name = format!("test_{}_{}", std::process::id(), crate::samples::unique());
        // Drops a leftover of a killed process with the same id.
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {original}"))).await.unwrap();
        let server = server_url();
        let (address, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{address}/{name}"), name }
    }

    /// Locks a table, so that all other statements on it wait.
    pub async fn lock_table(&self, table: &str) -> TableLock {
        let (mut holder, watcher) =
            (PgConnection::connect(&self.url).await.unwrap(), PgConnection::connect(&self.url).await.unwrap());
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        holder.execute(AssertSqlSafe(lock)).await.unwrap();
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
    pub async fn remove(&self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        server().await.execute(AssertSqlSafe(drop)).await.unwrap();
    }
}

/// A lock on a table, until it is released.
pub struct TableLock {
    holder: PgConnection,
    watcher: PgConnection,
}

impl TableLock {
    /// Returns the number of statements that wait for a lock in this database and contain a text. The text excludes
    /// the statements of background workers, which may wait too.
    pub async fn waiting(&mut self, text: &str) -> i64 {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock' AND strpos(query, $1) > 0";
        sqlx::query_scalar(waiting).bind(text).fetch_one(&mut self.watcher).await.unwrap()
    }

    /// Releases the lock.
    pub async fn release(mut self) {
        self.holder.execute("COMMIT").await.unwrap();
    }
}

/// Returns the name of the migrated database of this test program. It is another one when the program is built again.
fn name_of_original() -> String {
    let program = std::env::current_exe().unwrap();
    let mut hasher = DefaultHasher::new();
    (&program, program.metadata().unwrap().modified().unwrap()).hash(&mut hasher);
    format!("migrated_{:x}", hasher.finish())
}

async fn server() -> PgConnection {
    PgConnection::connect(&server_url()).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the URL comes from the environment of the test run")]
fn server_url() -> String {
    std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run `make test`, which starts a private PostgreSQL")
}
