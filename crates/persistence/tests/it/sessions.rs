//! Number of rows of sessions.

use std::sync::Arc;

use domain::{
    session::{RefreshToken, SessionQueries as _},
    store::Store as _,
    use_cases::{background::sweep, session::refresh},
};
use sea_orm::{ConnectionTrait as _, Statement};
use testkit::{TestEnvironment, samples};

use crate::databases::TestDatabase;

on_both!(refreshed_session_remains_one_row, sweep_removes_ended_sessions_in_batches);

async fn count(database: &TestDatabase, table: &str) -> i64 {
    let raw = database.raw().await;
    let sql = format!("SELECT count(*) AS n FROM {table}");
    let row = raw.query_one_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap().unwrap();
    let count = row.try_get("", "n").unwrap();
    raw.close().await.unwrap();
    count
}

async fn refreshed_session_remains_one_row(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let session = samples::session(samples::stored_user(&store).await.id);
    let session =
        domain::session::Session { created_at: env.ports.clock.now(), last_used_at: env.ports.clock.now(), ..session };
    let secret = samples::secret();
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &secret.digest()).await.unwrap();
    unit.commit().await.unwrap();
    let mut token = RefreshToken { session: session.id, secret };
    for _ in 0..200 {
        token = refresh(&env.ports, &token.reveal(), &TestEnvironment::client()).await.unwrap().refresh_token;
    }
    assert_eq!(count(&database, "sessions").await, 1);
    for table in ["audit_events", "outbox", "one_time_tokens"] {
        assert_eq!(count(&database, table).await, 0, "{table}");
    }
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.end_sessions_of(session.user).await.unwrap(), 1);
    unit.commit().await.unwrap();
    assert_eq!(store.sessions_of(session.user).await.unwrap(), []);
}

async fn sweep_removes_ended_sessions_in_batches(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let user = samples::stored_user(&store).await.id;
    let mut unit = store.begin().await.unwrap();
    for _ in 0..2_500 {
        unit.insert_session(&samples::session(user), &samples::secret().digest()).await.unwrap();
    }
    assert_eq!(unit.end_sessions_of(user).await.unwrap(), 2_500);
    unit.commit().await.unwrap();
    assert_eq!(count(&database, "sessions").await, 2_500, "ending is a mark, not a removal");
    assert_eq!(sweep(&env.ports).await.unwrap().sessions, 2_500);
    assert_eq!(count(&database, "sessions").await, 0);
}
