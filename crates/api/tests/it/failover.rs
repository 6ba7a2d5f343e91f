//! The primary of a PostgreSQL is killed under load, and its standby takes over at the same address.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{
    pgbouncer::{PgBouncer, PoolMode},
    postgres_pair::PostgresPair,
};

use crate::{
    process::{Process, all_contacts},
    service::Answer,
};

const CLIENTS: usize = 8;
/// Answers of a kind that each phase waits for.
const SOME: usize = 200;

/// Clients of a service, and its answers to all of them.
#[derive(Default)]
struct Answers {
    client: reqwest::Client,
    /// Acknowledged contacts: id and name.
    stored: Mutex<BTreeMap<String, String>>,
    written: AtomicUsize,
    read: AtomicUsize,
    unavailable: AtomicUsize,
    stop: AtomicBool,
}

impl Answers {
    /// Waits for more answers of one kind.
    async fn more(&self, kind: &AtomicUsize) {
        let target = kind.load(Ordering::SeqCst) + SOME;
        while kind.load(Ordering::SeqCst) < target {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn start(folder: &TempDir, url: &str, pooler: &str) -> Process {
    let variables = [
        ("DATABASE_URL", url),
        ("DATABASE_POOLER", pooler),
        ("RUST_LOG", "info"),
        ("CONTACT_LIMIT", "1000000"),
        ("RATE_LIMIT_CONTACT_CREATE", "off"),
        ("RATE_LIMIT_REGISTER", "off"),
        ("RATE_LIMIT_FLOOD", "off"),
    ];
    Process::start_with(folder, "log", &variables).await
}

/// Sends a request. `None` when the service is unavailable; every other failure ends the test.
async fn send(
    service: &Process,
    answers: &Answers,
    method: Method,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> Option<Answer> {
    let request = answers.client.request(method, format!("{}{path}", service.base)).bearer_auth(token);
    let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
    let answer = Answer::of(request.send().await.unwrap()).await;
    if answer.status == StatusCode::SERVICE_UNAVAILABLE {
        answer.expect_problem(503, "unavailable");
        answers.unavailable.fetch_add(1, Ordering::SeqCst);
        return None;
    }
    Some(answer)
}

/// Adds contacts and reads them again until the end.
async fn client(number: usize, service: &Process, token: &str, answers: &Answers) {
    for round in 0.. {
        if answers.stop.load(Ordering::SeqCst) {
            return;
        }
        let name = format!("{number}-{round}");
        let body = json!({ "first_name": name });
        let added = send(service, answers, Method::POST, "/api/contacts", token, Some(&body)).await;
        let Some(added) = added else { continue };
        let id = added.expect(StatusCode::CREATED).json["id"].as_str().unwrap().to_owned();
        answers.stored.lock().unwrap().insert(id.clone(), name);
        answers.written.fetch_add(1, Ordering::SeqCst);
        let read = send(service, answers, Method::GET, &format!("/api/contacts/{id}"), token, None).await;
        if let Some(read) = read {
            read.expect(StatusCode::OK);
            answers.read.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Kills the primary under load. The service has that URL.
async fn no_acknowledged_write_is_lost(pair: &mut PostgresPair, url: &str, pooler: &str) {
    let folder = tempfile::tempdir().unwrap();
    let service = start(&folder, url, pooler).await;
    let token = service.register_and_sign_in(&folder, "olena@example.com").await;
    let answers = Answers::default();
    let load = join_all((0..CLIENTS).map(|number| client(number, &service, &token, &answers)));
    let failover = async {
        answers.more(&answers.written).await;
        pair.kill_primary();
        answers.more(&answers.unavailable).await;
        pair.promote_standby().await;
        answers.more(&answers.written).await;
        answers.more(&answers.read).await;
        answers.stop.store(true, Ordering::SeqCst);
    };
    join(load, failover).await;

    let stored = answers.stored.into_inner().unwrap();
    let found = all_contacts(&service.base, &token).await;
    let lost: Vec<_> = stored.iter().filter(|(id, name)| found.get(*id) != Some(name)).collect();
    assert!(lost.is_empty(), "of {} acknowledged contacts are lost: {lost:?}", stored.len());
    // The workers have recovered too: a new user gets a mail.
    std::fs::remove_dir_all(folder.path().join("data/mail")).unwrap();
    service.register_and_sign_in(&folder, "petro@example.com").await;
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("(code 25006)"), "a write met the read-only standby: {log}");
    assert!(!log.contains("code=\"internal\""), "{log}");
}

#[actix_web::test]
async fn no_acknowledged_write_is_lost_when_the_primary_is_killed() {
    let mut pair = PostgresPair::start().await;
    let url = pair.url();
    no_acknowledged_write_is_lost(&mut pair, &url, "session").await;
}

#[actix_web::test]
async fn no_acknowledged_write_is_lost_behind_a_pooler() {
    let mut pair = PostgresPair::start().await;
    let pooler = PgBouncer::start(PoolMode::Transaction, &pair.url(), 6).await;
    no_acknowledged_write_is_lost(&mut pair, &pooler.url, "transaction").await;
}

#[actix_web::test]
async fn a_commit_that_the_standby_lacks_is_not_acknowledged() {
    let mut pair = PostgresPair::start().await;
    let folder = tempfile::tempdir().unwrap();
    let service = start(&folder, &pair.url(), "session").await;
    let token = service.register_and_sign_in(&folder, "olena@example.com").await;
    pair.stop_standby();
    let (answers, body) = (Answers::default(), json!({ "first_name": "Petro" }));
    let added = send(&service, &answers, Method::POST, "/api/contacts", &token, Some(&body)).await;
    assert!(added.is_none(), "{added:?}");
    pair.start_standby().await;
    while send(&service, &answers, Method::POST, "/api/contacts", &token, Some(&body)).await.is_none() {}
}
