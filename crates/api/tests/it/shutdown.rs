//! Graceful shutdown.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use testkit::smtp::{SmtpScript, SmtpSink};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    process::{Process, free_port},
    service::PASSWORD,
};

async fn get(process: &Process, path: &str) -> Response {
    // A client of its own: the connection is a new one.
    Client::new().get(format!("{}{path}", process.base)).send().await.unwrap()
}

fn closes(response: &Response) -> bool {
    response.headers().get("connection").is_some_and(|value| value == "close")
}

/// Waits until the process reports that it is about to stop.
async fn wait_until_stopping(process: &Process) -> Response {
    for _ in 0..600 {
        let answer = get(process, "/readyz").await;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it was ready for 12 seconds more");
}

#[actix_web::test]
async fn requests_are_served_during_the_shutdown_grace_period() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Process::start_with(&folder, "log", &[("SHUTDOWN_GRACE", "5m")]).await;
        assert!(!closes(&get(&process, "/healthz").await));
        process.signal(signal);
        let stopping = wait_until_stopping(&process).await;
        assert!(closes(&stopping) && stopping.headers().contains_key("retry-after"));
        let stopping: Value = stopping.json().await.unwrap();
        assert_eq!((&stopping["status"], &stopping["database"]["status"]), (&json!("stopping"), &json!("ok")));
        for (path, status) in
            [("/healthz", StatusCode::OK), ("/api/me", StatusCode::UNAUTHORIZED), ("/nowhere", StatusCode::NOT_FOUND)]
        {
            let answer = get(&process, path).await;
            assert_eq!((answer.status(), closes(&answer)), (status, true), "{path}");
        }
        process.signal(signal);
        assert_eq!(process.ended().await.code(), Some(1), "the second signal does not wait");
    }
}

#[actix_web::test]
async fn shutdown_without_grace_ends_immediately_with_success() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Process::start(&folder, "log").await;
        process.signal(signal);
        assert_eq!(process.ended().await.code(), Some(0), "{signal}");
    }
}

#[actix_web::test]
async fn requests_in_flight_are_answered_before_shutdown() {
    const TRIES: usize = 8;
    let (folder, metrics) = (tempfile::tempdir().unwrap(), format!("127.0.0.1:{}", free_port()));
    let slow = [
        ("BCRYPT_COST", "12"),
        ("METRICS_ADDR", metrics.as_str()),
        ("RATE_LIMIT_LOGIN", "off"),
        ("RATE_LIMIT_FLOOD", "off"),
    ];
    let mut process = Process::start_with(&folder, "log", &slow).await;
    let mut tries = JoinSet::new();
    for number in 0..TRIES {
        let body = json!({"email": format!("nobody{number}@example.com"), "password": PASSWORD});
        let request = Client::new().post(format!("{}/api/auth/login", process.base)).json(&body);
        tries.spawn(async move { request.send().await.unwrap() });
    }
    // Each request is in progress, or done.
    let count = |text: &str, name: &str| -> usize {
        let values = text.lines().filter(|line| line.starts_with(name)).filter_map(|line| line.rsplit(' ').next());
        values.map(|value| value.parse::<usize>().unwrap()).sum()
    };
    let at_work = async || {
        let text = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
        ["waiting", "busy", "done_total"]
            .map(|what| count(&text, &format!("contacts_work_{what}{{pool=\"passwords\"}}")))
    };
    while at_work().await.iter().sum::<usize>() < TRIES {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process.signal("TERM");
    let mut closed = 0;
    while let Some(answer) = tries.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        closed += usize::from(closes(&answer));
    }
    assert!(closed > 0, "some were answered after the signal");
    assert_eq!(process.ended().await.code(), Some(0));
}

/// A mail server that accepts no connection until it is opened.
struct Gate {
    listener: TcpListener,
    sink: SmtpSink,
}

impl Gate {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, sink: SmtpSink::start(SmtpScript::default()).await }
    }

    fn url(&self) -> String {
        format!("smtp://{}", self.listener.local_addr().unwrap())
    }

    /// Connects a waiting sender to the mail server.
    async fn connect_through(&self, mut sender: TcpStream) {
        let mut server = TcpStream::connect(self.sink.address()).await.unwrap();
        // The sender may disconnect without a command.
        let _ = copy_bidirectional(&mut sender, &mut server).await;
    }
}

#[actix_web::test]
async fn shutdown_finishes_the_current_mail_and_starts_no_other() {
    let (folder, gate) = (tempfile::tempdir().unwrap(), Gate::new().await);
    let (smtp, metrics) = (gate.url(), format!("127.0.0.1:{}", free_port()));
    let variables = [
        ("SMTP_URL", smtp.as_str()),
        ("MAIL_FROM", "no-reply@example.com"),
        ("METRICS_ADDR", metrics.as_str()),
        ("SHUTDOWN_GRACE", "5s"),
    ];
    let register = async |process: &Process, address: &str| {
        let registration = json!({"username": "Олена", "email": address, "password": PASSWORD});
        assert_eq!(process.post("/api/auth/register", &registration).await.0, StatusCode::CREATED);
    };
    let mut process = Process::start_with(&folder, "log", &variables).await;
    register(&process, "first@example.com").await;
    let (sender, _) = gate.listener.accept().await.unwrap();
    process.signal("TERM");
    wait_until_stopping(&process).await;
    register(&process, "second@example.com").await;
    gate.connect_through(sender).await;
    assert_eq!(process.ended().await.code(), Some(0));
    let receivers = || gate.sink.mails().into_iter().flat_map(|mail| mail.receivers).collect::<Vec<_>>();
    assert_eq!(receivers(), ["<first@example.com>"]);

    let _again = Process::start_with(&folder, "log", &variables).await;
    let (sender, _) = gate.listener.accept().await.unwrap();
    gate.connect_through(sender).await;
    assert_eq!(receivers(), ["<first@example.com>", "<second@example.com>"]);
    for _ in 0..600 {
        let text = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
        if text.contains("contacts_outbox_waiting 0") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a mail that was sent still waits");
}
