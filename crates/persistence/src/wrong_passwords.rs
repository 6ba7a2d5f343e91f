//! Detection of accounts under password guessing.

use domain::time::Timestamp;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

/// Repeats the conditions of the partial indexes literally; with bound values the indexes would not be used. Counting
/// stops at `at_least`.
const USERS_TO_WARN: &str = "
    SELECT users.id FROM users
    WHERE users.email_verified AND (users.warned_at IS NULL OR users.warned_at <= $1)
    AND users.id IN (
        SELECT user_id FROM audit_events WHERE outcome = 'wrong-password' AND user_id IS NOT NULL AND at > $2
    )
    AND (
        SELECT count(*) FROM (
            SELECT 1 AS one FROM audit_events
            WHERE outcome = 'wrong-password' AND user_id IS NOT NULL AND user_id = users.id AND at > $1 LIMIT $3
        ) AS counted
    ) >= $3
    LIMIT $4";

#[derive(FromQueryResult)]
pub(crate) struct UserToWarn {
    pub(crate) id: Uuid,
}

/// Implements [`domain::audit::AuditQueries::users_to_warn`].
pub(crate) fn users_to_warn(
    backend: DbBackend,
    since: Timestamp,
    noticed: Timestamp,
    at_least: u64,
    limit: u64,
) -> Statement {
    let [at_least, limit] = [at_least, limit].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let values = [since.into(), noticed.into(), at_least.into(), limit.into()];
    Statement::from_sql_and_values(backend, USERS_TO_WARN, values)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sea_orm::ConnectionTrait as _;
    use testkit::{postgres::FreshDatabase, samples};

    use super::*;
    use crate::database::{Database, DatabaseSettings, Pooling};

    const INDEXES: [&str; 2] = ["audit_events_wrong_password_at_idx", "audit_events_wrong_password_user_id_idx"];

    /// A thousand users, each with failed login attempts in the last days.
    const CROWD: &str = "
        INSERT INTO users (id, username, email, email_verified, password_hash, locale, timezone, created_at)
        SELECT md5(i::text)::uuid, 'User', i || '@example.com', true, 'hash', 'en', 'UTC', '2026-11-21T12:00:00Z'
        FROM generate_series(1, 1000) AS i;
        INSERT INTO audit_events (id, at, user_id, action, outcome)
        SELECT gen_random_uuid(), '2026-11-21T12:00:00Z'::timestamptz - i * interval '10 seconds',
            md5((1 + i % 1000)::text)::uuid, 'sign-in', 'wrong-password'
        FROM generate_series(1, 50000) AS i;
        ANALYZE";

    async fn plan(url: &str, explain: &str, column: &str, prepare: &str) -> String {
        let acquire_timeout = Duration::from_secs(20);
        let (url, pooling) = (url.to_owned(), Pooling::Session);
        let settings = DatabaseSettings { url, pooling, max_connections: 1, acquire_timeout };
        let database = Database::new(settings).unwrap();
        database.migrate().await.unwrap();
        let store = database.open().await.unwrap();
        let pool = store.pool();
        pool.execute_unprepared(prepare).await.unwrap();
        let (day, noticed) = (chrono::Duration::hours(24), chrono::Duration::minutes(10));
        let (since, noticed) = (samples::now() - day, samples::now() - noticed);
        let mut statement = users_to_warn(pool.get_database_backend(), since, noticed, 10, 100);
        statement.sql = format!("{explain} {}", statement.sql);
        let rows = pool.query_all_raw(statement).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
        store.close().await;
        plan.join("\n")
    }

    #[tokio::test]
    async fn wrong_passwords_are_found_by_their_indexes_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
        let plan = plan(&url, "EXPLAIN QUERY PLAN", "detail", "SELECT 1").await;
        for index in INDEXES {
            assert!(plan.contains(&format!("SEARCH audit_events USING COVERING INDEX {index}")), "{plan}");
        }
        assert!(!plan.contains("SCAN audit_events") && !plan.contains("SCAN users"), "{plan}");
    }

    #[tokio::test]
    async fn wrong_passwords_are_found_by_their_indexes_on_postgres() {
        let fresh = FreshDatabase::create().await;
        let plan = plan(&fresh.url, "EXPLAIN", "QUERY PLAN", CROWD).await;
        // The index of all events by time is as good when most events are wrong passwords.
        let is_by_time = plan.contains(INDEXES[0]) || plan.contains("audit_events_at_idx");
        assert!(is_by_time && plan.contains(INDEXES[1]) && !plan.contains("Seq Scan"), "{plan}");
        fresh.remove().await;
    }
}
