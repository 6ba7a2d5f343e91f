//! Two replicas behind PgBouncer, with the settings of `deploy/pgbouncer/pgbouncer.ini`, in both of its modes.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::{join, join_all, join3};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{
    database::execute,
    pgbouncer::{PgBouncer, PoolMode},
    postgres::FreshDatabase,
};
use tokio::time::sleep;

use crate::{
    process::{Process, all_contacts},
    service::Answer,
};

/// Contacts that each client adds.
const ROUNDS: usize = 12;
const CLIENTS: usize = 8;

/// Texts of the statements on contacts that a list and an addition execute. Reindexing executes neither.
const STATEMENTS: [&str; 2] = ["\"owner_id\" = ", "INSERT INTO"];

/// A PgBouncer, its database and the files of its replicas.
struct Pooled {
    folder: TempDir,
    database: FreshDatabase,
    pooler: PgBouncer,
    variable: &'static str,
}

impl Pooled {
    async fn new(mode: PoolMode) -> Self {
        let (folder, database) = (tempfile::tempdir().unwrap(), FreshDatabase::create().await);
        // Two replicas have many more connections, so their transactions take turns in the sessions.
        let (sessions, variable) = match mode {
            PoolMode::Transaction => (3, "transaction"),
            PoolMode::Session => (100, "session"),
        };
        let pooler = PgBouncer::start(mode, &database.url, sessions).await;
        Self { folder, database, pooler, variable }
    }

