//! Detection of accounts under password guessing.

use chrono::Duration;
use domain::time::Timestamp;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

/// Repeats the condition of the partial index literally; with a bound value the index would not be used. Counting stops at
/// `at_least`.
///
/// No event is as late as `$3`. PostgreSQL plans without the values: it expects a third of all events after one time, and
/// would count the events of every user. Between two times it expects one event in 200.
const USERS_TO_WARN: &str = "
    SELECT users.id FROM users
    WHERE users.email_verified AND (users.warned_at IS NULL OR users.warned_at <= $1)
    AND users.id IN (
        SELECT user_id FROM audit_events
        WHERE outcome = 'wrong-password' AND user_id IS NOT NULL AND at > $2 AND at < $3
    )
    AND (
        SELECT count(*) FROM (
            SELECT 1 AS one FROM audit_events
            WHERE outcome = 'wrong-password' AND user_id IS NOT NULL AND user_id = users.id AND at > $1 LIMIT $4
        ) AS counted
    ) >= $4
    LIMIT $5";

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
    let latest = noticed + Duration::days(365);
    let values = [since.into(), noticed.into(), latest.into(), at_least.into(), limit.into()];
    Statement::from_sql_and_values(backend, USERS_TO_WARN, values)
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;
    use testkit::{postgres::FreshDatabase, samples};

    use super::*;
    use crate::query_plans::{generic_plan, open, sqlite_plan};

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

    fn statement(backend: DbBackend) -> Statement {
        let (since, noticed) = (samples::now() - Duration::hours(24), samples::now() - Duration::minutes(10));
        users_to_warn(backend, since, noticed, 10, 100)
    }

    #[tokio::test]
    async fn wrong_passwords_are_found_by_their_indexes_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
        let (_, pool) = open(&url).await;
        let plan = sqlite_plan(&pool, statement(DbBackend::Sqlite)).await;
        for search in [
            "SEARCH audit_events USING INDEX audit_events_outcome_at_idx (outcome=? AND at>? AND at<?)",
            "SEARCH audit_events USING COVERING INDEX audit_events_wrong_password_user_id_idx",
        ] {
            assert!(plan.contains(search), "{search}: {plan}");
        }
        assert!(!plan.contains("SCAN audit_events") && !plan.contains("SCAN users"), "{plan}");
        pool.close().await;
    }

    #[tokio::test]
    async fn wrong_passwords_are_found_by_their_indexes_on_postgres() {
        let fresh = FreshDatabase::create().await;
        let (_, pool) = open(&fresh.url).await;
        pool.execute_unprepared(CROWD).await.unwrap();
        let plan = generic_plan(&pool, &statement(DbBackend::Postgres)).await;
        let text = plan.to_string();
        for index in ["audit_events_outcome_at_idx", "audit_events_wrong_password_user_id_idx"] {
            assert!(text.contains(index), "{index}: {plan:#}");
        }
        assert!(!text.contains("Seq Scan"), "{plan:#}");
        pool.close().await;
        fresh.remove().await;
    }
}
