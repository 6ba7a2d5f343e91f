//! Every statement on the data of users names their owner, except a few look-ups and sweeps. So a database that is
//! divided by owner answers all others from one part.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::store::Store;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use testkit::{contract::Backend, postgres::FreshDatabase, samples};

use crate::{Database, DatabaseSettings, Pooling, SqlStore, connections::Pool};

/// Tables with the data of users, and the column that names the owner of a row.
const OWNERS: [(&str, &str); 12] = [
    ("users", "id"),
    ("contacts", "owner_id"),
    ("contact_cards", "owner_id"),
    ("group_cards", "owner_id"),
    ("purged_contacts", "owner_id"),
    ("sessions", "user_id"),
    ("app_passwords", "user_id"),
    ("one_time_tokens", "user_id"),
    ("known_devices", "user_id"),
    ("audit_events", "user_id"),
    ("idempotency_keys", "owner_id"),
    ("deleted_accounts", "user_id"),
];

/// Queues of work for all users, invitations of people without account, the epoch of all change numbers, and the table of
/// migrations.
const TABLES_WITHOUT_OWNERS: [&str; 6] =
    ["invitations", "mail_slots", "orphaned_pictures", "outbox", "seaql_migrations", "sync_epoch"];

/// Statements without an owner, each by a part of its text that no other statement has.
const WITHOUT_OWNER: &[(&str, &str)] = &[
    ("sign-in and mails: the user of an e-mail address", "FROM users WHERE users.email = $1"),
    ("sign-in: a known device of an e-mail address", "FROM known_devices INNER JOIN users ON"),
    ("a change of the e-mail address: its user", "FROM users WHERE users.pending_email = $1"),
    ("the link in a mail: its user", "FROM one_time_tokens WHERE one_time_tokens.digest = $1"),
    ("the same: its use", "UPDATE one_time_tokens SET used_at = $1 WHERE one_time_tokens.digest = $2"),
    ("a refresh token: its session", "FROM sessions WHERE sessions.id = $1 AND sessions.ended = $2 LIMIT"),
    ("a request with an app password: its user", "FROM app_passwords INNER JOIN users ON"),
    ("operator: all accounts", "users.contact_count AS contact_count FROM users WHERE TRUE ORDER BY users.id"),
    ("operator: the next accounts", "users.contact_count AS contact_count FROM users WHERE users.id > $1"),
    ("readiness: any user", "SELECT users.id FROM users LIMIT"),
    (
        "sweep: expired sessions",
        "(SELECT sessions.id FROM sessions WHERE sessions.ended = $1 OR sessions.created_at <=",
    ),
    ("sweep: expired app passwords", "FROM app_passwords WHERE app_passwords.expires_at <="),
    ("sweep: expired tokens", "FROM one_time_tokens WHERE one_time_tokens.expires_at <="),
    ("sweep: old events", "FROM audit_events WHERE audit_events.at <="),
    ("sweep: old idempotency keys", "FROM idempotency_keys WHERE idempotency_keys.created_at <="),
    (
        "sweep: old contacts of the trash",
        "FROM contacts WHERE contacts.deleted_at IS NOT NULL AND contacts.deleted_at <",
    ),
    ("sweep: users with many recorded deletions", "count(*) AS records FROM purged_contacts WHERE owner_id >"),
    ("sweep: deleted accounts", "FROM deleted_accounts ORDER BY"),
    ("sweep: unverified users", "WHERE (NOT email_verified) AND users.created_at <="),
    ("sweep: users with many wrong passwords", "WHERE users.email_verified AND (users.warned_at IS NULL"),
    ("repair: the counts of contacts of the next users", "SELECT page.id, page.contact_count"),
    ("after a restore: the next users", "SELECT users.id FROM users WHERE users.id > $1"),
    ("the same: their change numbers", "UPDATE users SET contact_changes = contact_changes + $1 WHERE users.id IN"),
    ("reindexing: outdated contacts", "FROM contacts WHERE (search_version <"),
];

/// Statements without quotation marks.
type Statements = Arc<Mutex<BTreeSet<String>>>;

/// A store that records its statements. Each case gets its database without rows.
#[derive(Clone)]
struct RecordingBackend {
    fresh: Arc<FreshDatabase>,
    store: SqlStore,
    statements: Statements,
}

