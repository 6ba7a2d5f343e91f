//! Deadlines of connections, and the share of one client.

use std::{net::SocketAddr, time::Duration};

use api::settings::Timeouts;
use futures_util::future::{join, join_all};
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::service::{Kind, PASSWORD, Service};

/// Far longer than any deadline of these tests.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest static document of the service.
const LARGE: &str = "/docs/swagger-ui-bundle.js";
const CHUNKED: &str = "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
const QUICK: Duration = Duration::from_millis(700);

async fn service_with_short_timeouts(variables: &[(&str, &str)]) -> Service {
    Service::start_with(
        Kind::Sqlite,
        variables,
        Timeouts { head: QUICK, body: QUICK, idle: QUICK, ..Timeouts::default() },
    )
    .await
}

pub(crate) fn address_of(base: &str) -> SocketAddr {
    base.trim_start_matches("http://").parse().unwrap()
}

/// A connection from an IP of the loopback network.
pub(crate) async fn connect_from(source: &str, base: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(address_of(base)).await.unwrap()
}

/// Reads until the service ends the connection.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    // A reset is an end too.
    assert!(read.is_ok(), "still open after {PATIENCE:?}: {}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// The head of the next response, and the body that it announces.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let length = loop {
        text.push(char::from(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap()));
        if text.ends_with("\r\n\r\n") {
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            break length.unwrap().parse().unwrap();
        }
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    text
}

/// The HTTP server rejects these heads before it knows the route. The others reach the service.
#[tokio::test]
async fn head_beyond_the_bounds_of_http_is_rejected_without_a_body() {
    let service = service_with_short_timeouts(&[]).await;
    let head = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
    let url = |length: usize| head(&format!("{:x<length$}", "/api/me?"), "");
    let headers = |number: usize| head("/api/me", &"x-more: 1\r\n".repeat(number - 1));
    let cases = [
        (url(65_534), "422 Unprocessable Entity"),
        (url(65_535), "400 Bad Request"),
        (headers(96), "401 Unauthorized"),
        (headers(97), "431 Request Header Fields Too Large"),
        (head("/api/me", &format!("x-long: {}\r\n", "x".repeat(127 * 1024))), "401 Unauthorized"),
        (head("/api/me", &format!("x-long: {}\r\n", "x".repeat(256 * 1024))), "431 Request Header Fields Too Large"),
        (head("/api/\u{456}", ""), "400 Bad Request"),
        (head("/api/me", "a header without a colon\r\n"), "400 Bad Request"),
    ];
    for (request, status) in cases {
        let mut stream = connect_from("127.0.0.1", &service.base).await;
        // The service may close the connection before it has read all.
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{status}: {answer}");
        let has_body = !answer.contains("content-length: 0\r\n");
        assert_eq!(has_body, !(status.starts_with("400") || status.starts_with("431")), "{status}: {answer}");
    }
    service.end().await;
}

/// True when a connection gets an answer.
pub(crate) async fn is_served(stream: &mut TcpStream) -> bool {
    if stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.is_err() {
        return false;
    }
    let mut start = [0; 12];
    let Ok(read) = timeout(PATIENCE, stream.read_exact(&mut start)).await else {
        panic!("neither served nor closed within {PATIENCE:?}");
    };
    read.is_ok_and(|_| &start == b"HTTP/1.1 200")
}

#[actix_web::test]
async fn unfinished_chunked_body_does_not_hold_its_connection() {
    let service = service_with_short_timeouts(&[]).await;
    let mut silent = Vec::new();
    for (path, status) in
        [("/nowhere", "404"), ("/api/auth/login", "408"), ("/api/contacts", "401"), ("/healthz", "405")]
    {
        for more in ["", "connection: close\r\n"] {
            for begun in ["", "5\r\n{\"em"] {
                let address = address_of(&service.base);
                silent.push(async move {
                    let mut stream = TcpStream::connect(address).await.unwrap();
                    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{more}{CHUNKED}{begun}");
                    stream.write_all(head.as_bytes()).await.unwrap();
                    let answer = until_closed(&mut stream).await;
                    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {more:?} {begun:?}: {answer}");
                    assert!(answer.contains("connection: close"), "{answer}");
                });
            }
        }
    }
    join_all(silent).await;
    service.end().await;
}

