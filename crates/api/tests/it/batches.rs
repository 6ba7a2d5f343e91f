//! Batches: all changes or none.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Kind, Person, Service, on_both};

on_both!(
    batch_applies_every_operation,
    batch_with_the_same_key_is_applied_once,
    batch_errors_are_reported_by_json_pointer,
    batch_of_200_operations_is_accepted,
    concurrent_batches_respect_the_contact_limit
);

const PATH: &str = "/api/contacts/batch";

async fn send(person: &Person<'_>, operations: Value) -> Answer {
    person.send_json(Method::POST, PATH, &json!({ "operations": operations })).await
}

async fn batch_applies_every_operation(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let changed = olena.add(&json!({"first_name": "Леся", "notes": "x", "tags": ["a"]})).await;
    let deleted = olena.add(&json!({"first_name": "Іван"})).await;
    let operations = json!([
        {"op": "create", "contact": {"first_name": "Нова", "emails": [{"address": "nova@example.com"}]}},
        {"op": "update", "id": changed["id"], "if_match": "\"1\"", "contact": {"notes": null, "favorite": true}},
        {"op": "delete", "id": deleted["id"], "if_match": "*"},
    ]);
    let answer = send(&olena, operations).await.expect(StatusCode::OK).json;
    let [new, now, gone] = answer["items"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!((&new["op"], &new["etag"], &new["contact"]["id"]), (&json!("create"), &json!("\"3\""), &new["id"]));
    assert_eq!((&now["op"], &now["etag"], &now["id"]), (&json!("update"), &json!("\"4\""), &changed["id"]));
    let fields = ["first_name", "notes", "tags", "favorite"].map(|field| &now["contact"][field]);
    assert_eq!(fields, [&json!("Леся"), &Value::Null, &json!(["a"]), &json!(true)]);
    assert_eq!(gone, &json!({"op": "delete", "id": deleted["id"], "etag": null, "contact": null}));
    let path = format!("/api/contacts/{}", new["id"].as_str().unwrap());
    let found = olena.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&found.json, found.header("etag")), (&new["contact"], "\"3\""));
    assert_eq!(olena.names("sort=created_at").await, ["Леся", "Нова"]);
    let trash = olena.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    assert_eq!(trash["items"][0]["contact"]["id"], deleted["id"]);
    service.end().await;
}

async fn batch_errors_are_reported_by_json_pointer(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let own = olena.add(&json!({"first_name": "Леся"})).await;
    let other = olena.add(&json!({"first_name": "Іван"})).await;
    let foreign = petro.add(&json!({"first_name": "Чужа"})).await;
    let rejected = send(
        &olena,
        json!([
            {"op": "create", "contact": {"first_name": "Нова"}},
            {"op": "update", "id": own["id"], "if_match": "\"7\"", "contact": {"notes": "x"}},
            {"op": "delete", "id": foreign["id"]},
            {"op": "delete", "id": own["id"]},
            {"op": "update", "id": other["id"], "contact": {"first_name": null}},
        ]),
    );
    let expected = [
        ("/operations/1/if_match", "contact-changed"),
        ("/operations/2/id", "contact-not-found"),
        ("/operations/3/id", "repeated"),
        ("/operations/4/contact", "contact-empty"),
    ];
    assert_eq!(rejected.await.expect_problem(422, "batch-refused").errors(), expected);
    assert_eq!(olena.names("sort=created_at").await, ["Леся", "Іван"], "nothing was done");
    assert_eq!(petro.names("").await, ["Чужа"]);

    let rejected = send(
        &olena,
        json!([
            {"op": "create", "contact": {"first_name": " ", "surname": "x"}},
            {"op": "create", "contact": {"notes": "nobody"}},
            {"op": "update", "id": "7", "if_match": "seven", "contact": {"emails": [{"address": "x"}]}},
            {"op": "delete", "contact": {}},
            {"op": "upsert"},
            {"contact": {"first_name": "X"}},
            17,
        ]),
    );
    let expected = [
        ("/operations/0/contact/first_name", "blank"),
        ("/operations/0/contact/surname", "unknown-field"),
        ("/operations/1/contact", "contact-empty"),
        ("/operations/2/contact/emails/0/address", "invalid-email"),
        ("/operations/2/id", "invalid-id"),
        ("/operations/2/if_match", "invalid-entity-tag"),
        ("/operations/3/contact", "unknown-field"),
        ("/operations/3/id", "missing"),
        ("/operations/4/op", "unknown-value"),
        ("/operations/5/op", "missing"),
        ("/operations/6", "wrong-type"),
    ];
    assert_eq!(rejected.await.expect_problem(422, "invalid-body").errors(), expected);

    // At most 100 errors are reported, of the body and of the address book.
    let (unnamed, unknown) = (json!({"notes": "x", "surname": "x"}), "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27");
    let rejected = send(&olena, json!(vec![json!({"op": "create", "contact": unnamed}); 150])).await;
    assert_eq!(rejected.expect_problem(422, "invalid-body").errors().len(), 100);
    let deletions: Vec<Value> = (0..150).map(|_| json!({"op": "delete", "id": unknown})).collect();
    assert_eq!(send(&olena, json!(deletions)).await.expect_problem(422, "batch-refused").errors().len(), 100);

    let creations = |number: usize| json!(vec![json!({"op": "create", "contact": {"first_name": "N"}}); number]);
    for operations in [creations(0), creations(201), json!(vec![0; 100_000])] {
        let rejected = send(&olena, operations).await.expect_problem(422, "invalid-body");
        assert_eq!(rejected.errors(), [("/operations", "wrong-length")]);
    }
    let long = json!([{"op": "create", "contact": {"first_name": "N", "notes": "x".repeat(3 << 20)}}]);
    send(&olena, long).await.expect_problem(413, "body-too-large");
    service.end().await;
}

