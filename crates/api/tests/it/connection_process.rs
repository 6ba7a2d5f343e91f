//! The binary with 1,024 descriptors under attack by one client.

use std::fs;

use reqwest::StatusCode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    connections::{connect_from, is_served},
    process::Process,
    service::Answer,
};

const DESCRIPTORS: u32 = 1024;
const MIB: usize = 1024 * 1024;

/// Returns the peak memory of the process.
fn peak_memory(process: &Process) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// This test opens more descriptors than shells allow by default.
fn raise_own_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}

/// Opens connections of one client that send a text, and then neither write nor read.
async fn hold(process: &Process, connections: usize, request: &str) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..connections {
        let mut stream = connect_from("127.0.0.1", &process.base).await;
        // The service may close a connection at once: that is what is tested.
        let _ = stream.write_all(request.as_bytes()).await;
        held.push(stream);
    }
    held
}

async fn others_are_served(process: &Process) {
    connections_of_others_are_served(process).await;
    database_has_its_descriptors(process).await;
}

async fn connections_of_others_are_served(process: &Process) {
    for number in 2..10 {
        let mut stream = connect_from(&format!("127.0.0.{number}"), &process.base).await;
        assert!(is_served(&mut stream).await, "127.0.0.{number}");
    }
}

async fn database_has_its_descriptors(process: &Process) {
    let ready = reqwest::Client::builder().local_address("127.0.0.9".parse().ok()).build().unwrap();
    let ready = ready.get(format!("{}/readyz", process.base)).send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK, "the database has its descriptors");
}

#[actix_web::test]
async fn one_client_cannot_exhaust_connections_or_memory() {
    raise_own_limit();
    let large = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: localhost\r\n";
    let many = "GET / HTTP/1.0\r\n\r\n".repeat(5_000);
    for (attack, request) in [
        (
            "chunked silence",
            "POST /nowhere HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
        ),
        ("second head", "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\nGET /healthz HT".to_owned()),
        ("deaf readers", format!("{large}\r\n")),
        ("many requests", format!("{large}\r\n{many}")),
        ("many requests after a body", format!("{large}content-length: 1\r\n\r\nx{many}")),
        ("many requests after chunks", format!("{large}transfer-encoding: chunked\r\n\r\n0\r\n\r\n{many}")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let limits = [("RATE_LIMIT_FLOOD", "off"), ("RUST_LOG", "warn")];
        let process = Process::start_with_descriptors(DESCRIPTORS, &folder, "log", &limits).await;
        others_are_served(&process).await;
        let before = peak_memory(&process);
        let _held = hold(&process, 1100, &request).await;
        others_are_served(&process).await;
        let taken = peak_memory(&process).saturating_sub(before);
        assert!(taken < 100 * MIB, "{attack}: {} MiB", taken / MIB);
    }
}

/// A contact with 42 KB of text.
fn large_contact(number: usize) -> Value {
    let line = "ї".repeat(200);
    let addresses = vec![json!({"street": line, "city": line, "region": line, "country": line}); 20];
    json!({"first_name": format!("Олена {number}"), "notes": "і".repeat(5000), "addresses": addresses})
}

/// Adds a hundred large contacts.
pub(crate) async fn fill_address_book(base: &str, token: &str) {
    for batch in 0..5 {
        let operations: Vec<Value> =
            (0..20).map(|number| json!({"op": "create", "contact": large_contact(20 * batch + number)})).collect();
        let request = reqwest::Client::new().post(format!("{base}/api/contacts/batch"));
        let sent = request.bearer_auth(token).json(&json!({"operations": operations})).send().await.unwrap();
        Answer::of(sent).await.expect(StatusCode::OK);
    }
}

#[actix_web::test]
async fn unread_long_lists_need_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let limits = [("RATE_LIMIT_FLOOD", "off"), ("RATE_LIMIT_CONTACT_BATCH", "off"), ("RUST_LOG", "warn")];
    let process = Process::start_with_descriptors(DESCRIPTORS, &folder, "log", &limits).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    fill_address_book(&process.base, &token).await;
    let before = peak_memory(&process);
    let request =
        format!("GET /api/contacts?limit=1000 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    let mut held = hold(&process, 60, &request).await;
    connections_of_others_are_served(&process).await;
    for stream in &mut held {
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&start), "HTTP/1.1 200");
    }
    // A debug build on a busy machine needs longer for the first parts than the timeout of `/readyz`.
    others_are_served(&process).await;
    let taken = peak_memory(&process).saturating_sub(before);
    assert!(taken < 100 * MIB, "{} MiB", taken / MIB);
    drop(held);
    let list = reqwest::Client::new().get(format!("{}/api/contacts", process.base)).bearer_auth(&token);
    let page = Answer::of(list.send().await.unwrap()).await.expect(StatusCode::OK);
    assert_eq!(page.json["items"].as_array().unwrap().len(), 100);
}