#[actix_web::test]
async fn unread_request_body_is_drained_only_briefly() {
    let service = service_with_short_timeouts(&[]).await;
    for framing in ["transfer-encoding: chunked", "content-length: 100000"] {
        let stream = TcpStream::connect(address_of(&service.base)).await.unwrap();
        let (mut reader, mut writer) = stream.into_split();
        let head = format!("POST /nowhere HTTP/1.1\r\nhost: localhost\r\n{framing}\r\n\r\n");
        writer.write_all(head.as_bytes()).await.unwrap();
        let trickle = tokio::spawn(async move {
            while writer.write_all(b"1\r\na\r\n").await.is_ok() {
                sleep(Duration::from_millis(50)).await;
            }
        });
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, reader.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{framing}: still read");
        assert!(answer.starts_with(b"HTTP/1.1 404"), "the answer arrives whole");
        timeout(PATIENCE, trickle).await.unwrap().unwrap();
    }
    service.end().await;
}

#[actix_web::test]
async fn second_request_head_has_the_same_deadline() {
    let service = service_with_short_timeouts(&[]).await;
    let mut stream = TcpStream::connect(address_of(&service.base)).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    let (mut reader, mut writer) = stream.into_split();
    let trickle = tokio::spawn(async move {
        for byte in b"GET /healthz HTTP/1.1\r\nx-slow: ".iter().chain(std::iter::repeat(&b'a')) {
            if writer.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(200)).await;
        }
    });
    let mut rest = Vec::new();
    assert!(timeout(PATIENCE, reader.read_to_end(&mut rest)).await.is_ok(), "the head is still awaited");
    timeout(PATIENCE, trickle).await.unwrap().unwrap();
    service.end().await;
}

#[actix_web::test]
async fn idle_and_silent_connections_are_closed() {
    let service = service_with_short_timeouts(&[]).await;
    let mut silent = TcpStream::connect(address_of(&service.base)).await.unwrap();
    until_closed(&mut silent).await;
    let mut idle = TcpStream::connect(address_of(&service.base)).await.unwrap();
    assert!(is_served(&mut idle).await);
    until_closed(&mut idle).await;
    service.end().await;
}

#[actix_web::test]
async fn slow_handler_is_not_interrupted() {
    let short = Duration::from_millis(50);
    let timeouts = Timeouts { head: short, body: short, idle: short, write: short, ..Timeouts::default() };
    // A hash of this cost takes longer than all deadlines and their second of grace.
    let service = Service::start_with(Kind::Sqlite, &[("BCRYPT_COST", "14")], timeouts).await;
    let login = serde_json::json!({"email": "nobody@example.com", "password": PASSWORD});
    service.post("/api/auth/login", &login).await.expect_problem(401, "invalid-credentials");
    service.end().await;
}

