//! Sign-in, refresh, sign-out.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, PASSWORD, Person, Service, on_both};

on_both!(
    login_accepts_json_and_form_bodies,
    rejected_logins_return_identical_bodies,
    refresh_tokens_are_rotated,
    concurrent_refreshes_return_the_same_token,
    token_reuse_from_another_network_ends_the_session,
    session_list_rounds_last_use_to_the_hour,
    logout_invalidates_the_tokens,
    invalid_login_body_is_rejected,
    concurrent_logins_with_an_outdated_hash_all_succeed,
);

async fn form(service: &Service, fields: &[(&str, &str)]) -> Answer {
    Answer::of(service.request(Method::POST, "/api/auth/login").form(fields).send().await.unwrap()).await
}

async fn login_accepts_json_and_form_bodies(service: Service) {
    let olena = service.person("olena@example.com").await;
    assert_eq!(olena.access_token.split('.').count(), 3);
    let fields = [("grant_type", "password"), ("scope", ""), ("username", "olena@example.com"), ("password", PASSWORD)];
    let pair = form(&service, &fields).await.expect(StatusCode::OK);
    assert_eq!((&pair.json["token_type"], &pair.json["expires_in"]), (&json!("bearer"), &json!(900)));
    assert_eq!(pair.header("cache-control"), "no-store");
    service.end().await;
}

