//! Limits of wrong passwords.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, PASSWORD, Service, on_both};

on_both!([("RATE_LIMIT_LOGIN", "1/m"), ("TRUSTED_PROXIES", "127.0.0.1")];
    known_device_signs_in_while_account_limit_is_exhausted,
);

const OLENA: &str = "olena@example.com";

async fn sign_in(service: &Service, from: &str, agent: &str, password: &str) -> Answer {
    let request = service.request(Method::POST, "/api/auth/login").header("x-forwarded-for", from);
    let request = request.header("user-agent", agent).json(&json!({"email": OLENA, "password": password}));
    Answer::of(request.send().await.unwrap()).await
}

/// Tries wrong passwords from many networks, and returns the number of checked ones.
async fn guess(service: &Service, networks: usize) -> usize {
    let mut tried = 0;
    for host in 0..networks {
        let answer = sign_in(service, &format!("198.51.100.{host}"), "guesser/1.0", "wrong").await;
        tried += usize::from(answer.status == StatusCode::UNAUTHORIZED);
    }
    tried
}

async fn known_device_signs_in_while_account_limit_is_exhausted(service: Service) {
    service.person(OLENA).await;
    let (home, laptop) = ("203.0.113.7", "Browser/1.0");
    sign_in(&service, home, laptop, PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(guess(&service, 22).await, 20);

    let rejected = sign_in(&service, "203.0.114.7", laptop, PASSWORD).await.expect_problem(429, "too-many-requests");
    assert!(rejected.header("ratelimit").starts_with("\"login-account\";r=0;"), "{rejected:?}");
    sign_in(&service, "203.0.113.10", "Another/1.0", PASSWORD).await.expect_problem(429, "too-many-requests");
    // Another address of the same site, and an update of the browser.
    sign_in(&service, "203.0.113.8", "Browser/2.0", PASSWORD).await.expect(StatusCode::OK);
    let answer = sign_in(&service, "203.0.113.9", laptop, PASSWORD).await.expect(StatusCode::OK);
    assert!(answer.header("ratelimit-policy").contains("\"login-device\";q=4;w=14400"), "{answer:?}");
    service.end().await;
}
