//! Rate limits and CORS by the settings.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, Kind, PASSWORD, Service};

async fn preflight(service: &Service, origin: &str) -> Answer {
    let request = service.request(Method::OPTIONS, "/api/contacts").header("origin", origin);
    let request = request
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key");
    Answer::of(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn each_session_has_its_own_quota() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_ME", "3/m"), ("RATE_LIMIT_CONTACT_CREATE", "2/h")]).await;
    let (olena, petro) = (service.person("olena@example.com").await, service.person("petro@example.com").await);
    for _ in 0..3 {
        olena.get("/api/me").await.expect(StatusCode::OK);
    }
    let rejected = olena.get("/api/me").await.expect_problem(429, "too-many-requests");
    let wait: u64 = rejected.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(rejected.header("ratelimit"), format!("\"me\";r=0;t={wait}"));
    assert_eq!(rejected.header("ratelimit-policy"), "\"me\";q=3;w=60, \"me-user\";q=15;w=60");
    petro.get("/api/me").await.expect(StatusCode::OK);
    let another_device = service.sign_in("olena@example.com", PASSWORD).await;
    another_device.get("/api/me").await.expect(StatusCode::OK);

    olena.add(&json!({"first_name": "A"})).await;
    olena.add(&json!({"first_name": "B"})).await;
    let rejected = olena.send_json(Method::POST, "/api/contacts", &json!({"first_name": "C"})).await;
    assert!(
        rejected.expect_problem(429, "too-many-requests").header("ratelimit-policy").starts_with("\"contact-create\"")
    );
    olena.get("/api/contacts").await.expect(StatusCode::OK);
    service.end().await;
}

#[actix_web::test]
async fn successful_responses_report_the_remaining_quota() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_ME", "3/m"), ("RATE_LIMIT_LOGIN", "5/m")]).await;
    let olena = service.person("olena@example.com").await;
    for (left, reset) in [(2, "20"), (1, "40"), (0, "60")] {
        let answer = olena.get("/api/me").await.expect(StatusCode::OK);
        assert_eq!(answer.header("ratelimit"), format!("\"me\";r={left};t={reset}"));
        assert_eq!(answer.header("ratelimit-policy"), "\"me\";q=3;w=60, \"me-user\";q=15;w=60");
        assert_eq!(answer.header("retry-after"), "");
    }
    let body = json!({"email": "nobody@example.com", "password": "does not matter"});
    let answer = service.post("/api/auth/login", &body).await.expect_problem(401, "invalid-credentials");
    assert_eq!(answer.header("ratelimit"), "\"login\";r=4;t=12", "the one with the least left");
    assert_eq!(
        answer.header("ratelimit-policy"),
        "\"login\";q=5;w=60, \"login-address\";q=50;w=60, \"login-account\";q=100;w=14400"
    );
    service.end().await;
}

#[actix_web::test]
async fn rejection_after_the_body_names_the_counter_that_rejected() {
    let variables = [("RATE_LIMIT_REGISTER", "1/h"), ("RATE_LIMIT_MAIL", "1/h"), ("RATE_LIMIT_REFRESH_SESSION", "2/h")];
    let service = Service::start(Kind::Sqlite, &variables).await;
    let olena = service.stored_person("olena@example.com").await;
    let register = json!({"username": "P", "email": "petro@example.com", "password": PASSWORD});
    let refresh = json!({"refresh_token": olena.refresh_token});
    let email = json!({"email": "new@example.com", "password": PASSWORD});
    service.post("/api/auth/register", &register).await.expect(StatusCode::CREATED);
    service.post("/api/auth/refresh", &refresh).await.expect(StatusCode::OK);
    olena.send_json(Method::POST, "/api/me/email", &email).await.expect(StatusCode::ACCEPTED);
    for (answer, name) in [
        (service.post("/api/auth/register", &register).await, "register-account"),
        (service.post("/api/auth/refresh", &refresh).await, "refresh-session"),
        (olena.send_json(Method::POST, "/api/me/email", &email).await, "change-mail"),
    ] {
        let rejected = answer.expect_problem(429, "too-many-requests");
        let counter = format!("\"{name}\";r=0;t={}", rejected.header("retry-after"));
        assert_eq!(rejected.header("ratelimit"), counter);
    }
    service.end().await;
}

#[actix_web::test]
async fn invalid_token_uses_no_quota() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_ME", "1/h")]).await;
    for _ in 0..3 {
        let rejected = service.request(Method::GET, "/api/me").bearer_auth("nonsense").send().await.unwrap();
        let rejected = Answer::of(rejected).await.expect_problem(401, "access-token-invalid");
        assert_eq!(rejected.header("ratelimit"), "", "no quota of a user was used");
    }
    service.person("olena@example.com").await.get("/api/me").await.expect(StatusCode::OK);
    service.end().await;
}