async fn rejected_logins_return_identical_bodies(service: Service) {
    service.register("new@example.com").await.expect(StatusCode::CREATED);
    let long = "x".repeat(5000);
    let tries = [
        ("new@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("new@example.com", &long),
    ];
    let mut bodies = Vec::new();
    for (email, password) in tries {
        let body = json!({"email": email, "password": password});
        let mut rejected = service.post("/api/auth/login", &body).await.expect_problem(401, "invalid-credentials");
        assert!(rejected.header("www-authenticate").starts_with("Bearer"));
        rejected.json["request_id"] = Value::Null;
        bodies.push(rejected.json.to_string());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    service.end().await;
}

async fn refresh(service: &Service, token: &str) -> Answer {
    service.post("/api/auth/refresh", &json!({ "refresh_token": token })).await
}

async fn refresh_tokens_are_rotated(service: Service) {
    let olena = service.person("olena@example.com").await;
    let next = refresh(&service, &olena.refresh_token).await.expect(StatusCode::OK).json;
    assert_ne!(next["refresh_token"], olena.refresh_token);
    let repeated = refresh(&service, &olena.refresh_token).await.expect(StatusCode::OK).json;
    assert_eq!(repeated["refresh_token"], next["refresh_token"], "a lost answer is given again");
    refresh(&service, next["refresh_token"].as_str().unwrap()).await.expect(StatusCode::OK);
    for bad in ["", "nonsense", &"0".repeat(64)] {
        refresh(&service, bad).await.expect_problem(401, "refresh-token-invalid");
    }
    service.end().await;
}

async fn concurrent_refreshes_return_the_same_token(service: Service) {
    let olena = service.person("olena@example.com").await;
    let answers = join_all((0..20).map(|_| refresh(&service, &olena.refresh_token))).await;
    let mut successors: Vec<String> =
        answers.into_iter().map(|answer| answer.expect(StatusCode::OK).json["refresh_token"].to_string()).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    service.end().await;
}

/// A client whose requests come from another IP of this machine.
fn client_at(address: [u8; 4]) -> reqwest::Client {
    reqwest::Client::builder().local_address(Some(address.into())).build().unwrap()
}

async fn token_reuse_from_another_network_ends_the_session(service: Service) {
    let olena = service.person("olena@example.com").await;
    let next = refresh(&service, &olena.refresh_token).await.expect(StatusCode::OK).json;
    let url = format!("{}/api/auth/refresh", service.base);
    let repeat = async |address| {
        let body = json!({ "refresh_token": olena.refresh_token });
        Answer::of(client_at(address).post(&url).json(&body).send().await.unwrap()).await
    };
    let same_site = repeat([127, 0, 0, 200]).await.expect(StatusCode::OK).json;
    assert_eq!(same_site["refresh_token"], next["refresh_token"]);
    repeat([127, 0, 1, 1]).await.expect_problem(401, "refresh-token-invalid");
    refresh(&service, next["refresh_token"].as_str().unwrap()).await.expect_problem(401, "refresh-token-invalid");
    olena.get("/api/me").await.expect_problem(401, "access-token-invalid");

    let again = service.sign_in("olena@example.com", PASSWORD).await;
    let export = again.get("/api/me/export").await.expect(StatusCode::OK).json;
    let outcomes: Vec<&str> = export["audit_events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "refresh")
        .map(|event| event["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["token-reused", "token-repeated"], "the latest first");
    service.end().await;
}

async fn session_list_rounds_last_use_to_the_hour(service: Service) {
    let olena = service.person("olena@example.com").await;
    let url = format!("{}/api/auth/refresh", service.base);
    let body = json!({ "refresh_token": olena.refresh_token });
    let moved = client_at([127, 0, 9, 9]).post(&url).json(&body).send().await.unwrap();
    assert_eq!(moved.status(), StatusCode::OK);
    let sessions = olena.get("/api/me/sessions").await.expect(StatusCode::OK).json;
    let session = &sessions["items"][0];
    let last_used_at = session["last_used_at"].as_str().unwrap();
    assert!(last_used_at.ends_with(":00:00.000000Z"), "{last_used_at}");
    assert_eq!(session["ip"], "127.0.9.9", "the address of the last use");
    service.end().await;
}

async fn logout_invalidates_the_tokens(service: Service) {
    let here = service.person("olena@example.com").await;
    let there = service.sign_in("olena@example.com", PASSWORD).await;
    here.send(Method::POST, "/api/auth/logout").await.expect(StatusCode::NO_CONTENT);
    here.get("/api/me").await.expect_problem(401, "access-token-invalid");
    refresh(&service, &here.refresh_token).await.expect_problem(401, "refresh-token-invalid");
    there.get("/api/me").await.expect(StatusCode::OK);
    assert_invalid_tokens_are_rejected(&service, &there).await;
    service.end().await;
}

async fn assert_invalid_tokens_are_rejected(service: &Service, olena: &Person<'_>) {
    let token = &olena.access_token;
    let (head, _) = token.rsplit_once('.').unwrap();
    let headers = [
        ("unauthenticated", String::new()),
        ("unauthenticated", token.clone()),
        ("unauthenticated", format!("Basic {token}")),
        ("unauthenticated", "Bearer ".to_owned()),
        ("access-token-invalid", format!("Bearer {head}.")),
        ("access-token-invalid", format!("Bearer {}", olena.refresh_token)),
    ];
    for (code, value) in headers {
        let request = service.request(Method::GET, "/api/me").header("authorization", &value);
        Answer::of(request.send().await.unwrap()).await.expect_problem(401, code);
    }
    let lower = service.request(Method::GET, "/api/me").header("authorization", format!("bearer {token}"));
    Answer::of(lower.send().await.unwrap()).await.expect(StatusCode::OK);
}

async fn concurrent_logins_with_an_outdated_hash_all_succeed(mut service: Service) {
    service.person("olena@example.com").await;
    service.set("BCRYPT_COST", "11");
    service.restart().await;
    let login = json!({"email": "olena@example.com", "password": PASSWORD});
    for answer in join_all((0..8).map(|_| service.post("/api/auth/login", &login))).await {
        answer.expect(StatusCode::OK);
    }
    service.end().await;
}

async fn invalid_login_body_is_rejected(service: Service) {
    let rejected = form(&service, &[("grant_type", "password")]).await.expect_problem(422, "invalid-body");
    assert_eq!(rejected.errors(), [("/password", "missing"), ("/username", "missing")]);
    let rejected = service.post("/api/auth/login", &json!({"email": 5, "password": null, "remember": true})).await;
    let expected = [("/email", "wrong-type"), ("/password", "wrong-type"), ("/remember", "unknown-field")];
    assert_eq!(rejected.expect_problem(422, "invalid-body").errors(), expected);
    service.end().await;
}
