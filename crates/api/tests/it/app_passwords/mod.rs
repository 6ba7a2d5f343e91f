//! App passwords as bearer tokens. `authorization` has the routes that each scope allows.

mod ends;
mod limits;

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, PASSWORD, Person, Service, on_both};

const PATH: &str = "/api/me/app-passwords";
const UNKNOWN: &str = "00000-00000-00000-00000";

on_both!(
    app_password_is_shown_once_listed_and_ended,
    invalid_bodies_of_app_passwords_are_rejected_with_all_errors,
    fifty_first_app_password_is_rejected,
    scopes_of_an_app_password_add_up,
    app_password_is_accepted_however_it_is_typed,
    wrong_app_passwords_have_one_answer,
    app_password_is_reported_and_exported,
);

pub(crate) async fn created(person: &Person<'_>, body: &Value) -> Value {
    person.send_json(Method::POST, PATH, body).await.expect(StatusCode::CREATED).json
}

pub(crate) fn secret_of(created: &Value) -> &str {
    created["password"].as_str().unwrap()
}

async fn with_scopes(person: &Person<'_>, scopes: &[&str]) -> String {
    secret_of(&created(person, &json!({"name": "Script", "scopes": scopes})).await).to_owned()
}

async fn call(service: &Service, method: Method, path: &str, secret: &str) -> Answer {
    Answer::of(service.request(method, path).bearer_auth(secret).send().await.unwrap()).await
}

pub(crate) async fn contacts(service: &Service, secret: &str) -> Answer {
    call(service, Method::GET, "/api/contacts", secret).await
}

async fn app_password_is_shown_once_listed_and_ended(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let petro = service.stored_person("petro@example.com").await;
    let answer = olena.send_json(Method::POST, PATH, &json!({"name": "  iPhone "})).await.expect(StatusCode::CREATED);
    assert_eq!(answer.header("cache-control"), "no-store");
    let phone = answer.json.clone();
    let id = phone["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("{PATH}/{id}"));
    assert_eq!((&phone["name"], &phone["scopes"]), (&json!("iPhone"), &json!(["carddav"])));
    assert_eq!(phone["expires_at"], Value::Null);
    let groups: Vec<&str> = secret_of(&phone).split('-').collect();
    let is_group = |group: &&str| group.len() == 5 && group.bytes().all(|digit| digit.is_ascii_alphanumeric());
    assert!(groups.len() == 4 && groups.iter().all(is_group), "{groups:?}");

    let expires_at = "2999-12-31T23:59:59.123456Z";
    let body = json!({"name": "Script", "scopes": ["api:write", "api:read", "api:read"], "expires_at": expires_at});
    let script = created(&olena, &body).await;
    assert_eq!((&script["scopes"], &script["expires_at"]), (&json!(["api:read", "api:write"]), &json!(expires_at)));
    contacts(&service, secret_of(&script)).await.expect(StatusCode::OK);
    let listed = olena.get(PATH).await.expect(StatusCode::OK).json;
    let used_at = listed["items"][0]["last_used_at"].as_str().unwrap();
    assert!(used_at > script["created_at"].as_str().unwrap(), "{used_at}");
    let shown = |created: &Value, last_used_at: Value| {
        let mut shown = created.clone();
        shown.as_object_mut().unwrap().remove("password");
        shown["last_used_at"] = last_used_at;
        shown
    };
    let expected = [shown(&script, json!(used_at)), shown(&phone, Value::Null)];
    assert_eq!(listed["items"], json!(expected), "the latest first, and no password");
    assert_eq!(petro.get(PATH).await.expect(StatusCode::OK).json, json!({"items": []}));

    let path = format!("{PATH}/{}", script["id"].as_str().unwrap());
    petro.send(Method::DELETE, &path).await.expect_problem(404, "app-password-not-found");
    contacts(&service, secret_of(&script)).await.expect(StatusCode::OK);
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    contacts(&service, secret_of(&script)).await.expect_problem(401, "app-password-invalid");
    olena.send(Method::DELETE, &path).await.expect_problem(404, "app-password-not-found");
    assert_eq!(olena.get(PATH).await.json["items"].as_array().unwrap().len(), 1);
    olena.send(Method::DELETE, &format!("{PATH}/x")).await.expect_problem(422, "invalid-parameters");
    service.end().await;
}

async fn invalid_bodies_of_app_passwords_are_rejected_with_all_errors(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let cases: [(Value, &[(&str, &str)]); 9] = [
        (json!({}), &[("/name", "missing")]),
        (json!({"name": " "}), &[("/name", "blank")]),
        (json!({"name": "x".repeat(101)}), &[("/name", "too-long")]),
        (json!({"name": "x", "scopes": []}), &[("/scopes", "no-scope")]),
        (
            json!({"name": "x", "scopes": ["api", "carddav", 7]}),
            &[("/scopes/0", "unknown-scope"), ("/scopes/2", "wrong-type")],
        ),
        (json!({"name": "x", "expires_at": "2027-01-01"}), &[("/expires_at", "invalid-time")]),
        (json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}), &[("/expires_at", "not-in-the-future")]),
        (json!({"name": "x", "expires_at": "9999-12-31T23:59:59-05:00"}), &[("/expires_at", "invalid-time")]),
        (
            json!({"name": 1, "scopes": "carddav", "expires_at": 0, "user": "x"}),
            &[
                ("/name", "wrong-type"),
                ("/scopes", "wrong-type"),
                ("/expires_at", "wrong-type"),
                ("/user", "unknown-field"),
            ],
        ),
    ];
    for (body, expected) in cases {
        let rejected = olena.send_json(Method::POST, PATH, &body).await.expect_problem(422, "invalid-body");
        let sorted = |errors: &[(&str, &str)]| -> BTreeSet<String> {
            errors.iter().map(|(pointer, code)| format!("{pointer} {code}")).collect()
        };
        assert_eq!(sorted(&rejected.errors()), sorted(expected), "{body}");
    }
    let nulls = json!({"name": "x", "scopes": null, "expires_at": null});
    assert_eq!(created(&olena, &nulls).await["scopes"], json!(["carddav"]));
    service.end().await;
}

