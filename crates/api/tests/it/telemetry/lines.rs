//! Log lines in JSON.

use std::fs;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::sqlite;

use super::user_journey::{client, travel};
use crate::process::{Process, run, text};

/// The lines of a log, each a JSON object.
fn lines(folder: &TempDir) -> Vec<Value> {
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    log.lines().map(line).collect()
}

/// The lines of finished requests.
fn requests(folder: &TempDir) -> Vec<Value> {
    lines(folder).into_iter().filter(|line| line["message"] == "request").collect()
}

/// The values of the line of a request, of the journey or another one.
fn request(line: &Value) -> (&str, &str, u64, bool) {
    let text = |name: &str| line[name].as_str().unwrap();
    (text("method"), text("route"), line["status"].as_u64().unwrap(), line["span"].get("user_id").is_some())
}

#[actix_web::test]
async fn each_request_is_logged_without_personal_data() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start_with(&folder, "log", &[("LOG_FORMAT", "json"), ("RUST_LOG", "debug")]).await;
    let journey = travel(&process, &folder).await;
    let id = client().get(format!("{}/nowhere", process.base)).header("x-request-id", "mine-1").send().await.unwrap();
    assert_eq!(id.headers()["x-request-id"], "mine-1");
    drop(process);

    let all = lines(&folder);
    for line in &all {
        for name in ["timestamp", "level", "target"] {
            assert!(line[name].is_string(), "{name} of {line:?}");
        }
    }
    let requests = requests(&folder);
    for line in &requests {
        assert!(line["span"]["request_id"].is_string() && line["latency_ms"].as_f64().unwrap() > 0.0, "{line:?}");
        assert!(line["span"].get("trace_id").is_none(), "no trace is sent");
        let user = line["span"].get("user_id");
        assert!(user.is_none_or(|user| *user == *journey.user), "{line:?}");
    }
    let logged: Vec<_> = requests.iter().map(request).filter(|(_, route, ..)| *route != "/healthz").collect();
    let mut sent: Vec<_> = journey
        .requests
        .iter()
        .map(|(method, route, status, known)| (*method, *route, u64::from(*status), *known))
        .collect();
    sent.push(("GET", "unmatched", 404, false));
    assert_eq!(logged, sent);
    assert_eq!(requests.last().unwrap()["span"]["request_id"], "mine-1");
    journey.assert_private("the log", &fs::read(folder.path().join("log")).unwrap());
}

#[actix_web::test]
async fn error_log_line_contains_the_request_id() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start_with(&folder, "log", &[("LOG_FORMAT", "json"), ("RUST_LOG", "warn")]).await;
    let media = folder.path().join("data/media");
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    // A file in place of the folder: no picture can be stored.
    fs::remove_dir_all(&media).unwrap();
    fs::write(&media, "").unwrap();
    let picture = crate::pictures::file(crate::pictures::encoded(40, 30, image::ImageFormat::Png));
    let upload = client().put(format!("{}/api/me/avatar", process.base)).bearer_auth(token).multipart(picture);
    let answer = upload.header("x-request-id", "mine-2").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);

    let lines = lines(&folder);
    let error = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!((&error["span"]["name"], &error["span"]["request_id"]), (&"request".into(), &"mine-2".into()));
    assert!(error["span"]["user_id"].is_string(), "{error:?}");
    assert_eq!(error["code"], "picture-store-unavailable");
    assert!(!lines.iter().any(|line| line["message"] == "request"), "only what was asked for is written");
}

#[actix_web::test]
async fn contact_with_an_unreadable_birthday_is_logged_and_the_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start_with(&folder, "log", &[("LOG_FORMAT", "json")]).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    let contacts = format!("{}/api/contacts", process.base);
    let mut ids = Vec::new();
    for name in ["A", "B"] {
        let body = json!({"first_name": name, "birthday": "1990-02-28"});
        let created = client().post(&contacts).bearer_auth(&token).json(&body).send().await.unwrap();
        ids.push(created.json::<Value>().await.unwrap()["id"].clone());
    }
    let unreadable =
        r#"UPDATE contacts SET card = '{"first_name":"A","birthday":"1990-02-30"}' WHERE card LIKE '%"A"%'"#;
    sqlite::execute(&folder.path().join("data/contacts.db"), unreadable).await;
    let items = async |path: &str| {
        let list = client().get(format!("{contacts}{path}")).bearer_auth(&token).send().await.unwrap();
        list.json::<Value>().await.unwrap()["items"].as_array().unwrap().clone()
    };
    let birthdays = items("/birthdays?days=366").await;
    assert_eq!((birthdays.len(), &birthdays[0]["contact"]["id"]), (1, &ids[1]));
    assert_eq!(items("").await.len(), 2, "a list does not read the cards");

    let lines = lines(&folder);
    let errors: Vec<&Value> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!((&errors[0]["message"], &errors[0]["contact_id"]), (&"contact unreadable".into(), &ids[0]));
}

#[actix_web::test]
async fn request_of_a_disconnected_client_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start_with(&folder, "log", &[("LOG_FORMAT", "json")]).await;
    let registration = "{\"username\": \"Olena\"";
    let head = format!(
        "POST /api/auth/register HTTP/1.1\r\nhost: x\r\nx-request-id: left\r\ncontent-type: application/json\r\n\
         content-length: 500\r\n\r\n{registration}"
    );
    let mut stream = tokio::net::TcpStream::connect(format!("127.0.0.1:{}", process.port)).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
    drop(stream);
    for _ in 0..600 {
        if let Some(line) = requests(&folder).iter().find(|line| line["span"]["request_id"] == "left") {
            assert_eq!((&line["status"], &line["route"]), (&499.into(), &"unmatched".into()), "{line:?}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the request has no line");
}

#[test]
fn log_goes_to_stderr_and_stdout_stays_empty() {
    let rejected = run(&["serve"], &[("LOG_FORMAT", "json")]);
    assert_eq!((rejected.status.code(), text(&rejected.stdout)), (Some(1), ""));
    let done = run(&["migrate"], &[("LOG_FORMAT", "json")]);
    assert_eq!((done.status.code(), text(&done.stdout)), (Some(0), ""));
    for line in text(&done.stderr).lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}
