//! Processor time of a request in each program that takes part, without a pooler and with one: `make bench-layers`. It
//! also prints the size of a stored contact, and the memory of a session of PostgreSQL. Linux only.
//!
//! Processor time, unlike throughput, hardly depends on what else the machine does.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement fails by panicking"
)]

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::future::join_all;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{
    database,
    pgbouncer::{PgBouncer, PoolMode},
    postgres::FreshDatabase,
};

const CLIENTS: usize = 16;
const READS: usize = 4000;
/// Few, because a user has few contacts.
const CREATIONS: usize = 800;
const CONTACTS: usize = 50;
const PASSWORD: &str = "correct horse battery";
/// Ticks of a second in `/proc/PID/stat` (`USER_HZ`).
const TICKS_PER_SECOND: u64 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let binary = PathBuf::from(std::env::args_os().nth(1).expect("the argument is the binary of the service"));
    let binary = binary.canonicalize().expect("the binary exists");
    println!("{:<22}{:<12}{:>10}{:>10}{:>12}{:>10}", "way", "request", "service", "pooler", "PostgreSQL", "response");
    for (way, mode) in [
        ("no pooler", None),
        ("pooler: session", Some(PoolMode::Session)),
        ("pooler: transaction", Some(PoolMode::Transaction)),
    ] {
        measure(way, mode, &binary).await;
    }
}

async fn measure(way: &str, mode: Option<PoolMode>, binary: &Path) {
    let (database, folder) = (FreshDatabase::create().await, tempfile::tempdir().unwrap());
    let pooler = match mode {
        Some(mode) => Some(PgBouncer::start(mode, &database.url, 20).await),
        None => None,
    };
    let url = pooler.as_ref().map_or(&database.url, |pooler| &pooler.url);
    let pooling = if mode == Some(PoolMode::Transaction) { "transaction" } else { "session" };
    let mut service = Service::start(binary, folder, url, pooling).await;
    let id = service.prepare().await;
    let server = Server::of(&database.url);
    let programs = || {
        let pooler = pooler.as_ref().map_or(0, |pooler| ticks(pooler.process_id()).own);
        [ticks(service.child.id()).own, pooler, server.ticks()]
    };
    for (name, times, request) in service.requests(&id) {
        send(&request, times / 10).await;
        let before = programs();
        let bytes = send(&request, times).await;
        let after = programs();
        let [in_service, in_pooler, in_server] = [0, 1, 2].map(|layer| {
            let micros = (after[layer] - before[layer]) * 1_000_000 / TICKS_PER_SECOND / times as u64;
            format!("{micros} us")
        });
        println!("{way:<22}{name:<12}{in_service:>10}{in_pooler:>10}{in_server:>12}{bytes:>8} B");
    }
    let size = "SELECT pg_total_relation_size('contacts') / count(*) FROM contacts";
    println!("{way:<22}a contact with its indexes: {} bytes", database::number(&database.url, size).await);
    println!("{way:<22}a session of PostgreSQL: {} KiB of its own memory", server.session_memory());
    drop((service, pooler));
    database.remove().await;
}

/// Sends a request many times, by several clients at once. Returns the size of a response.
async fn send(request: &RequestBuilder, times: usize) -> usize {
    let client = || async {
        let mut bytes = 0;
        for _ in 0..times / CLIENTS {
            let response = request.try_clone().unwrap().send().await.unwrap();
            bytes = response.error_for_status().unwrap().bytes().await.unwrap().len();
        }
        bytes
    };
    join_all((0..CLIENTS).map(|_| client())).await[0]
}

/// Process of the service, with a client for it.
struct Service {
    child: Child,
    base: String,
    client: Client,
    folder: TempDir,
    access_token: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    async fn start(binary: &Path, folder: TempDir, url: &str, pooling: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let limits = ["ME", "CONTACTS", "CONTACT_CREATE", "CONTACT_BATCH", "LOGIN", "MAIL", "REGISTER", "FLOOD"];
        let child = Command::new(binary)
            .current_dir(folder.path())
            .env_clear()
            .envs([("JWT_SECRET", "bench-only-0123456789abcdefghijklmnopqrstuvwxyz"), ("PORT", port.as_str())])
            .envs([("DATABASE_URL", url), ("DATABASE_POOLER", pooling)])
            .envs([("BCRYPT_COST", "10"), ("RUST_LOG", "error"), ("CONTACT_LIMIT", "1000000")])
            .envs(limits.map(|name| (format!("RATE_LIMIT_{name}"), "off")))
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let base = format!("http://127.0.0.1:{port}");
        let service = Self { child, base, client: Client::new(), folder, access_token: String::new() };
        while service.client.get(format!("{}/healthz", service.base)).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        service
    }