async fn fifty_first_app_password_is_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let mut id = String::new();
    for number in 0..50 {
        id = created(&olena, &json!({"name": format!("{number}")})).await["id"].as_str().unwrap().to_owned();
    }
    let one_more = json!({"name": "One more"});
    let rejected = olena.send_json(Method::POST, PATH, &one_more).await;
    assert!(rejected.expect_problem(409, "app-password-limit-reached").text.contains("50"));
    olena.send(Method::DELETE, &format!("{PATH}/{id}")).await.expect(StatusCode::NO_CONTENT);
    created(&olena, &one_more).await;
    service.end().await;
}

async fn scopes_of_an_app_password_add_up(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let both = with_scopes(&olena, &["api:read", "api:write"]).await;
    let contact = service.request(Method::POST, "/api/contacts").bearer_auth(&both).json(&json!({"nickname": "Їжак"}));
    Answer::of(contact.send().await.unwrap()).await.expect(StatusCode::CREATED);
    assert_eq!(contacts(&service, &both).await.expect(StatusCode::OK).json["total"], json!(1));
    assert_eq!(olena.names("q=Їжак").await, ["-"], "one address book");
    service.end().await;
}

async fn app_password_is_accepted_however_it_is_typed(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let secret = with_scopes(&olena, &["api:read"]).await;
    let typed = [
        secret.to_uppercase(),
        secret.replace('-', ""),
        secret.replace('-', " "),
        secret.replace('0', "O").replace('1', "l"),
    ];
    for typed in typed {
        contacts(&service, &typed).await.expect(StatusCode::OK);
    }
    service.end().await;
}

async fn wrong_app_passwords_have_one_answer(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let ended = created(&olena, &json!({"name": "x", "scopes": ["api:read"]})).await;
    olena
        .send(Method::DELETE, &format!("{PATH}/{}", ended["id"].as_str().unwrap()))
        .await
        .expect(StatusCode::NO_CONTENT);
    for wrong in [UNKNOWN, secret_of(&ended)] {
        for path in ["/api/contacts", "/api/me"] {
            let rejected = call(&service, Method::GET, path, wrong).await.expect_problem(401, "app-password-invalid");
            let challenge = "Bearer realm=\"contacts\", error=\"invalid_token\"";
            assert_eq!(rejected.header("www-authenticate"), challenge);
        }
    }
    for no_app_password in ["0000-00000-00000-00000", "00000-00000-00000-0000u", "a.b.c", PASSWORD] {
        contacts(&service, no_app_password).await.expect_problem(401, "access-token-invalid");
    }
    let basic = service.request(Method::GET, "/api/contacts").basic_auth("olena@example.com", Some(UNKNOWN));
    Answer::of(basic.send().await.unwrap()).await.expect_problem(401, "unauthenticated");
    service.end().await;
}

async fn app_password_is_reported_and_exported(service: Service) {
    let olena = service.person("olena@example.com").await;
    let body = json!({"name": "Планшет", "scopes": ["carddav", "api:read"]});
    let password = created(&olena, &body).await;
    let mails = service.mails_to("olena@example.com", 2).await;
    let mail = mails.iter().find(|mail| mail.contains("Планшет")).unwrap();
    assert!(mail.contains("synchronize your contacts over CardDAV; read"), "{mail}");
    assert!(!mail.contains(secret_of(&password)), "{mail}");
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK);
    assert_eq!(export.json["app_passwords"], olena.get(PATH).await.json["items"]);
    assert!(!export.text.contains(secret_of(&password)) && !export.text.contains("digest"), "{}", export.text);
    let events = export.json["audit_events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["action"] == json!("create-app-password")), "{events:?}");
    service.end().await;
}