#[actix_web::test]
async fn slow_reader_is_disconnected_and_steady_reader_is_served() {
    let timeouts = Timeouts { write: Duration::from_secs(1), ..Timeouts::default() };
    let service = Service::start_with(Kind::Sqlite, &[], timeouts).await;
    let whole = reqwest::get(format!("{}{LARGE}", service.base)).await.unwrap().bytes().await.unwrap().len();
    let request = format!("GET {LARGE} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    // A small window, so that the response does not fit into the buffers of the reader.
    let open = async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let mut stream = socket.connect(address_of(&service.base)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    };
    let mut deaf = open().await;
    let mut slow = open().await;
    let mut steady = open().await;
    let take_slowly = async {
        let mut bytes = [0; 16];
        // What has arrived can still be read after the end.
        while slow.take_error().unwrap().is_none() {
            slow.read_exact(&mut bytes).await.unwrap();
            sleep(Duration::from_millis(100)).await;
        }
    };
    let take_steadily = async {
        let (mut taken, mut piece) = (0, [0; 16 * 1024]);
        loop {
            match steady.read(&mut piece).await.unwrap() {
                0 => return taken,
                bytes => taken += bytes,
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let (slow_ended, taken) = join(timeout(PATIENCE, take_slowly), timeout(PATIENCE, take_steadily)).await;
    assert!(slow_ended.is_ok(), "a byte now and then is enough to hold a connection");
    assert!(taken.unwrap() > whole, "head and body");
    let mut rest = Vec::new();
    let end = timeout(PATIENCE, deaf.read_to_end(&mut rest)).await.unwrap();
    assert!(end.is_err() && rest.len() < whole, "{end:?}: {} of {whole} bytes", rest.len());
    service.end().await;
}

#[actix_web::test]
async fn connections_are_limited_per_network_except_trusted_proxies() {
    let service = Service::start(Kind::Sqlite, &[("CONNECTIONS_PER_NETWORK", "3")]).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = connect_from("127.0.0.5", &service.base).await;
        assert!(is_served(&mut stream).await);
        held.push(stream);
    }
    assert!(!is_served(&mut connect_from("127.0.0.5", &service.base).await).await, "the fourth");
    assert!(is_served(&mut connect_from("127.0.0.6", &service.base).await).await, "another network");
    drop(held.pop());
    // The service may notice the end a moment later.
    let mut tries = 0;
    while !is_served(&mut connect_from("127.0.0.5", &service.base).await).await {
        tries += 1;
        assert!(tries < 100, "the slot of an ended connection is not released");
        sleep(Duration::from_millis(20)).await;
    }
    service.end().await;

    let trusted = [("CONNECTIONS_PER_NETWORK", "3"), ("TRUSTED_PROXIES", "127.0.0.5/32")];
    let service = Service::start(Kind::Sqlite, &trusted).await;
    let mut held = Vec::new();
    for _ in 0..12 {
        let mut stream = connect_from("127.0.0.5", &service.base).await;
        assert!(is_served(&mut stream).await);
        held.push(stream);
    }
    service.end().await;
}

#[actix_web::test]
async fn connection_metrics_count_open_rejected_and_timed_out() {
    let variables = [("CONNECTIONS_PER_NETWORK", "2"), ("METRICS_ADDR", "127.0.0.1:0")];
    let service = service_with_short_timeouts(&variables).await;
    let mut held = [connect_from("127.0.0.5", &service.base).await, connect_from("127.0.0.5", &service.base).await];
    for stream in &mut held {
        assert!(is_served(stream).await);
        stream.write_all(b"GET ").await.unwrap();
    }
    assert!(!is_served(&mut connect_from("127.0.0.5", &service.base).await).await);
    for stream in &mut held {
        until_closed(stream).await;
    }
    let metrics = format!("{}/metrics", service.metrics_base.as_ref().unwrap());
    let answer = reqwest::get(metrics).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = answer.text().await.unwrap();
    for line in [
        "contacts_connections_open 0",
        "contacts_connections_rejected_total{limit=\"network\"} 1",
        "contacts_connections_rejected_total{limit=\"total\"} 0",
        "contacts_connections_timed_out_total{state=\"head\"} 2",
    ] {
        assert!(answer.contains(line), "{line} is not among\n{answer}");
    }
    service.end().await;
}

/// More requests than actix parses at once, in more bytes than are read at once, after one that takes long.
#[actix_web::test]
async fn pipelined_requests_are_all_answered() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let mut stream = TcpStream::connect(address_of(&service.base)).await.unwrap();
    let slow = "GET /readyz HTTP/1.1\r\nhost:a\r\n\r\n";
    for number in [20, 50, 300] {
        let requests = slow.to_owned() + &"GET /healthz HTTP/1.1\r\nhost:a\r\n\r\n".repeat(number);
        stream.write_all(requests.as_bytes()).await.unwrap();
        let (mut answers, mut piece) = (String::new(), [0; 4096]);
        let answered = timeout(PATIENCE, async {
            while answers.matches("HTTP/1.1 200").count() < number + 1 {
                let read = stream.read(&mut piece).await.unwrap();
                assert!(read > 0, "closed");
                answers.push_str(&String::from_utf8_lossy(&piece[..read]));
            }
        });
        answered.await.unwrap_or_else(|_| panic!("{} of {number}", answers.matches("HTTP/1.1 200").count()));
    }
    service.end().await;
}

#[actix_web::test]
async fn client_that_sends_without_reading_is_disconnected() {
    let timeouts = Timeouts { write: Duration::from_secs(1), ..Timeouts::default() };
    let service = Service::start_with(Kind::Sqlite, &[], timeouts).await;
    let mut stream = TcpStream::connect(service.base.trim_start_matches("http://")).await.unwrap();
    let request = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let cut = timeout(PATIENCE, async { while stream.write_all(request.as_bytes()).await.is_ok() {} });
    cut.await.expect("the connection is closed");
    service.get("/healthz").await.expect(StatusCode::OK);
    service.end().await;
}
