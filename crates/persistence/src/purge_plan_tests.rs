//! Query plan tests of the purges: each finds its rows by an index, and deletes them by their keys. Only the purge of sessions
//! reads its whole table: the migration has the reason. `contacts/query_plan_tests.rs` has the purges of contacts.

use std::{
    mem::take,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    account::OneTimeTokenRepository as _,
    app_password::AppPasswordRepository as _,
    audit::{AuditOutcome, AuditTrail as _},
    idempotency::IdempotencyKeys as _,
    ids::UserId,
    mail::OutboxRepository as _,
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use testkit::{postgres::FreshDatabase, samples};

use crate::{
    connections::Pool,
    query_plans::{open, plan_with_values, sqlite_plan},
    store::SqlStore,
    unit::SqlUnit,
};

/// The table of each purge, and the index by which it finds its rows.
const PURGES: [(&str, &str); 7] = [
    ("app_passwords", "app_passwords_expires_at_idx"),
    ("one_time_tokens", "one_time_tokens_expires_at_idx"),
    ("audit_events", "audit_events_outcome_at_idx"),
    ("audit_events", "audit_events_user_id_id_idx"),
    ("outbox", "outbox_due_at_idx"),
    ("idempotency_keys", "idempotency_keys_created_at_idx"),
    ("mail_slots", "mail_slots_taken_at_idx"),
];

/// Rows of a user in each table, one a minute. Every thousandth mail is parked.
const ROWS: &str = "
    CREATE TEMPORARY TABLE minutes AS
        SELECT i, timestamptz '2026-11-21T12:00:00Z' + i * interval '1 minute' AS at, decode(md5(i::text), 'hex') AS bytes,
            (SELECT id FROM users LIMIT 1) AS owner
        FROM generate_series(1, 20000) AS i;
    INSERT INTO app_passwords (user_id, id, name, scopes, digest, created_at, expires_at)
        SELECT owner, gen_random_uuid(), 'Phone', 'carddav', bytes, at, at FROM minutes;
    INSERT INTO one_time_tokens (digest, purpose, user_id, address, expires_at)
        SELECT bytes, 'verify_email', owner, 'olena@example.com', at FROM minutes;
    INSERT INTO audit_events (id, at, user_id, action, outcome)
        SELECT gen_random_uuid(), at, md5((i % 2000)::text)::uuid, 'sign-in',
            CASE i % 2 WHEN 0 THEN 'success' ELSE 'wrong-password' END
        FROM minutes;
    INSERT INTO outbox (id, kind, address, to_unverified, requested_at, attempts, due_at)
        SELECT gen_random_uuid(), 'verify_email', 'olena@example.com', false, at, 0,
            CASE i % 1000 WHEN 0 THEN NULL ELSE at END
        FROM minutes;
    INSERT INTO idempotency_keys (owner_id, key_hash, fingerprint, contact_ids, created_at)
        SELECT owner, bytes, bytes, bytes, at FROM minutes;
    INSERT INTO mail_slots (address_hash, slot, mail_id, taken_at)
        SELECT bytes, 0, gen_random_uuid(), at FROM minutes;
    ANALYZE";

type Statements = Arc<Mutex<Vec<Statement>>>;

/// A store whose statements are recorded.
fn recorded(pool: &Pool) -> (SqlStore, Statements) {
    let statements = Statements::default();
    let recorder = Arc::clone(&statements);
    let observed = pool.clone().observed(Arc::new(move |statement: &Statement| {
        recorder.lock().unwrap().push(statement.clone());
    }));
    let writers = pool.is_sqlite().then(Arc::default);
    (SqlStore::new(observed, writers, Duration::from_secs(20)), statements)
}

/// Runs the purge that uses this index.
async fn purge(unit: &mut SqlUnit, index: &str) {
    let (until, limit) = (samples::now() + chrono::Duration::minutes(10), 1000);
    let purged = match index {
        "app_passwords_expires_at_idx" => unit.purge_app_passwords(until, limit).await,
        "one_time_tokens_expires_at_idx" => unit.purge_one_time_tokens(until, limit).await,
        "audit_events_outcome_at_idx" => unit.purge_audit_events(until, AuditOutcome::WrongPassword, limit).await,
        "audit_events_user_id_id_idx" => unit.purge_audit_events_of(UserId(samples::id()), limit).await,
        "outbox_due_at_idx" => unit.purge_parked_mails(until, limit).await,
        "idempotency_keys_created_at_idx" => unit.purge_idempotency_keys(until, limit).await,
        "mail_slots_taken_at_idx" => unit.purge_mail_slots(until, limit).await,
        _ => panic!("no purge uses {index}"),
    };
    purged.unwrap();
}

/// Returns the statement of a purge, which is rolled back.
async fn statement_of(store: &SqlStore, statements: &Statements, index: &str) -> Statement {
    let mut unit = store.begin_unit().await.unwrap();
    purge(&mut unit, index).await;
    let mut run = take(&mut *statements.lock().unwrap());
    assert_eq!(run.len(), 1, "{index}: {run:?}");
    if unit.transaction().get_database_backend() == DbBackend::Postgres {
        let mode = Statement::from_string(DbBackend::Postgres, "SELECT current_setting('plan_cache_mode')");
        let row = unit.transaction().query_one_raw(mode).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "force_custom_plan", "{index}");
        statements.lock().unwrap().clear();
    }
    run.remove(0)
}

#[tokio::test]
async fn purges_use_indexes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let (_, pool) = open(&url).await;
    let (store, statements) = recorded(&pool);
    for (table, index) in PURGES {
        let statement = statement_of(&store, &statements, index).await;
        let plan = sqlite_plan(&pool, statement).await;
        assert!(plan.contains(&format!("INDEX {index} (")), "{index}: {plan}");
        assert!(!plan.contains(&format!("SCAN {table}")), "{index}: {plan}");
    }
    pool.close().await;
}

#[tokio::test]
async fn purges_use_indexes_on_postgres() {
    let fresh = FreshDatabase::create().await;
    let (_, pool) = open(&fresh.url).await;
    let (store, statements) = recorded(&pool);
    samples::stored_user(&store).await;
    pool.execute_unprepared(ROWS).await.unwrap();
    statements.lock().unwrap().clear();
    for (_, index) in PURGES {
        let statement = statement_of(&store, &statements, index).await;
        let plan = plan_with_values(&pool, statement).await;
        let text = plan.to_string();
        assert!(text.contains(index) && !text.contains("Seq Scan"), "{index}: {plan:#}");
    }
    pool.close().await;
    fresh.remove().await;
}
