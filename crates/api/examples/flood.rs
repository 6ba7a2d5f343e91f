//! Latency of other routes while login is flooded: `make bench-flood`.
//!
//! One process runs the released service on its own thread, and one client that reads its list of contacts repeatedly.
//! In the second half other clients flood login as fast as they get responses. It fails on an unexpected status: only
//! the flood may get 503.
//!
//! The database is a SQLite file, or on the server of `TEST_POSTGRES_URL` when that is set.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking")]

use std::{
    collections::{BTreeMap, HashMap},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use api::{server, settings::Settings};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::postgres::FreshDatabase;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FLOODING_CLIENTS: usize = 64;
const CONTACTS: usize = 50;
/// Duration and number of reads of the list in each half, whichever ends first.
const LONGEST: Duration = Duration::from_secs(15);
const MOST: usize = 20_000;
/// Time before each half in which connections are opened and caches are filled.
const WARM_UP: Duration = Duration::from_secs(2);
const EMAIL: &str = "olena@example.com";
const PASSWORD: &str = "correct horse battery";

fn main() -> ExitCode {
    // It cannot fail: nothing else has installed a provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = postgres_is_named().then(|| runtime.block_on(FreshDatabase::create()));
    let service = Service::start(database.as_ref());
    let verdict = runtime.block_on(run(&service));
    service.stop();
    if let Some(database) = database {
        runtime.block_on(database.remove());
    }
    verdict
}

#[expect(clippy::disallowed_methods, reason = "the caller sets the server in the environment")]
fn postgres_is_named() -> bool {
    std::env::var_os("TEST_POSTGRES_URL").is_some()
}

async fn run(service: &Service) -> ExitCode {
    let client = Client::new();
    let access_token = prepare(&client, service).await;
    let list = client.get(format!("{}/api/contacts?limit={CONTACTS}", service.base)).bearer_auth(access_token);

    let idle = Latencies::of(&list).await;
    let flood = Flood::begin(&service.base);
    let flooded = Latencies::of(&list).await;
    let answers = flood.end();

    println!("{}, bcrypt cost 12, {FLOODING_CLIENTS} clients flood sign-in", service.database);
    println!("{:<28}{:>10}{:>12}{:>12}{:>12}", "list of contacts", "answers", "p50", "p99", "longest");
    idle.print("idle");
    flooded.print("flooded");
    let ratio = |percent| flooded.at(percent).as_secs_f64() / idle.at(percent).as_secs_f64();
    println!("{:<28}{:>10}{:>11.1}x{:>11.1}x", "ratio", "", ratio(50), ratio(99));
    println!("responses to the flood, by status: {answers:?}");

    let is_sane = answers.keys().all(|status| matches!(status, 200 | 401 | 503));
    // Without both statuses the flood measured nothing.
    let is_flood = [200, 401].iter().all(|status| answers.contains_key(status));
    if is_sane && is_flood { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Service on its own thread.
struct Service {
    base: String,
    database: &'static str,
    folder: TempDir,
    stop: tokio::sync::oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Service {
    fn start(database: Option<&FreshDatabase>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
        let mut variables: HashMap<String, String> =
            ["ME", "CONTACTS", "CONTACT_CREATE", "CONTACT_BATCH", "LOGIN", "MAIL", "REGISTER", "FLOOD"]
                .map(|limit| (format!("RATE_LIMIT_{limit}"), "off".to_owned()))
                .into();
        let secret = "benchmark-only-0123456789abcdefghijklmnopq";
        let url = database.map_or(file, |database| database.url.clone());
        for (name, value) in [("DATABASE_URL", url.as_str()), ("JWT_SECRET", secret), ("PORT", "0")] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        let mut settings = Settings::from_variables(variables).unwrap();
        settings.data_folder = folder.path().join("data");

        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (started, has_started) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let workers = thread::available_parallelism().map_or(2, usize::from);
                let running = server::start(settings, workers).await.unwrap();
                started.send(running.address).unwrap();
                stopped.await.unwrap();
                running.stop().await.unwrap();
            });
        });
        let base = format!("http://{}", has_started.recv().unwrap());
        let database = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        Self { base, database, folder, stop, thread }
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }

    /// The token in the only mail, once it is there.
    async fn token(&self) -> String {
        loop {
            for entry in std::fs::read_dir(self.folder.path().join("data/mail")).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "eml") {
                    let bytes = std::fs::read(path).unwrap();
                    let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
                    let text = mail.body_text(0).unwrap();
                    let (_, token) = text.split_once("token=").unwrap();
                    return token.chars().take_while(char::is_ascii_hexdigit).collect();
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn post(client: &Client, url: String, access_token: &str, body: &Value) -> Value {
    let answer = client.post(url).bearer_auth(access_token).json(body).send().await.unwrap();
    let answer = answer.error_for_status().unwrap();
    answer.json().await.unwrap_or_default()
}

/// Registers a user with contacts; returns the access token.
async fn prepare(client: &Client, service: &Service) -> String {
    let url = |path: &str| format!("{}{path}", service.base);
    let registration = json!({"username": "Олена", "email": EMAIL, "password": PASSWORD});
    post(client, url("/api/auth/register"), "", &registration).await;
    let token = service.token().await;
    post(client, url("/api/auth/verify-email"), "", &json!({ "token": token })).await;
    let pair = post(client, url("/api/auth/login"), "", &json!({"email": EMAIL, "password": PASSWORD})).await;
    let access_token = pair.get("access_token").and_then(Value::as_str).unwrap().to_owned();
    for number in 0..CONTACTS {
        let body = json!({
            "first_name": format!("Їжак {number}"), "last_name": "Ґудзенко", "birthday": "1990-02-28",
            "emails": [{"address": format!("contact{number}@example.com")}],
            "phones": [{"label": "mobile", "number": "+380 67 111-22-33"}], "tags": ["friends"],
        });
        post(client, url("/api/contacts"), &access_token, &body).await;
    }
    access_token
}

/// Latencies, shortest first.
struct Latencies(Vec<Duration>);

impl Latencies {
    /// Sends the request repeatedly, each time after the previous response was read.
    async fn of(request: &reqwest::RequestBuilder) -> Self {
        let _warm = Self::within(request, WARM_UP).await;
        Self::within(request, LONGEST).await
    }

    async fn within(request: &reqwest::RequestBuilder, longest: Duration) -> Self {
        let (begun, mut latencies) = (Instant::now(), Vec::with_capacity(MOST));
        while begun.elapsed() < longest && latencies.len() < MOST {
            let sent = Instant::now();
            let answer = request.try_clone().unwrap().send().await.unwrap();
            assert_eq!(answer.status(), 200, "the list");
            let _body = answer.bytes().await.unwrap();
            latencies.push(sent.elapsed());
        }
        latencies.sort_unstable();
        Self(latencies)
    }

    /// Returns the given percentile.
    fn at(&self, percent: usize) -> Duration {
        let index = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        *self.0.get(index).unwrap()
    }

    fn print(&self, name: &str) {
        let shown = [self.at(50), self.at(99), self.at(100)].map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
        let [half, most, longest] = shown;
        println!("{name:<28}{:>10}{half:>12}{most:>12}{longest:>12}", self.0.len());
    }
}

/// Clients that sign in without a pause, on their own thread.
struct Flood {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<BTreeMap<u16, usize>>,
}

impl Flood {
    fn begin(base: &str) -> Self {
        let (is_over, url) = (Arc::new(AtomicBool::new(false)), format!("{base}/api/auth/login"));
        let over = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut clients = tokio::task::JoinSet::new();
                for number in 0..FLOODING_CLIENTS {
                    clients.spawn(sign_in(url.clone(), number, Arc::clone(&over)));
                }
                let mut answers = BTreeMap::new();
                while let Some(of_one) = clients.join_next().await {
                    for (status, count) in of_one.unwrap() {
                        *answers.entry(status).or_default() += count;
                    }
                }
                answers
            })
        });
        Self { is_over, thread }
    }

    fn end(self) -> BTreeMap<u16, usize> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Signs in until the flood is over; returns the number of responses by status. Every second client uses a wrong
/// password.
async fn sign_in(url: String, number: usize, is_over: Arc<AtomicBool>) -> BTreeMap<u16, usize> {
    let client = Client::new();
    let password = if number.is_multiple_of(2) { PASSWORD } else { "wrong horse battery" };
    let body = json!({"email": EMAIL, "password": password});
    let mut answers = BTreeMap::new();
    while !is_over.load(Ordering::Relaxed) {
        let answer = client.post(&url).json(&body).send().await.unwrap();
        *answers.entry(answer.status().as_u16()).or_default() += 1;
        let _body = answer.bytes().await.unwrap();
    }
    answers
}
