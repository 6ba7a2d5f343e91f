//! Limits and CORS, as the settings have them.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, Kind, PASSWORD, Service};

async fn preflight(service: &Service, origin: &str) -> Answer {
    let request = service.request(Method::OPTIONS, "/api/contacts").header("origin", origin);
    let request = request
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    Answer::of(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn each_user_has_an_allowance_of_their_own() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_ME", "3/m"), ("RATE_LIMIT_CONTACT_CREATE", "2/h")]).await;
    let (olena, petro) = (service.person("olena@example.com").await, service.person("petro@example.com").await);
    for _ in 0..3 {
        olena.get("/api/me").await.expect(StatusCode::OK);
    }
    let refused = olena.get("/api/me").await.expect_problem(429, "too-many-requests");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit"), format!("\"me\";r=0;t={wait}"));
    assert_eq!(refused.header("ratelimit-policy"), "\"me\";q=3;w=60");
    petro.get("/api/me").await.expect(StatusCode::OK);
    let another_device = service.sign_in("olena@example.com", PASSWORD).await;
    another_device.get("/api/me").await.expect_problem(429, "too-many-requests");

    olena.add(&json!({"first_name": "A"})).await;
    olena.add(&json!({"first_name": "B"})).await;
    let refused = olena.send_json(Method::POST, "/api/contacts", &json!({"first_name": "C"})).await;
    assert!(
        refused.expect_problem(429, "too-many-requests").header("ratelimit-policy").starts_with("\"contact-create\"")
    );
    olena.get("/api/contacts").await.expect(StatusCode::OK);
    service.end().await;
}

#[actix_web::test]
async fn sign_in_mail_and_registration_are_limited_by_address() {
    let limits = [
        ("RATE_LIMIT_LOGIN", "2/m"),
        ("RATE_LIMIT_MAIL", "1/h"),
        ("RATE_LIMIT_REGISTER", "1/h"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let service = Service::start(Kind::Sqlite, &limits).await;
    let ask = async |path: &str, from: &str| {
        let body = json!({"email": "olena@example.com", "password": "does not matter", "username": "Olena"});
        let body = match path {
            "/api/auth/login" => json!({"email": body["email"], "password": body["password"]}),
            "/api/auth/register" => body,
            _ => json!({"email": body["email"]}),
        };
        let request = service.request(Method::POST, path).header("x-forwarded-for", from).json(&body);
        Answer::of(request.send().await.unwrap()).await
    };
    for (path, allowance) in [("/api/auth/register", 1), ("/api/auth/login", 2), ("/api/auth/forgot-password", 1)] {
        for _ in 0..allowance {
            assert_ne!(ask(path, "203.0.113.9").await.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
        ask(path, "203.0.113.9").await.expect_problem(429, "too-many-requests");
        ask(path, "1.2.3.4, 203.0.113.9").await.expect_problem(429, "too-many-requests");
        assert_ne!(ask(path, "203.0.113.10").await.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    ask("/api/auth/verify-email/resend", "203.0.113.9").await.expect_problem(429, "too-many-requests");
    service.end().await;
}

#[actix_web::test]
async fn any_page_may_call_without_credentials() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_CONTACTS", "1/d")]).await;
    for _ in 0..3 {
        let answer = preflight(&service, "https://anywhere.example").await.expect(StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
    }
    let request = service.request(Method::GET, "/api/contacts").header("origin", "https://anywhere.example");
    let refused = Answer::of(request.send().await.unwrap()).await.expect_problem(401, "unauthenticated");
    assert_eq!(refused.header("access-control-allow-origin"), "*", "pages may read errors too");
    for name in ["location", "etag", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id"] {
        assert!(refused.header("access-control-expose-headers").contains(name), "{name}");
    }
    service.end().await;
}

#[actix_web::test]
async fn an_allow_list_is_kept() {
    let service =
        Service::start(Kind::Sqlite, &[("CORS_ALLOWED_ORIGINS", "https://app.example, http://localhost:3000")]).await;
    let welcome = preflight(&service, "https://app.example").await.expect(StatusCode::OK);
    assert_eq!(welcome.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(welcome.header("access-control-allow-credentials"), "true");
    let stranger = preflight(&service, "https://evil.example").await;
    assert_eq!(stranger.header("access-control-allow-origin"), "");
    assert!(stranger.status.is_client_error());
    service.end().await;
}
