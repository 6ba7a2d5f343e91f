//! Rolling restart under load.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::{join, join_all, join3};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{postgres::FreshDatabase, redis::PrivateRedis};

use crate::{
    process::{Process, all_contacts, free_port},
    service::Answer,
};

const CLIENTS: usize = 16;
/// Minimum number of requests in each phase.
const SOME: usize = 100;

/// Sends each request to the next ready replica, over open connections. Never retries.
struct Balancer {
    replicas: [Replica; 2],
    turn: AtomicUsize,
    /// Writes requests; sends none, because it would send some again.
    writer: reqwest::Client,
    client: Client<HttpConnector, Body>,
}

#[derive(Default)]
struct Replica {
    base: String,
    is_ready: AtomicBool,
    has_reported_stopping: AtomicBool,
    sent: AtomicUsize,
}

impl Balancer {
    fn new(bases: [String; 2]) -> Self {
        let client = Client::builder(TokioExecutor::new()).retry_canceled_requests(false).build_http();
        let replicas = bases.map(|base| Replica { base, ..Replica::default() });
        Self { replicas, turn: AtomicUsize::new(0), writer: reqwest::Client::new(), client }
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Answer {
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        let order = [&self.replicas[turn % 2], &self.replicas[(turn + 1) % 2]];
        let ready = order.into_iter().find(|replica| replica.is_ready.load(Ordering::SeqCst));
        let Some(replica) = ready else { panic!("no replica is ready") };
        replica.sent.fetch_add(1, Ordering::SeqCst);
        let request = self.writer.request(method, format!("{}{path}", replica.base)).bearer_auth(token);
        let request = body.into_iter().fold(request, RequestBuilder::json).build().unwrap();
        let answer = self.client.request(request.try_into().unwrap()).await;
        let answer = answer.unwrap_or_else(|error| panic!("a request to {} was lost: {error:?}", replica.base));
        Answer::of(Response::from(answer.map(Body::wrap))).await
    }

    /// Checks repeatedly which replicas are ready.
    async fn watch(&self, stop: &AtomicBool) {
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        while !stop.load(Ordering::SeqCst) {
            join_all(self.replicas.iter().map(|replica| replica.look(&client))).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Replica {
    async fn look(&self, client: &reqwest::Client) {
        let answer = client.get(format!("{}/readyz", self.base)).send().await;
        let is_ready = answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::OK);
        self.is_ready.store(is_ready, Ordering::SeqCst);
        if let Ok(answer) = answer {
            let view: Value = answer.json().await.unwrap_or_default();
            self.has_reported_stopping.fetch_or(view["status"] == "stopping", Ordering::SeqCst);
        }
    }

    /// Waits for more requests.
    async fn wait_until_used(&self) {
        let target = self.sent.load(Ordering::SeqCst) + SOME;
        while self.sent.load(Ordering::SeqCst) < target {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until_ready(&self, is_ready: bool) {
        while self.is_ready.load(Ordering::SeqCst) != is_ready {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Writes and reads until the end. Records the acknowledged contacts.
async fn client(
    number: usize,
    balancer: &Balancer,
    token: &str,
    stored: &Mutex<BTreeMap<String, String>>,
    stop: &AtomicBool,
) {
    for round in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let name = format!("{number}-{round}");
        let body = json!({ "first_name": name });
        let made = balancer.send(Method::POST, "/api/contacts", token, Some(&body)).await.expect(StatusCode::CREATED);
        let id = made.json["id"].as_str().unwrap().to_owned();
        let path = format!("/api/contacts/{id}");
        stored.lock().unwrap().insert(id.clone(), name);
        let read = balancer.send(Method::GET, &path, token, None).await.expect(StatusCode::OK);
        assert_eq!(read.json["id"], id.as_str(), "what was written is read, wherever");
        let renamed = format!("{number}-{round} again");
        let body = json!({ "first_name": renamed });
        balancer.send(Method::PATCH, &path, token, Some(&body)).await.expect(StatusCode::OK);
        stored.lock().unwrap().insert(id, renamed);
        balancer.send(Method::GET, "/api/contacts?limit=3", token, None).await.expect(StatusCode::OK);
    }
}

struct Deployment {
    folder: TempDir,
    database: FreshDatabase,
    redis: PrivateRedis,
}

impl Deployment {
    async fn start(&self, port: &str) -> Process {
        let (database, redis) = (self.database.url.as_str(), self.redis.url());
        let variables = [
            ("PORT", port),
            // Both sign for the same URL.
            ("PUBLIC_URL", "http://localhost:8000"),
            ("DATABASE_URL", database),
            ("REDIS_URL", &redis),
            ("SHUTDOWN_GRACE", "4s"),
            ("RUST_LOG", "info"),
            ("CONTACT_LIMIT", "100000"),
            ("RATE_LIMIT_CONTACTS", "1000000/s"),
            ("RATE_LIMIT_CONTACT_CREATE", "1000000/s"),
            ("RATE_LIMIT_FLOOD", "off"),
        ];
        Process::start_with(&self.folder, "log", &variables).await
    }
}

#[actix_web::test]
async fn rolling_restart_under_load_loses_no_request() {
    let (folder, database) = (tempfile::tempdir().unwrap(), FreshDatabase::create().await);
    let deployment = Deployment { folder, database, redis: PrivateRedis::start().await };
    let ports = [free_port(), free_port()];
    // Both at once: one migrates, the other waits.
    let (first, mut second) = join(deployment.start(&ports[0]), deployment.start(&ports[1])).await;
    let token = first.register_and_sign_in(&deployment.folder, "olena@example.com").await;

    let balancer = Balancer::new([first.base.clone(), second.base.clone()]);
    let (stored, stop, end) = (Mutex::default(), AtomicBool::new(false), AtomicBool::new(false));
    let load = async {
        join_all(balancer.replicas.iter().map(|replica| replica.until_ready(true))).await;
        join_all((0..CLIENTS).map(|number| client(number, &balancer, &token, &stored, &stop))).await;
        end.store(true, Ordering::SeqCst);
    };
    let restart = async {
        let [steady, restarted] = &balancer.replicas;
        restarted.wait_until_used().await;
        second.signal("TERM");
        restarted.until_ready(false).await;
        assert_eq!(second.ended().await.code(), Some(0));
        steady.wait_until_used().await;
        second = deployment.start(&ports[1]).await;
        restarted.until_ready(true).await;
        restarted.wait_until_used().await;
        stop.store(true, Ordering::SeqCst);
    };
    join3(balancer.watch(&end), load, restart).await;

    let restarted = &balancer.replicas[1];
    assert!(restarted.has_reported_stopping.load(Ordering::SeqCst), "it reported the reason of not being ready");
    let stored = stored.into_inner().unwrap();
    assert!(stored.len() > SOME / 2, "{} contacts were made", stored.len());
    assert_eq!(all_contacts(&second.base, &token).await, stored, "nothing acknowledged is lost, nothing done twice");
    drop((first, second));
    deployment.database.remove().await;
}
