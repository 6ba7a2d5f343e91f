//! Restore and purge.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Kind, Person, Service, on_both};

on_both!(
    deleted_contact_is_restored_unchanged,
    trash_is_listed_in_pages_and_emptied,
    invalid_trash_requests_are_rejected
);

fn path_of(contact: &Value) -> String {
    format!("/api/contacts/{}", contact["id"].as_str().unwrap())
}

async fn restore(person: &Person<'_>, contact: &Value) -> Answer {
    person.send(Method::POST, &format!("{}/restore", path_of(contact))).await
}

async fn deleted_contact_is_restored_unchanged(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let contact = olena.add(&json!({"first_name": "Леся", "birthday": "--01-01", "tags": ["Друзі"]})).await;
    olena.send(Method::DELETE, &path_of(&contact)).await.expect(StatusCode::NO_CONTENT);
    olena.get(&path_of(&contact)).await.expect_problem(404, "contact-not-found");
    assert!(olena.names("q=Леся").await.is_empty());
    let trash = olena.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    assert_eq!((&trash["total"], &trash["limit"], &trash["next_cursor"]), (&json!(1), &json!(50), &Value::Null));
    let item = &trash["items"][0];
    assert_eq!(item["contact"], contact);
    assert!(item["deleted_at"].as_str() > contact["created_at"].as_str(), "{item}");
    assert!(item["expires_at"].as_str() > item["deleted_at"].as_str(), "{item}");
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
    assert_eq!((&export["contacts"], &export["trash"]), (&json!([]), &json!([item])));

    let others = petro.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    assert_eq!(others["items"], json!([]));
    restore(&petro, &contact).await.expect_problem(404, "contact-not-found");
    let path = format!("/api/contacts/trash/{}", contact["id"].as_str().unwrap());
    petro.send(Method::DELETE, &path).await.expect_problem(404, "contact-not-found");
    petro.send(Method::DELETE, "/api/contacts/trash").await.expect(StatusCode::NO_CONTENT);

    let restored = restore(&olena, &contact).await.expect(StatusCode::OK);
    assert_eq!(restored.header("etag"), "\"3\"", "created, deleted, restored");
    for field in ["id", "first_name", "birthday", "tags", "created_at"] {
        assert_eq!(restored.json[field], contact[field], "{field}");
    }
    assert_eq!(olena.names("q=Леся").await, ["Леся"]);
    assert_eq!(restore(&olena, &contact).await.expect(StatusCode::OK).header("etag"), "\"3\"", "twice is once");
    service.end().await;
}

