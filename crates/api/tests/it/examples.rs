//! Examples of the documentation, run as they are pasted.

use std::process::Command;

use reqwest::StatusCode;
use serde_json::json;

use crate::{process::Process, service::PASSWORD};

const README: &str = include_str!("../../../../README.md");
const API: &str = include_str!("../../../../docs/api.md");

/// The commands of a text.
fn commands(text: &str) -> String {
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|block| block.split_once("```").unwrap().0).collect::<Vec<_>>().join("\n")
}

/// The text under a heading.
fn under<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(heading).unwrap();
    rest.split("\n## ").next().unwrap()
}

#[actix_web::test]
async fn documented_examples_work_as_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let defaults = [("RATE_LIMIT_ME", "10/m"), ("RATE_LIMIT_CONTACTS", "300/m")];
    let service = Process::start_with(&folder, "log", &defaults).await;
    let pasted = [commands(under(README, "\n## How do I try it with curl?\n")), commands(API)].join("\n");
    // Only two things are changed: the URL of the service, and the exit code of a failure.
    let (calls, uploads) = ("curl -s -w '\\n'", "curl -s -X PUT");
    assert_eq!((pasted.matches(calls).count(), pasted.matches(uploads).count()), (1, 2));
    let script = pasted
        .replace("http://localhost:8000", &service.base)
        .replace(calls, "curl --fail-with-body -s -w '\\n'")
        .replace(uploads, "curl --fail-with-body -s -X PUT");
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &script]).current_dir(folder.path());
    let output = actix_web::rt::task::spawn_blocking(move || bash.output().unwrap()).await.unwrap();
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{text}\n{errors}");
    for expected in
        ["Ґудзенко", "\"days_until\":0", "\"favorite\":true", "\n412\n", "\"tag\":\"Поети\"", "/media/photos/"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    for expected in ["\"expires_at\":", "\"op\":\"update\"", "\"code\":\"invalid-url\"", "\"audit_events\":"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let export = &text[text.rfind("{\"user\":").unwrap()..];
    let export: serde_json::Value = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    assert_eq!(export["contacts"].as_array().unwrap().len(), 4, "the repeated request made no second Леся");
    let (status, _) =
        service.post("/api/auth/login", &json!({"email": "olena@example.com", "password": PASSWORD})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the last example ends the account");
}