impl RecordingBackend {
    async fn new() -> Self {
        let fresh = Arc::new(FreshDatabase::create().await);
        let (url, acquire_timeout) = (fresh.url.clone(), Duration::from_secs(20));
        let settings = DatabaseSettings { url, pooling: Pooling::Session, max_connections: 8, acquire_timeout };
        let database = Database::new(settings).unwrap();
        database.migrate().await.unwrap();
        let pool = database.open().await.unwrap().pool().clone();
        let statements = Statements::default();
        let recorded = Arc::clone(&statements);
        let pool = pool.observed(Arc::new(move |statement| {
            recorded.lock().unwrap().insert(statement.sql.replace('"', ""));
        }));
        Self { fresh, store: SqlStore::new(pool, None, acquire_timeout), statements }
    }

    async fn end(self) {
        self.store.close().await;
        self.fresh.remove().await;
    }
}

#[async_trait]
impl Backend for RecordingBackend {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    async fn remove(self: Box<Self>) {
        self.fresh.delete_rows().await;
    }
}

testkit::store_contract!(one_by_one);

/// Returns a table whose rows a statement reads or writes without their owner.
fn table_without_owner(statement: &str) -> Option<&'static str> {
    let words = statement.replace([',', ')'], " ").split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    let count = |pattern: String| words.matches(&pattern).count();
    let by_value = |(table, owner): &(&str, &str)| count(format!("{table}.{owner} = $"));
    let has_value = OWNERS.iter().any(|table| by_value(table) > 0);
    let found = OWNERS.iter().find(|(table, owner)| {
        let uses: usize = ["FROM", "JOIN", "UPDATE", "INTO"].map(|word| count(format!("{word} {table} "))).iter().sum();
        // A join names the owner if the statement has the value for one of its tables.
        let joined =
            count(format!("= {table}.{owner}")) + count(format!("{table}.{owner} = ")) - by_value(&(table, owner));
        let named = by_value(&(table, owner)) + usize::from(is_inserted(statement, table, owner));
        uses > named + if has_value { joined } else { 0 }
    });
    found.map(|(table, _)| *table)
}

/// True when a statement inserts rows with their owner.
fn is_inserted(statement: &str, table: &str, owner: &str) -> bool {
    let columns = statement.split_once(&format!("INSERT INTO {table} (")).and_then(|(_, rest)| rest.split_once(')'));
    columns.is_some_and(|(columns, _)| columns.split(", ").any(|column| column == owner))
}

async fn tables(pool: &Pool) -> BTreeSet<String> {
    let sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let rows = pool.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "tablename").unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_table_has_owners_or_is_known_to_have_none() {
    let backend = RecordingBackend::new().await;
    let known = OWNERS.iter().map(|(table, _)| *table).chain(TABLES_WITHOUT_OWNERS);
    assert_eq!(tables(backend.store.pool()).await, known.map(str::to_owned).collect());
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn statements_name_the_owner_of_their_rows() {
    let backend = RecordingBackend::new().await;
    one_by_one(|| backend.clone()).await;
    backend.store.reindex().await.unwrap();
    let user = samples::stored_user(&backend.store).await;
    let mut unit = backend.store.begin().await.unwrap();
    unit.take_change_numbers(user.id, 0, 1).await.unwrap().unwrap();
    unit.commit().await.unwrap();
    assert_eq!(backend.store.repair_contact_counts().await.unwrap(), 1);
    backend.store.renew_sync_epoch().await.unwrap();
    let statements = backend.statements.lock().unwrap().clone();
    let mut unused: BTreeSet<&str> = WITHOUT_OWNER.iter().map(|(_, part)| *part).collect();
    let mut failures = Vec::new();
    for statement in &statements {
        let Some(table) = table_without_owner(statement) else { continue };
        match WITHOUT_OWNER.iter().find(|(_, part)| statement.contains(part)) {
            Some((_, part)) => drop(unused.remove(part)),
            None => failures.push(format!("{table}: {statement}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(unused.is_empty(), "no statement has: {unused:?}");
    assert!(statements.len() > 100, "{statements:?}");
    backend.end().await;
}
