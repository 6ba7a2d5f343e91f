//! The connection to Redis: when it dies without a sign, and when Redis rejects scripts.

use std::time::Duration;

use domain::limit::{LimiterBackend, RateLimiter as _};
use testkit::{redis::PrivateRedis, relay::Relay};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::fallback::{PATIENCE, admitted, check, over, until};

/// Sends a PING. Returns the answer, or `None` when the connection is open and has no answer within that time.
async fn ping(connection: &mut TcpStream, limit: Duration) -> Option<String> {
    connection.write_all(b"PING\r\n").await.unwrap();
    let mut answer = [0; 64];
    let length = timeout(limit, connection.read(&mut answer)).await.ok()?.unwrap();
    assert!(length > 0, "the connection was closed");
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}

/// As after a loss of power, or when a virtual address leads to another server: nothing closes the old connection.
#[tokio::test]
async fn connection_that_dies_without_a_sign_is_replaced() {
    let (silent, healthy) = (PrivateRedis::start().await, PrivateRedis::start().await);
    let relay = Relay::start(silent.port()).await;
    let mut beside = TcpStream::connect(("127.0.0.1", relay.port)).await.unwrap();
    assert_eq!(ping(&mut beside, PATIENCE).await.as_deref(), Some("+PONG\r\n"));
    let (server, limiter) = over(format!("redis://127.0.0.1:{}", relay.port), Duration::from_secs(1)).await;
    until(|| server.is_up()).await;

    silent.freeze();
    relay.lead_to(healthy.port());
    assert_eq!(ping(&mut beside, Duration::from_secs(1)).await, None);
    let mut is_replaced = false;
    for number in 0..300 {
        // Counted here until the connection is replaced.
        assert_eq!(admitted(&limiter, &check(&format!("{number}@example.com")), 1).await, 1);
        is_replaced = healthy.keys().contains("contacts:limit:mail:");
        if is_replaced {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert!(is_replaced, "within 30 seconds");
    until(|| server.is_up()).await;
    assert_eq!(ping(&mut beside, Duration::from_secs(1)).await, None, "old connections are still open");
}

#[tokio::test]
async fn redis_that_rejects_scripts_is_unavailable() {
    let redis = PrivateRedis::start().await;
    redis.allow_scripts(false);
    let (server, limiter) = over(redis.url(), PATIENCE).await;
    // For the time of some probes.
    for _ in 0..20 {
        assert!(!server.is_up());
        assert_eq!(limiter.backend(), LimiterBackend::SharedUnavailable);
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(admitted(&limiter, &check("olena@example.com"), 9).await, 5, "counted here");
    redis.allow_scripts(true);
    until(|| limiter.backend() == LimiterBackend::Shared).await;
    redis.allow_scripts(false);
    until(|| limiter.backend() == LimiterBackend::SharedUnavailable).await;
}
