//! Sessions, changes of the password and the e-mail address, the export, and account deletion.

use futures_util::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Kind, PASSWORD, Person, Service, on_both};

on_both!(
    sessions_are_listed_and_ended,
    password_change_invalidates_every_earlier_token,
    account_deletion_removes_all_data_of_the_user,
    email_is_changed_through_the_confirmation_page,
    concurrent_confirmations_apply_only_the_latest_email_change,
    email_confirmed_by_two_users_belongs_to_one,
    export_contains_audit_events_and_no_secrets,
    account_deletion_concurrent_with_contact_creation_succeeds,
);

async fn sessions_are_listed_and_ended(service: Service) {
    let here = service.person("olena@example.com").await;
    let (there, elsewhere) =
        (service.sign_in("olena@example.com", PASSWORD).await, service.sign_in("olena@example.com", PASSWORD).await);
    let petro = service.person("petro@example.com").await;
    let list = here.get("/api/me/sessions").await.expect(StatusCode::OK).json;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    let current: Vec<bool> = items.iter().map(|item| item["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [false, false, true], "the one used last first");
    assert_eq!(items[0]["ip"], "127.0.0.1");

    let path = format!("/api/me/sessions/{}", items[1]["id"].as_str().unwrap());
    petro.send(Method::DELETE, &path).await.expect_problem(404, "session-not-found");
    here.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    here.send(Method::DELETE, &path).await.expect_problem(404, "session-not-found");
    there.get("/api/me").await.expect_problem(401, "access-token-invalid");
    elsewhere.get("/api/me").await.expect(StatusCode::OK);
    here.send(Method::DELETE, "/api/me/sessions").await.expect(StatusCode::NO_CONTENT);
    elsewhere.get("/api/me").await.expect_problem(401, "access-token-invalid");
    here.get("/api/me").await.expect(StatusCode::OK);
    petro.get("/api/me").await.expect(StatusCode::OK);
    service.end().await;
}

async fn password_change_invalidates_every_earlier_token(service: Service) {
    let here = service.person("olena@example.com").await;
    let there = service.sign_in("olena@example.com", PASSWORD).await;
    let change = async |current: &str, new: &str| {
        here.send_json(Method::PUT, "/api/me/password", &json!({"current_password": current, "new_password": new}))
            .await
    };
    let wrong = change("wrong", "staple the correct horse").await.expect_problem(422, "invalid-body");
    assert_eq!(wrong.errors(), [("/current_password", "wrong-password")]);
    let weak = change(PASSWORD, "olena@example").await.expect_problem(422, "invalid-body");
    assert_eq!(weak.errors(), [("/new_password", "password-self-derived")]);
    there.get("/api/me").await.expect(StatusCode::OK);
    let pair = change(PASSWORD, "staple the correct horse").await.expect(StatusCode::OK).json;
    for earlier in [&here, &there] {
        earlier.get("/api/me").await.expect_problem(401, "access-token-invalid");
        let refresh = json!({ "refresh_token": earlier.refresh_token });
        service.post("/api/auth/refresh", &refresh).await.expect_problem(401, "refresh-token-invalid");
    }
    let next = json!({ "refresh_token": pair["refresh_token"] });
    service.post("/api/auth/refresh", &next).await.expect(StatusCode::OK);
    let me = service.request(Method::GET, "/api/me").bearer_auth(pair["access_token"].as_str().unwrap());
    assert_eq!(me.send().await.unwrap().status(), StatusCode::OK);
    let old = json!({"email": "olena@example.com", "password": PASSWORD});
    service.post("/api/auth/login", &old).await.expect_problem(401, "invalid-credentials");
    service.sign_in("olena@example.com", "staple the correct horse").await;
    service.end().await;
}

async fn account_deletion_removes_all_data_of_the_user(service: Service) {
    let (olena, petro) = (service.person("olena@example.com").await, service.person("petro@example.com").await);
    olena.add(&json!({"first_name": "Леся"})).await;
    petro.add(&json!({"first_name": "Чуже"})).await;
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
    assert_eq!(export["user"], olena.get("/api/me").await.json);
    assert_eq!(
        (export["contacts"].as_array().unwrap().len(), &export["contacts"][0]["first_name"]),
        (1, &json!("Леся"))
    );
    assert_eq!(export["sessions"][0]["current"], true);

    let leave =
        async |password: &str| olena.send_json(Method::DELETE, "/api/me", &json!({ "password": password })).await;
    let wrong = leave("wrong").await.expect_problem(422, "invalid-body");
    assert_eq!(wrong.errors(), [("/password", "wrong-password")]);
    leave(PASSWORD).await.expect(StatusCode::NO_CONTENT);
    olena.get("/api/me").await.expect_problem(401, "access-token-invalid");
    let login = json!({"email": "olena@example.com", "password": PASSWORD});
    service.post("/api/auth/login", &login).await.expect_problem(401, "invalid-credentials");
    assert_eq!(petro.names("").await, ["Чуже"]);
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    service.end().await;
}

async fn email_is_changed_through_the_confirmation_page(service: Service) {
    let olena = service.person("olena@example.com").await;
    let ask = async |email: &str, password: &str| {
        olena.send_json(Method::POST, "/api/me/email", &json!({"email": email, "password": password})).await
    };
    let wrong = ask("new@example.com", "wrong").await.expect_problem(422, "invalid-body");
    assert_eq!(wrong.errors(), [("/password", "wrong-password")]);
    let same = ask("olena@example.com", PASSWORD).await.expect_problem(422, "invalid-body");
    assert_eq!(same.errors(), [("/email", "unchanged")]);
    ask("new@example.com", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let token = service.token_to("new@example.com", 1).await;
    assert_eq!(service.mails_to("olena@example.com", 2).await.len(), 2, "a notice goes to the old address");
    service.get(&format!("/confirm-email?token={token}")).await.expect(StatusCode::OK);
    assert_eq!(olena.get("/api/me").await.json["email"], "olena@example.com", "looking changes nothing");
    let confirm = || service.request(Method::POST, "/confirm-email").form(&[("token", token.as_str())]).send();
    assert_eq!(confirm().await.unwrap().status(), StatusCode::OK);
    assert_eq!(confirm().await.unwrap().status(), StatusCode::OK, "a second press is no error");
    assert_eq!(olena.get("/api/me").await.json["email"], "new@example.com");
    service.sign_in("new@example.com", PASSWORD).await;
    service.end().await;
}

async fn confirm(service: &Service, token: &str) -> StatusCode {
    service.request(Method::POST, "/confirm-email").form(&[("token", token)]).send().await.unwrap().status()
}

async fn start_email_change(person: &Person<'_>, address: &str) {
    let body = json!({"email": address, "password": PASSWORD});
    person.send_json(Method::POST, "/api/me/email", &body).await.expect(StatusCode::ACCEPTED);
}

async fn concurrent_confirmations_apply_only_the_latest_email_change(service: Service) {
    let olena = service.person("olena@example.com").await;
    let mut tokens = Vec::new();
    for address in ["first@example.com", "second@example.com"] {
        start_email_change(&olena, address).await;
        tokens.push(service.token_to(address, 1).await);
    }
    let tries = join_all((0..20).map(async |number| (number % 2, confirm(&service, &tokens[number % 2]).await))).await;
    let done: Vec<usize> =
        tries.iter().filter(|(_, status)| *status == StatusCode::OK).map(|(which, _)| *which).collect();
    assert_eq!(done, [1; 10], "only the later link is valid, and repeated presses are no errors");
    assert!(tries.iter().all(|(_, status)| [StatusCode::OK, StatusCode::BAD_REQUEST].contains(status)), "{tries:?}");
    assert_eq!(olena.get("/api/me").await.json["email"], "second@example.com");
    service.end().await;
}

async fn email_confirmed_by_two_users_belongs_to_one(service: Service) {
    let people = [service.person("olena@example.com").await, service.person("petro@example.com").await];
    let mut tokens = Vec::new();
    for (number, person) in people.iter().enumerate() {
        start_email_change(person, "shared@example.com").await;
        tokens.push(service.token_to("shared@example.com", number + 1).await);
    }
    let mut outcomes: Vec<u16> =
        join_all(tokens.iter().map(async |token| confirm(&service, token).await.as_u16())).await;
    outcomes.sort_unstable();
    assert_eq!(outcomes, [200, 409]);
    let mut addresses = Vec::new();
    for person in &people {
        addresses.push(person.get("/api/me").await.json["email"].clone());
    }
    assert_eq!(addresses.iter().filter(|address| **address == "shared@example.com").count(), 1, "{addresses:?}");
    service.end().await;
}

async fn export_contains_audit_events_and_no_secrets(service: Service) {
    let olena = service.person("olena@example.com").await;
    let wrong = json!({"email": "olena@example.com", "password": "wrong"});
    service.post("/api/auth/login", &wrong).await.expect_problem(401, "invalid-credentials");
    start_email_change(&olena, "new@example.com").await;
    service.token_to("new@example.com", 1).await;
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK);
    let fields: Vec<&String> = export.json.as_object().unwrap().keys().collect();
    let expected =
        ["audit_events", "contacts", "pending_email", "sessions", "trash", "unused_links", "user", "waiting_mails"];
    assert_eq!(fields, expected);
    assert_eq!(export.json["pending_email"], "new@example.com");
    let links = export.json["unused_links"].as_array().unwrap();
    let [link] = links.as_slice() else { panic!("{links:?}") };
    assert_eq!((&link["purpose"], &link["address"]), (&json!("change-email"), &json!("new@example.com")));
    let events = export.json["audit_events"].as_array().unwrap();
    let lines: Vec<(&str, &str)> =
        events.iter().map(|event| (event["action"].as_str().unwrap(), event["outcome"].as_str().unwrap())).collect();
    let expected = [
        ("register", "success"),
        ("verify-email", "success"),
        ("sign-in", "success"),
        ("sign-in", "wrong-password"),
        ("request-email-change", "success"),
        ("export-account", "success"),
    ];
    assert!(lines.iter().rev().eq(&expected), "{lines:?}");
    assert!(events.iter().all(|event| event["ip"] == "127.0.0.1"), "{events:?}");
    let token = service.token_to("new@example.com", 1).await;
    for secret in [PASSWORD, "wrong\"", &token, &olena.access_token, &olena.refresh_token, "$2"] {
        assert!(!export.text.contains(secret), "{secret}");
    }
    service.end().await;
}

async fn account_deletion_concurrent_with_contact_creation_succeeds(service: Service) {
    let olena = service.person("olena@example.com").await;
    let body = json!({"first_name": "Один"});
    let adds = join_all((0..40).map(|_| olena.send_json(Method::POST, "/api/contacts", &body)));
    let leave = json!({ "password": PASSWORD });
    let (added, left) = join(adds, olena.send_json(Method::DELETE, "/api/me", &leave)).await;
    left.expect(StatusCode::NO_CONTENT);
    for answer in added.into_iter().filter(|answer| answer.status != StatusCode::CREATED) {
        answer.expect_problem(401, "access-token-invalid");
    }
    let again = service.register("olena@example.com").await.expect(StatusCode::CREATED);
    assert_eq!(again.json["email"], "olena@example.com");
    service.end().await;
}

/// Names of the files of SQLite, the write-ahead log included, that contain the words.
fn traces_of(service: &Service, words: &str) -> Vec<String> {
    let folder = service.data_folder().parent().unwrap().to_owned();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let holds = |path: &std::path::PathBuf| {
        path.is_file() && std::fs::read(path).unwrap().windows(words.len()).any(|bytes| bytes == words.as_bytes())
    };
    files.filter(holds).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[actix_web::test]
async fn deleted_account_leaves_no_data_in_sqlite_files() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.person("olena@example.com").await;
    for number in 0..30 {
        let notes = format!("xyzzy{number} {}", "plugh ".repeat(500));
        olena.add(&json!({"first_name": "Леся", "notes": notes})).await;
    }
    assert!(!traces_of(&service, "xyzzy7").is_empty(), "the test must see what is stored");
    olena.send_json(Method::DELETE, "/api/me", &json!({"password": PASSWORD})).await.expect(StatusCode::NO_CONTENT);
    for words in ["xyzzy7", "plugh", "olena@example.com"] {
        assert_eq!(traces_of(&service, words), Vec::<String>::new(), "{words}");
    }
    service.end().await;
}
