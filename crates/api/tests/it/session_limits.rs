//! Limits by session and by user, with a stolen session or token.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, PASSWORD, Person, Service, on_both};

on_both!([("RATE_LIMIT_ME", "2/h"), ("RATE_LIMIT_SECURITY", "2/h"), ("RATE_LIMIT_REFRESH_SESSION", "3/h")];
    owner_can_end_a_stolen_session_despite_rate_limits,
    owner_can_lock_out_others_with_an_exhausted_token,
    ended_session_uses_no_quota,
    session_refreshes_are_rate_limited,
    several_authorization_headers_are_rejected,
);

/// Sends more requests to the profile than any quota admits.
async fn exhaust(person: &Person<'_>) {
    for _ in 0..12 {
        person.get("/api/me").await;
    }
    person.get("/api/me").await.expect_problem(429, "too-many-requests");
}

/// Changes the password and ends the other sessions.
async fn lock_out_others(owner: &Person<'_>) {
    let change = json!({"current_password": PASSWORD, "new_password": "another good phrase"});
    let changed = owner.send_json(Method::PUT, "/api/me/password", &change).await;
    assert!(changed.status.is_success(), "{changed:?}");
}

async fn owner_can_end_a_stolen_session_despite_rate_limits(service: Service) {
    let owner = service.person("olena@example.com").await;
    let thief = service.sign_in("olena@example.com", PASSWORD).await;
    exhaust(&thief).await;
    for _ in 0..9 {
        thief.send(Method::DELETE, "/api/me/sessions/0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27").await;
    }
    owner.get("/api/me").await.expect(StatusCode::OK);
    owner.send(Method::DELETE, "/api/me/sessions").await.expect(StatusCode::NO_CONTENT);
    thief.get("/api/me").await.expect_problem(401, "access-token-invalid");
    lock_out_others(&owner).await;
    service.end().await;
}

async fn owner_can_lock_out_others_with_an_exhausted_token(service: Service) {
    let owner = service.person("olena@example.com").await;
    // The thief sends the owner's own token.
    exhaust(&owner).await;
    owner.send(Method::DELETE, "/api/me/sessions").await.expect(StatusCode::NO_CONTENT);
    lock_out_others(&owner).await;
    service.end().await;
}

async fn ended_session_uses_no_quota(service: Service) {
    let owner = service.person("olena@example.com").await;
    let stolen = service.sign_in("olena@example.com", PASSWORD).await;
    stolen.send(Method::POST, "/api/auth/logout").await.expect(StatusCode::NO_CONTENT);
    for _ in 0..12 {
        let rejected = stolen.get("/api/me").await.expect_problem(401, "access-token-invalid");
        assert_eq!(rejected.header("ratelimit"), "");
        stolen.send(Method::DELETE, "/api/me/sessions").await.expect_problem(401, "access-token-invalid");
    }
    let first = owner.get("/api/me").await.expect(StatusCode::OK);
    assert!(first.header("ratelimit").starts_with("\"me\";r=1;"), "{first:?}");
    lock_out_others(&owner).await;
    service.end().await;
}

async fn session_refreshes_are_rate_limited(service: Service) {
    let owner = service.person("olena@example.com").await;
    let other = service.sign_in("olena@example.com", PASSWORD).await;
    let refresh = async |token: &str| service.post("/api/auth/refresh", &json!({ "refresh_token": token })).await;
    let mut token = owner.refresh_token.clone();
    for _ in 0..3 {
        let pair = refresh(&token).await.expect(StatusCode::OK).json;
        pair["refresh_token"].as_str().unwrap().clone_into(&mut token);
    }
    let rejected = refresh(&token).await.expect_problem(429, "too-many-requests");
    assert_eq!(rejected.header("ratelimit-policy"), "\"refresh-session\";q=3;w=3600");
    refresh(&other.refresh_token).await.expect(StatusCode::OK);
    service.end().await;
}

async fn several_authorization_headers_are_rejected(service: Service) {
    let owner = service.person("olena@example.com").await;
    for (method, path) in [
        (Method::GET, "/api/me"),
        (Method::POST, "/api/auth/logout"),
        (Method::GET, "/api/contacts"),
        (Method::POST, "/api/auth/login"),
        (Method::POST, "/api/auth/refresh"),
    ] {
        for second in ["Bearer nonsense".to_owned(), format!("Bearer {}", owner.access_token), "Basic eA==".to_owned()]
        {
            let request = owner.request(method.clone(), path).header("authorization", &second);
            let rejected = Answer::of(request.send().await.unwrap()).await.expect_problem(400, "bad-request");
            let detail = rejected.json["detail"].as_str().unwrap();
            assert!(detail.contains("Authorization"), "{detail}");
            assert_eq!(rejected.header("ratelimit"), "");
        }
    }
    owner.get("/api/me").await.expect(StatusCode::OK);
    service.end().await;
}
