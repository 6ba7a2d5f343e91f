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
/// Requests that each phase must at least have seen.
const SOME: usize = 100;

/// Sends each request to the next replica that said it is ready, over connections that it keeps. Retries nothing.
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
    has_said_stopping: AtomicBool,
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

    /// Asks the replicas again and again whether they are ready.
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
            self.has_said_stopping.fetch_or(view["status"] == "stopping", Ordering::SeqCst);
        }
    }

    /// Waits until it has been sent more.
    async fn wait_until_used(&self) {
        let wanted = self.sent.load(Ordering::SeqCst) + SOME;
        while self.sent.load(Ordering::SeqCst) < wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until_ready(&self, is_ready: bool) {
        while self.is_ready.load(Ordering::SeqCst) != is_ready {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Writes and reads until it is told to stop, and remembers what it was told is kept.
async fn client(
    number: usize,
    balancer: &Balancer,
    token: &str,
    kept: &Mutex<BTreeMap<String, String>>,
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
        kept.lock().unwrap().insert(id.clone(), name);
        let read = balancer.send(Method::GET, &path, token, None).await.expect(StatusCode::OK);
        assert_eq!(read.json["id"], id.as_str(), "what was written is read, wherever");
        let renamed = format!("{number}-{round} again");
        let body = json!({ "first_name": renamed });
        balancer.send(Method::PATCH, &path, token, Some(&body)).await.expect(StatusCode::OK);
        kept.lock().unwrap().insert(id, renamed);
        balancer.send(Method::GET, "/api/contacts?limit=3", token, None).await.expect(StatusCode::OK);
    }
}

struct Place {
    folder: TempDir,
    database: FreshDatabase,
    redis: PrivateRedis,
}

impl Place {
    async fn start(&self, port: &str) -> Process {
        let (database, redis) = (self.database.url.as_str(), self.redis.url());
        let variables = [
            ("PORT", port),
            // Both sign for the same address.
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
    let place = Place { folder, database, redis: PrivateRedis::start().await };
    let ports = [free_port(), free_port()];
    // Both at once: the first to come migrates, the other waits.
    let (first, mut second) = join(place.start(&ports[0]), place.start(&ports[1])).await;
    let token = first.register_and_sign_in(&place.folder, "olena@example.com").await;

    let balancer = Balancer::new([first.base.clone(), second.base.clone()]);
    let (kept, stop, end) = (Mutex::default(), AtomicBool::new(false), AtomicBool::new(false));
    let load = async {
        join_all(balancer.replicas.iter().map(|replica| replica.until_ready(true))).await;
        join_all((0..CLIENTS).map(|number| client(number, &balancer, &token, &kept, &stop))).await;
        end.store(true, Ordering::SeqCst);
    };
    let restart = async {
        let [steady, restarted] = &balancer.replicas;
        restarted.wait_until_used().await;
        second.signal("TERM");
        restarted.until_ready(false).await;
        assert_eq!(second.ended().await.code(), Some(0));
        steady.wait_until_used().await;
        second = place.start(&ports[1]).await;
        restarted.until_ready(true).await;
        restarted.wait_until_used().await;
        stop.store(true, Ordering::SeqCst);
    };
    join3(balancer.watch(&end), load, restart).await;

    let restarted = &balancer.replicas[1];
    assert!(restarted.has_said_stopping.load(Ordering::SeqCst), "it said why it was not ready");
    let kept = kept.into_inner().unwrap();
    assert!(kept.len() > SOME / 2, "{} contacts were made", kept.len());
    assert_eq!(all_contacts(&second.base, &token).await, kept, "nothing acknowledged is lost, nothing done twice");
    drop((first, second));
    place.database.remove().await;
}
