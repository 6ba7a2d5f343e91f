//! Limits of app passwords.

use std::time::Duration;

use api::settings::Timeouts;
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::redis;

use super::{PATH, UNKNOWN, contacts, created, with_scopes};
use crate::service::{Kind, PASSWORD, Service, on_both};

on_both!([("RATE_LIMIT_APP_PASSWORD", "3/h"), ("RATE_LIMIT_CONTACTS", "2/h"), ("RATE_LIMIT_SECURITY", "2/h")];
    only_wrong_app_passwords_are_counted,
    app_password_has_the_quota_of_a_session,
    app_passwords_can_be_ended_with_an_exhausted_session,
);

async fn only_wrong_app_passwords_are_counted(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let secret = with_scopes(&olena, &["carddav"]).await;
    // Valid ones count nothing, whatever they are used for.
    for _ in 0..12 {
        contacts(&service, &secret).await.expect_problem(403, "insufficient-scope");
    }
    for _ in 0..3 {
        contacts(&service, UNKNOWN).await.expect_problem(401, "app-password-invalid");
    }
    let rejected = contacts(&service, UNKNOWN).await.expect_problem(429, "too-many-requests");
    assert!(rejected.header("ratelimit").starts_with("\"app-password\";r=0;"), "{}", rejected.header("ratelimit"));
    let wait: u64 = rejected.header("retry-after").parse().unwrap();
    assert!((1..=1200).contains(&wait), "{wait}");
    // No app password, and no header.
    contacts(&service, "a.b.c").await.expect_problem(401, "access-token-invalid");
    service.get("/api/contacts").await.expect_problem(401, "unauthenticated");
    olena.get("/api/contacts").await.expect(StatusCode::OK);
    service.end().await;
}

async fn app_password_has_the_quota_of_a_session(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let secret = with_scopes(&olena, &["api:read"]).await;
    for _ in 0..2 {
        let answer = contacts(&service, &secret).await.expect(StatusCode::OK);
        assert!(answer.header("ratelimit").starts_with("\"contacts\";"), "{}", answer.header("ratelimit"));
    }
    contacts(&service, &secret).await.expect_problem(429, "too-many-requests");
    olena.get("/api/contacts").await.expect(StatusCode::OK);
    let other = with_scopes(&olena, &["api:read"]).await;
    contacts(&service, &other).await.expect(StatusCode::OK);
    service.end().await;
}

async fn app_passwords_can_be_ended_with_an_exhausted_session(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let ids = [created(&olena, &json!({"name": "1"})).await, created(&olena, &json!({"name": "2"})).await];
    olena.send_json(Method::POST, PATH, &json!({"name": "3"})).await.expect_problem(429, "too-many-requests");
    // Another session of the same user.
    let there = service.sign_in("olena@example.com", PASSWORD).await;
    for created in ids {
        let path = format!("{PATH}/{}", created["id"].as_str().unwrap());
        there.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    }
    service.end().await;
}

#[actix_web::test]
async fn cached_app_password_is_accepted_while_wrong_ones_are_limited() {
    // Redis caches for a minute. Without it the cache lasts a second whenever its watch is late, as on a busy machine.
    let (redis, secret) = (redis::shared_url(), redis::separate_secret());
    let variables = [("RATE_LIMIT_APP_PASSWORD", "3/h"), ("REDIS_URL", &redis), ("JWT_SECRET", &secret)];
    let timeouts = Timeouts { redis: Duration::from_secs(20), ..Timeouts::default() };
    let service = Service::start_with(Kind::Postgres, &variables, timeouts).await;
    let olena = service.stored_person("olena@example.com").await;
    let secret = with_scopes(&olena, &["api:read"]).await;
    // The first use finds its id, records the use, and so discards what it has read.
    for _ in 0..4 {
        contacts(&service, &secret).await.expect(StatusCode::OK);
    }
    for _ in 0..4 {
        contacts(&service, UNKNOWN).await;
    }
    contacts(&service, UNKNOWN).await.expect_problem(429, "too-many-requests");
    for _ in 0..4 {
        contacts(&service, &secret).await.expect(StatusCode::OK);
    }
    service.end().await;
}