/// Sends a request about an account from an IP.
async fn ask_from(service: &Service, path: &str, address: &str, account: &str) -> Answer {
    let body = match path {
        "/api/auth/login" => json!({"email": account, "password": "does not matter"}),
        "/api/auth/register" => json!({"email": account, "password": PASSWORD, "username": "Visitor"}),
        _ => json!({ "email": account }),
    };
    let request = service.request(Method::POST, path).header("x-forwarded-for", address).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn unauthenticated_routes_are_limited_by_network_and_account() {
    let limits = [
        ("RATE_LIMIT_LOGIN", "2/m"),
        ("RATE_LIMIT_MAIL", "1/h"),
        ("RATE_LIMIT_REGISTER", "1/h"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let service = Service::start(Kind::Sqlite, &limits).await;
    let (here, there) = ("203.0.113.9", "203.0.113.10");
    let (olena, petro) = ("olena@example.com", "petro@example.com");
    for (path, quota, elsewhere_is_rejected, another_is_rejected) in [
        ("/api/auth/login", 2, false, false),
        ("/api/auth/forgot-password", 1, true, false),
        ("/api/auth/register", 1, true, true),
    ] {
        for _ in 0..quota {
            assert_ne!(ask_from(&service, path, here, olena).await.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
        let rejected = ask_from(&service, path, here, olena).await.expect_problem(429, "too-many-requests");
        assert!(rejected.header("retry-after").parse::<u64>().unwrap() >= 1, "{path}");
        for spelling in ["OLENA@Example.COM", " olena@example.com "] {
            ask_from(&service, path, here, spelling).await.expect_problem(429, "too-many-requests");
        }
        ask_from(&service, path, &format!("1.2.3.4, {here}"), olena).await.expect_problem(429, "too-many-requests");
        let elsewhere = ask_from(&service, path, there, olena).await.status;
        assert_eq!(elsewhere == StatusCode::TOO_MANY_REQUESTS, elsewhere_is_rejected, "{path}");
        let another = ask_from(&service, path, here, petro).await.status;
        assert_eq!(another == StatusCode::TOO_MANY_REQUESTS, another_is_rejected, "{path}");
    }
    // Each kind of mail has its own quota: other mails do not block a password reset.
    ask_from(&service, "/api/auth/verify-email/resend", here, olena).await.expect(StatusCode::ACCEPTED);
    service.end().await;
}

#[actix_web::test]
async fn pages_share_the_limits_of_their_routes() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_MAIL", "1/h")]).await;
    ask_from(&service, "/api/auth/forgot-password", "", "olena@example.com").await.expect(StatusCode::ACCEPTED);
    let form = service.request(Method::POST, "/forgot-password").form(&[("email", "Olena@example.com")]);
    let page = Answer::of(form.header("accept", "text/html").send().await.unwrap()).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.header("content-type").starts_with("text/html") && !page.header("retry-after").is_empty());
    service.end().await;
}

#[actix_web::test]
async fn default_cors_allows_any_origin_without_credentials() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_CONTACTS", "1/d")]).await;
    for _ in 0..3 {
        let answer = preflight(&service, "https://anywhere.example").await.expect(StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        for name in ["authorization", "idempotency-key"] {
            assert!(answer.header("access-control-allow-headers").contains(name), "{name}");
        }
    }
    let request = service.request(Method::GET, "/api/contacts").header("origin", "https://anywhere.example");
    let rejected = Answer::of(request.send().await.unwrap()).await.expect_problem(401, "unauthenticated");
    assert_eq!(rejected.header("access-control-allow-origin"), "*", "pages may read errors too");
    for name in [
        "content-disposition",
        "location",
        "etag",
        "www-authenticate",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "idempotency-replayed",
        "x-request-id",
    ] {
        assert!(rejected.header("access-control-expose-headers").contains(name), "{name}");
    }
    service.end().await;
}

#[actix_web::test]
async fn cors_allow_list_rejects_other_origins() {
    let service =
        Service::start(Kind::Sqlite, &[("CORS_ALLOWED_ORIGINS", "https://app.example, http://localhost:3000")]).await;
    let welcome = preflight(&service, "https://app.example").await.expect(StatusCode::OK);
    assert_eq!(welcome.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(welcome.header("access-control-allow-credentials"), "true");
    let foreign = preflight(&service, "https://evil.example").await;
    assert_eq!(foreign.header("access-control-allow-origin"), "");
    assert!(foreign.status.is_client_error());
    service.end().await;
}

#[actix_web::test]
async fn every_response_has_the_security_headers() {
    let variables = [
        ("PUBLIC_URL", "https://contacts.example.com"),
        ("RATE_LIMIT_FLOOD", "5/d"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example"),
    ];
    let service = Service::start(Kind::Sqlite, &variables).await;
    let rejected_preflight = preflight(&service, "https://evil.example").await;
    let mut answers = vec![rejected_preflight, preflight(&service, "https://app.example").await];
    for path in ["/healthz", "/api/me", "/api/nope", "/verify-email?token=x", "/docs/", "/api/me"] {
        answers.push(service.get(path).await);
    }
    assert_eq!(answers.last().unwrap().status, StatusCode::TOO_MANY_REQUESTS);
    for answer in &answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{answer:?}");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{answer:?}");
        assert!(!answer.header("x-request-id").is_empty(), "{answer:?}");
        let is_page = answer.header("content-type").starts_with("text/html");
        assert_eq!(answer.header("content-security-policy").is_empty(), !is_page, "{answer:?}");
    }
    service.end().await;
}