async fn trash_is_listed_in_pages_and_emptied(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let listed = olena.add(&json!({"first_name": "Лишається"})).await;
    let mut deleted = Vec::new();
    for number in 0..5 {
        let contact = olena.add(&json!({"first_name": format!("N{number}")})).await;
        olena.send(Method::DELETE, &path_of(&contact)).await.expect(StatusCode::NO_CONTENT);
        deleted.insert(0, contact);
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = olena.get(&format!("/api/contacts/trash?limit=2{cursor}")).await.expect(StatusCode::OK).json;
        assert_eq!(page["total"], json!(5));
        found.extend(page["items"].as_array().unwrap().iter().map(|item| item["contact"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, deleted, "the latest first");
    let path = |contact: &Value| format!("/api/contacts/trash/{}", contact["id"].as_str().unwrap());
    olena.send(Method::DELETE, &path(&deleted[0])).await.expect(StatusCode::NO_CONTENT);
    olena.send(Method::DELETE, &path(&deleted[0])).await.expect_problem(404, "contact-not-found");
    olena.send(Method::DELETE, &path(&listed)).await.expect_problem(404, "contact-not-found");
    olena.send(Method::DELETE, "/api/contacts/trash").await.expect(StatusCode::NO_CONTENT);
    let trash = olena.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    assert_eq!((&trash["items"], &trash["total"]), (&json!([]), &json!(0)));
    restore(&olena, &deleted[1]).await.expect_problem(404, "contact-not-found");
    assert_eq!(olena.names("").await, ["Лишається"]);
    service.end().await;
}

async fn invalid_trash_requests_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let list = olena.get("/api/contacts").await.expect(StatusCode::OK).json;
    assert_eq!(list["total"], json!(0));
    for name in ["A", "B"] {
        olena.add(&json!({"first_name": name})).await;
    }
    let cursor_of_the_list =
        olena.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json["next_cursor"].clone();
    let of_the_list = format!("cursor={}", cursor_of_the_list.as_str().unwrap());
    let cases: [(&str, &[(&str, &str)]); 5] = [
        ("limit=0", &[("limit", "out-of-range")]),
        ("limit=101", &[("limit", "out-of-range")]),
        ("skip=1", &[("skip", "unknown-field")]),
        ("cursor=broken", &[("cursor", "invalid-cursor")]),
        (&of_the_list, &[("cursor", "invalid-cursor")]),
    ];
    for (query, expected) in cases {
        let rejected = olena.get(&format!("/api/contacts/trash?{query}")).await;
        assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), expected, "{query}");
    }
    let contact = olena.add(&json!({"first_name": "C"})).await;
    olena.send(Method::DELETE, &path_of(&contact)).await.expect(StatusCode::NO_CONTENT);
    let batch = json!({"operations": [{"op": "create", "contact": {"first_name": "D"}}]});
    for (method, path) in [
        (Method::DELETE, "/api/contacts/trash?older_than=30d".to_owned()),
        (Method::POST, "/api/contacts/batch?older_than=30d".to_owned()),
        (Method::POST, format!("{}/restore?older_than=30d", path_of(&contact))),
        (Method::GET, "/api/contacts/tags?older_than=30d".to_owned()),
        (Method::GET, "/api/me?older_than=30d".to_owned()),
    ] {
        let rejected = olena.send_json(method, &path, &batch).await.expect_problem(422, "invalid-parameters");
        assert_eq!(rejected.errors(), [("older_than", "unknown-field")], "{path}");
    }
    let trash = olena.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    assert_eq!(trash["items"][0]["contact"]["id"], contact["id"], "nothing was done");
    assert_eq!(olena.names("").await, ["A", "B"]);
    let long = json!({"k".repeat(500_000): 0, "first_name": "E"});
    let rejected = olena.send_json(Method::POST, "/api/contacts", &long).await.expect_problem(422, "invalid-body");
    assert!(rejected.text.len() < 2_000, "the list is short");

    let rejected = olena.send(Method::POST, "/api/contacts/x/restore").await;
    assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [("id", "invalid-id")]);
    let unauthenticated = service.request(Method::DELETE, "/api/contacts/trash").send().await.unwrap();
    Answer::of(unauthenticated).await.expect_problem(401, "unauthenticated");
    service.end().await;
}

#[actix_web::test]
async fn restore_respects_contact_limit_and_version() {
    let service = Service::start(Kind::Sqlite, &[("CONTACT_LIMIT", "1")]).await;
    let olena = service.stored_person("olena@example.com").await;
    let first = olena.add(&json!({"first_name": "A"})).await;
    olena.send(Method::DELETE, &path_of(&first)).await.expect(StatusCode::NO_CONTENT);
    let second = olena.add(&json!({"first_name": "B"})).await;
    restore(&olena, &first).await.expect_problem(409, "contact-limit-reached");
    olena.send(Method::DELETE, &path_of(&second)).await.expect(StatusCode::NO_CONTENT);
    let request = olena.request(Method::POST, &format!("{}/restore", path_of(&first))).header("if-match", "\"9\"");
    let stale = Answer::of(request.send().await.unwrap()).await;
    stale.expect_problem(412, "contact-changed");
    restore(&olena, &first).await.expect(StatusCode::OK);
    service.end().await;
}
