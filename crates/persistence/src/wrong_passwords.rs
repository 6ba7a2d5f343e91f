//! Whose passwords are being tried.

use domain::time::Instant;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

/// The words of the indexes are repeated, since a bound value would not be recognised by them. Counting ends at the
/// number that is asked for, however many there are.
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

/// See [`domain::audit::AuditQueries::users_to_warn`].
pub(crate) fn users_to_warn(
    backend: DbBackend,
    since: Instant,
    noticed: Instant,
    at_least: u64,
    limit: u64,
) -> Statement {
    let [at_least, limit] = [at_least, limit].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let values = [since.into(), noticed.into(), at_least.into(), limit.into()];
    Statement::from_sql_and_values(backend, USERS_TO_WARN, values)
}
