//! Idempotency keys.

use std::collections::HashSet;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Person, Service, on_both};

on_both!(
    repeated_request_creates_no_second_contact,
    concurrent_requests_with_one_key_create_one_contact,
    key_is_bound_to_one_request_and_user,
    rejected_request_can_be_repeated_with_its_key,
    invalid_idempotency_key_is_rejected,
);

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// Posts a body, unchanged, with a key.
async fn post(person: &Person<'_>, key: &str, body: &str) -> Answer {
    let request = person.request(Method::POST, "/api/contacts").header("idempotency-key", key);
    let request = request.header("content-type", "application/json").body(body.to_owned());
    Answer::of(request.send().await.unwrap()).await
}

/// Returns the answer, which must contain the contact of the first request.
#[track_caller]
fn replayed(answer: Answer) -> Answer {
    assert_eq!(answer.header("idempotency-replayed"), "true", "{answer:?}");
    answer.expect(StatusCode::CREATED)
}

/// Returns the answer, which must contain a new contact.
#[track_caller]
fn made(answer: Answer) -> Answer {
    assert_eq!(answer.header("idempotency-replayed"), "", "{answer:?}");
    answer.expect(StatusCode::CREATED)
}

async fn total(person: &Person<'_>) -> Value {
    person.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json["total"].clone()
}

async fn repeated_request_creates_no_second_contact(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let first = made(post(&olena, KEY, r#"{"first_name": "Леся", "tags": ["a", "b"]}"#).await);
    let again = replayed(post(&olena, KEY, "{\n\"tags\":[\"a\",\"b\"],\"first_name\":\"\\u041bеся\"}").await);
    assert_eq!(again.json, first.json, "white space and order make no difference");
    for name in ["location", "etag", "cache-control"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    let quoted = format!("\"{KEY}\"");
    replayed(post(&olena, &quoted, r#"{"first_name": "Леся", "tags": ["a", "b"]}"#).await);
    assert_eq!(total(&olena).await, 1);

    let path = first.header("location").to_owned();
    let changed = olena.send_json(Method::PATCH, &path, &json!({"first_name": "Лариса"})).await.expect(StatusCode::OK);
    let again = replayed(post(&olena, KEY, r#"{"first_name": "Леся", "tags": ["a", "b"]}"#).await);
    assert_eq!((&again.json, again.header("etag")), (&changed.json, "\"2\""), "as it is now");
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    let spent = post(&olena, KEY, r#"{"first_name": "Леся", "tags": ["a", "b"]}"#).await;
    spent.expect_problem(409, "idempotency-key-spent");
    assert_eq!(total(&olena).await, 0);
    service.end().await;
}

async fn concurrent_requests_with_one_key_create_one_contact(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let answers = join_all((0..32).map(|_| post(&olena, KEY, r#"{"first_name": "Леся"}"#))).await;
    let ids: HashSet<&str> = answers.iter().map(|answer| answer.json["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let replays = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replays, 31, "one has made it");
    for answer in answers {
        answer.expect(StatusCode::CREATED);
    }
    assert_eq!(total(&olena).await, 1);
    service.end().await;
}

async fn key_is_bound_to_one_request_and_user(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let hers = made(post(&olena, KEY, r#"{"first_name": "Леся"}"#).await);
    let other = post(&olena, KEY, r#"{"first_name": "Іван"}"#).await;
    other.expect_problem(422, "idempotency-key-reused");
    let his = made(post(&petro, KEY, r#"{"first_name": "Іван"}"#).await);
    assert_ne!(his.json["id"], hers.json["id"]);
    made(post(&olena, "another", r#"{"first_name": "Леся"}"#).await);
    olena.add(&json!({"first_name": "Леся"})).await;
    assert_eq!((total(&olena).await, total(&petro).await), (json!(3), json!(1)));
    service.end().await;
}

async fn rejected_request_can_be_repeated_with_its_key(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    post(&olena, KEY, r#"{"first_name": ""}"#).await.expect_problem(422, "invalid-body");
    post(&olena, KEY, "{").await.expect_problem(400, "malformed-json");
    made(post(&olena, KEY, r#"{"first_name": "Леся"}"#).await);
    service.end().await;
}

async fn invalid_idempotency_key_is_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let body = r#"{"first_name": "Леся"}"#;
    let too_long = "k".repeat(256);
    for key in ["", "two words", "\"", "\"k", "\"\"", "\"k\";p=1", "ключ", &too_long] {
        let rejected = post(&olena, key, body).await.expect_problem(400, "bad-request");
        assert!(rejected.json["detail"].as_str().unwrap().starts_with("Idempotency-Key must be "), "{key}");
    }
    let twice = olena.request(Method::POST, "/api/contacts").header("idempotency-key", "k");
    let twice = twice.header("idempotency-key", "k").json(&json!({"first_name": "Леся"}));
    let rejected = Answer::of(twice.send().await.unwrap()).await.expect_problem(400, "bad-request");
    assert_eq!(rejected.json["detail"], "Idempotency-Key must be given once.");
    assert_eq!(total(&olena).await, 0);
    made(post(&olena, &"k".repeat(255), body).await);
    service.end().await;
}
