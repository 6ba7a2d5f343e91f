//! Time-outs of unfinished requests.

use std::time::Duration;

use api::settings::Timeouts;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::service::{Kind, Service};

async fn service_with_short_timeouts() -> Service {
    let timeouts =
        Timeouts { head: Duration::from_millis(700), body: Duration::from_millis(700), ..Timeouts::default() };
    Service::start_with(Kind::Sqlite, &[], timeouts).await
}

/// Sends bytes and then nothing more. Returns everything until the service closes the connection.
async fn send_and_wait_for_close(service: &Service, bytes: &str) -> String {
    let mut stream = TcpStream::connect(service.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
    assert!(matches!(read, Ok(Ok(_))), "the service still waits after 30 seconds: {read:?}");
    String::from_utf8(answer).unwrap()
}

#[actix_web::test]
async fn unfinished_request_head_times_out() {
    let service = service_with_short_timeouts().await;
    for begun in ["GET /healthz HT", "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: a"] {
        let answer = send_and_wait_for_close(&service, begun).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    service.get("/healthz").await.expect(StatusCode::OK);
    service.end().await;
}

#[actix_web::test]
async fn unfinished_request_body_times_out() {
    let service = service_with_short_timeouts().await;
    for (path, kind) in [
        ("/api/auth/login", "application/json"),
        ("/api/auth/login", "application/x-www-form-urlencoded"),
        ("/forgot-password", "application/x-www-form-urlencoded"),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{{\"em"
        );
        let answer = send_and_wait_for_close(&service, &request).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request-timeout"), "{path} {kind}: {answer}");
    }
    service.get("/healthz").await.expect(StatusCode::OK);
    service.end().await;
}