    async fn replica(&self) -> Process {
        let variables = [
            // Both sign for the same URL.
            ("PUBLIC_URL", "http://localhost:8000"),
            ("DATABASE_URL", self.pooler.url.as_str()),
            ("DATABASE_POOLER", self.variable),
            ("RUST_LOG", "info"),
            ("CONTACT_LIMIT", "100000"),
            ("RATE_LIMIT_CONTACT_CREATE", "off"),
            ("RATE_LIMIT_FLOOD", "off"),
        ];
        Process::start_with(&self.folder, "log", &variables).await
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

/// A user, and the client that sends the requests.
struct User {
    token: String,
    client: reqwest::Client,
}

impl User {
    async fn register(pooled: &Pooled, replica: &Process) -> Self {
        let token = replica.register_and_sign_in(&pooled.folder, "olena@example.com").await;
        Self { token, client: reqwest::Client::new() }
    }

    async fn send(&self, replica: &Process, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.client.request(method, format!("{}{path}", replica.base)).bearer_auth(&self.token);
        let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
        Answer::of(request.send().await.unwrap()).await
    }
}

/// Adds, reads, changes and lists contacts on both replicas, and deletes every third. Returns those that remain.
async fn client(number: usize, replicas: [&Process; 2], user: &User) -> BTreeMap<String, String> {
    let mut stored = BTreeMap::new();
    for round in 0..ROUNDS {
        let [here, there] = [replicas[round % 2], replicas[(round + 1) % 2]];
        let body = json!({ "first_name": format!("{number}-{round}"), "tags": ["pooled"] });
        let added = user.send(here, Method::POST, "/api/contacts", Some(&body)).await.expect(StatusCode::CREATED);
        let id = added.json["id"].as_str().unwrap().to_owned();
        let path = format!("/api/contacts/{id}");
        let read = user.send(there, Method::GET, &path, None).await.expect(StatusCode::OK);
        assert_eq!(read.json["first_name"], body["first_name"]);
        let name = format!("{number}-{round} again");
        let change = json!({ "first_name": name });
        user.send(there, Method::PATCH, &path, Some(&change)).await.expect(StatusCode::OK);
        let list = format!("/api/contacts?q={number}-{round}&limit=2");
        user.send(here, Method::GET, &list, None).await.expect(StatusCode::OK);
        if round % 3 == 0 {
            user.send(here, Method::DELETE, &path, None).await.expect(StatusCode::NO_CONTENT);
            user.send(there, Method::GET, &path, None).await.expect_problem(404, "contact-not-found");
        } else {
            stored.insert(id, name);
        }
    }
    stored
}

async fn two_replicas_work_behind_a_pooler(mode: PoolMode) {
    let pooled = Pooled::new(mode).await;
    // Both at once: one migrates, the other waits.
    let (first, second) = join(pooled.replica(), pooled.replica()).await;
    let user = User::register(&pooled, &first).await;
    let clients = (0..CLIENTS).map(|number| client(number, [&first, &second], &user));
    let stored: BTreeMap<_, _> = join_all(clients).await.into_iter().flatten().collect();
    assert_eq!(stored.len(), CLIENTS * ROUNDS * 2 / 3);
    for replica in [&first, &second] {
        assert_eq!(all_contacts(&replica.base, &user.token).await, stored);
    }
    let log = pooled.log();
    assert!(!log.contains("(code "), "the database reported an error: {log}");
    drop((first, second));
    pooled.database.remove().await;
}

/// A statement and a wait for a lock end at their timeouts, in the database too, and the service goes on.
async fn slow_statements_and_locks_time_out(mode: PoolMode) {
    let pooled = Pooled::new(mode).await;
    let replica = pooled.replica().await;
    let user = User::register(&pooled, &replica).await;
    let body = json!({ "first_name": "Olena" });
    let (list, add) = (
        || user.send(&replica, Method::GET, "/api/contacts", None),
        || user.send(&replica, Method::POST, "/api/contacts", Some(&body)),
    );
    add().await.expect(StatusCode::CREATED);

    let mut lock = pooled.database.lock_table("contacts").await;
    let have_waited = async {
        for statement in STATEMENTS {
            while lock.waiting(statement).await == 0 {
                sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let (listed, added, ()) = join3(list(), add(), have_waited).await;
    listed.expect_problem(503, "unavailable");
    added.expect_problem(503, "unavailable");
    for statement in STATEMENTS {
        assert_eq!(lock.waiting(statement).await, 0, "no statement of a request waits for the lock any more");
    }
    lock.release().await;
    assert!(pooled.log().contains("code 55P03"), "lock_timeout: {}", pooled.log());

    // Reads of the view and inserts into the outbox take a minute.
    let slow = "ALTER TABLE contacts RENAME TO stored_contacts;
        CREATE VIEW contacts AS SELECT stored_contacts.* FROM stored_contacts, pg_sleep(60);
        CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END';
        CREATE TRIGGER sleep BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION sleep()";
    execute(&pooled.database.url, slow).await;
    let forgot = json!({ "email": "olena@example.com" });
    let forgotten = user.send(&replica, Method::POST, "/api/auth/forgot-password", Some(&forgot));
    let seen = async {
        while pooled.database.sleeping().await < 2 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    let (listed, forgotten, ()) = join3(list(), forgotten, seen).await;
    listed.expect_problem(503, "unavailable");
    forgotten.expect_problem(503, "unavailable");
    assert_eq!(pooled.database.sleeping().await, 0, "no statement goes on in the database");
    assert!(pooled.log().contains("code 57014"), "statement_timeout: {}", pooled.log());

    execute(&pooled.database.url, "DROP VIEW contacts; ALTER TABLE stored_contacts RENAME TO contacts").await;
    list().await.expect(StatusCode::OK);
    add().await.expect(StatusCode::CREATED);
    drop(replica);
    pooled.database.remove().await;
}

mod session_mode {
    use super::PoolMode;

    #[actix_web::test]
    async fn two_replicas_work_behind_a_pooler() {
        super::two_replicas_work_behind_a_pooler(PoolMode::Session).await;
    }

    #[actix_web::test]
    async fn slow_statements_and_locks_time_out() {
        super::slow_statements_and_locks_time_out(PoolMode::Session).await;
    }
}

mod transaction_mode {
    use super::PoolMode;

    #[actix_web::test]
    async fn two_replicas_work_behind_a_pooler() {
        super::two_replicas_work_behind_a_pooler(PoolMode::Transaction).await;
    }

    #[actix_web::test]
    async fn slow_statements_and_locks_time_out() {
        super::slow_statements_and_locks_time_out(PoolMode::Transaction).await;
    }
}