async fn batch_with_the_same_key_is_applied_once(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let deleted = olena.add(&json!({"first_name": "Іван"})).await;
    let body = json!({"operations": [
        {"op": "create", "contact": {"first_name": "Нова"}}, {"op": "delete", "id": deleted["id"]},
    ]});
    let post = async |body: &Value| {
        let request = olena.request(Method::POST, PATH).header("idempotency-key", "k").json(body);
        Answer::of(request.send().await.unwrap()).await
    };
    let answers = join_all((0..8).map(|_| post(&body))).await;
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 7);
    for answer in &answers {
        assert_eq!((answer.status, &answer.json), (StatusCode::OK, &answers[0].json));
    }
    assert_eq!(olena.names("").await, ["Нова"]);
    let other = json!({"operations": [{"op": "create", "contact": {"first_name": "Інша"}}]});
    post(&other).await.expect_problem(422, "idempotency-key-reused");
    service.end().await;
}

async fn batch_of_200_operations_is_accepted(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact = |number: usize| {
        json!({"first_name": format!("N{number}"), "phones": [{"number": "+380 67 111 22 33"}], "tags": ["усі"],
               "notes": "ї".repeat(1000), "birthday": "--02-29"})
    };
    // The contact limit is 100.
    let create: Vec<Value> = (0..100).map(|number| json!({"op": "create", "contact": contact(number)})).collect();
    let made = send(&olena, json!(create)).await.expect(StatusCode::OK).json;
    let ids: Vec<&Value> = made["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    let mut exchange: Vec<Value> = ids.iter().map(|id| json!({"op": "delete", "id": id})).collect();
    exchange.extend((100..200).map(|number| json!({"op": "create", "contact": contact(number)})));
    send(&olena, json!(exchange)).await.expect(StatusCode::OK);
    let list = olena.get("/api/contacts?tag=усі&phone=111").await.expect(StatusCode::OK).json;
    assert_eq!(list["total"], json!(100));
    let trash = olena.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    assert_eq!(trash["total"], json!(100));
    let more = json!([{"op": "create", "contact": contact(1)}, {"op": "create", "contact": contact(2)}]);
    let expected = [("/operations/0", "contact-limit-reached"), ("/operations/1", "contact-limit-reached")];
    assert_eq!(send(&olena, more).await.expect_problem(422, "batch-refused").errors(), expected);
    service.end().await;
}

async fn concurrent_batches_respect_the_contact_limit(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let operations = json!(vec![json!({"op": "create", "contact": {"first_name": "N"}}); 7]);
    let answers = join_all((0..24).map(|_| send(&olena, operations.clone()))).await;
    let done = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    let rejected = answers.iter().filter(|answer| answer.json["code"] == "batch-refused").count();
    assert_eq!((done, rejected), (14, 10), "fourteen batches of seven, and no half batch");
    let list = olena.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json;
    assert_eq!(list["total"], json!(98));

    // Both change the same contacts, in opposite orders. Neither waits for ever.
    let ids: Vec<Value> = olena.get("/api/contacts").await.json["items"].as_array().unwrap()[..50]
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    let update = |ids: Vec<&Value>| {
        let contact = json!({"favorite": true});
        json!(ids.iter().map(|id| json!({"op": "update", "id": id, "contact": contact})).collect::<Vec<_>>())
    };
    let (forth, back) = (update(ids.iter().collect()), update(ids.iter().rev().collect()));
    let both = join_all((0..8).map(|number| send(&olena, if number % 2 == 0 { forth.clone() } else { back.clone() })));
    for answer in tokio::time::timeout(Duration::from_secs(60), both).await.unwrap() {
        answer.expect(StatusCode::OK);
    }
    service.end().await;
}

#[actix_web::test]
async fn batches_have_their_own_rate_limit() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_CONTACT_BATCH", "2/h")]).await;
    let olena = service.stored_person("olena@example.com").await;
    let one = json!([{"op": "create", "contact": {"first_name": "N"}}]);
    for _ in 0..2 {
        send(&olena, one.clone()).await.expect(StatusCode::OK);
    }
    send(&olena, one).await.expect_problem(429, "too-many-requests");
    olena.add(&json!({"first_name": "N"})).await;
    service.end().await;
}
