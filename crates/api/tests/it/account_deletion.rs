//! The deletion of an account.

use futures_util::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Kind, PASSWORD, Service, on_both};

on_both!(account_deletion_removes_all_data_of_the_user, account_deletion_concurrent_with_contact_creation_succeeds,);

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