    /// Registers a user with contacts. Returns the id of one of them.
    async fn prepare(&mut self) -> String {
        let email = "olena@example.com";
        self.post("/api/auth/register", json!({"username": "Олена", "email": email, "password": PASSWORD})).await;
        let token = loop {
            if let Some(token) = self.mailed_token() {
                break token;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        self.post("/api/auth/verify-email", json!({ "token": token })).await;
        let pair = self.post("/api/auth/login", json!({"email": email, "password": PASSWORD})).await;
        self.access_token = pair["access_token"].as_str().unwrap().to_owned();
        let mut id = String::new();
        for number in 0..CONTACTS {
            let contact = self.post("/api/contacts", contact(number)).await;
            id = contact["id"].as_str().unwrap().to_owned();
        }
        id
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let response = self.request(Method::POST, path).json(&body).send().await.unwrap();
        response.error_for_status().unwrap().json().await.unwrap_or_default()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.access_token)
    }

    fn mailed_token(&self) -> Option<String> {
        let entry = fs::read_dir(self.folder.path().join("data/mail")).ok()?.next()?;
        let bytes = fs::read(entry.ok()?.path()).ok()?;
        let mail = mail_parser::MessageParser::default().parse(&bytes)?;
        let text = mail.body_text(0)?.into_owned();
        let (_, rest) = text.split_once("token=")?;
        Some(rest.chars().take_while(char::is_ascii_hexdigit).collect())
    }

    /// The measured requests. The last one adds contacts, which would change the cost of the others.
    fn requests(&self, id: &str) -> [(&'static str, usize, RequestBuilder); 5] {
        let get = |path: &str| self.request(Method::GET, path);
        [
            ("profile", READS, get("/api/me")),
            ("one contact", READS, get(&format!("/api/contacts/{id}"))),
            ("list of 50", READS, get("/api/contacts?limit=50")),
            ("search", READS, get("/api/contacts?q=contact17")),
            ("create", CREATIONS, self.request(Method::POST, "/api/contacts").json(&contact(0))),
        ]
    }
}

fn contact(number: usize) -> Value {
    json!({
        "first_name": format!("Їжак {number}"), "last_name": "Ґудзенко", "birthday": "1990-02-28",
        "emails": [{"address": format!("contact{number}@example.com")}],
        "phones": [{"label": "mobile", "number": "+380 67 111-22-33"}], "tags": ["friends"],
    })
}

/// The processes of a PostgreSQL.
struct Server {
    /// The process that starts the others.
    parent: u32,
    database: String,
}

impl Server {
    /// Finds the server by a session of that database.
    fn of(url: &str) -> Self {
        let database = url.rsplit_once('/').unwrap().1.to_owned();
        let session = sessions(&database).next().expect("the service is connected");
        Self { parent: parent(session).expect("the session is alive"), database }
    }

    fn ticks(&self) -> u64 {
        let children = processes().filter(|process| parent(*process) == Some(self.parent));
        let Ticks { own, ended_children } = ticks(self.parent);
        own + ended_children + children.map(|child| ticks(child).own).sum::<u64>()
    }

    /// Returns the memory in KiB that a session shares with no other process, on average.
    fn session_memory(&self) -> u64 {
        let sizes: Vec<u64> = sessions(&self.database).map(private_memory).collect();
        sizes.iter().sum::<u64>() / sizes.len() as u64
    }
}

/// Processor time of a process.
#[derive(Default)]
struct Ticks {
    own: u64,
    ended_children: u64,
}

fn processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The sessions of a database of PostgreSQL, which have its name in their command lines.
fn sessions(database: &str) -> impl Iterator<Item = u32> {
    processes().filter(move |process| {
        let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        line.starts_with("postgres: ") && line.split(' ').any(|word| word == database)
    })
}

/// Returns the fields after the name of the program in `/proc/PID/stat`. `None` when the process has ended.
fn stat(process: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn parent(process: u32) -> Option<u32> {
    stat(process)?.get(1)?.parse().ok()
}

fn ticks(process: u32) -> Ticks {
    let Some(fields) = stat(process) else { return Ticks::default() };
    let number = |index: usize| fields[index].parse::<u64>().unwrap();
    Ticks { own: number(11) + number(12), ended_children: number(13) + number(14) }
}

fn private_memory(process: u32) -> u64 {
    let memory = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap();
    let private = memory.lines().filter(|line| line.starts_with("Private_"));
    private.map(|line| line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()).sum()
}
