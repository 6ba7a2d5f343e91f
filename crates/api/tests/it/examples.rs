//! Examples of the documentation, run as they are pasted.

use std::{
    fs::{self, File},
    process::Command,
};

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

/// Documents whose examples people paste.
const DOCUMENTS: [&str; 8] = [
    README,
    API,
    include_str!("../../../../CONTRIBUTING.md"),
    include_str!("../../../../docs/deployment.md"),
    include_str!("../../../../docs/logging.md"),
    include_str!("../../../../docs/operating.md"),
    include_str!("../../../../docs/scaling.md"),
    include_str!("../../../../docs/sync.md"),
];

#[test]
fn examples_contain_no_comments() {
    // In zsh a pasted comment is a list of arguments.
    let commented: Vec<String> = DOCUMENTS
        .iter()
        .flat_map(|document| {
            let commands = commands(document);
            let lines = commands.lines().filter(|line| line.starts_with('#') || line.contains(" #"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(commented, Vec::<String>::new());
}

/// Shells, with the options with which they read a pasted text. A zsh in which people type knows no comments.
const SHELLS: [(&str, &[&str]); 2] =
    [("bash", &["--norc", "-euo", "pipefail", "-s"]), ("zsh", &["-f", "-i", "-o", "errexit", "-o", "pipefail", "-s"])];

#[actix_web::test]
async fn documented_examples_work_as_pasted() {
    let pasted = [commands(under(README, "\n## How do I try it with curl?\n")), commands(API)].join("\n");
    for (shell, options) in SHELLS {
        run_in(shell, options, &pasted).await;
    }
}

async fn run_in(shell: &str, options: &[&str], pasted: &str) {
    let folder = tempfile::tempdir().unwrap();
    let defaults = [("RATE_LIMIT_ME", "10/m"), ("RATE_LIMIT_CONTACTS", "300/m")];
    let service = Process::start_with(&folder, "log", &defaults).await;
    // Only this is changed: the URL of the service, and the exit code of a failure. The example of an error must fail.
    let (calls, uploads) = ("curl -sS -w '\\n' -H", "curl -sS -w '\\n' -X PUT");
    assert_eq!((pasted.matches(calls).count(), pasted.matches(uploads).count()), (1, 2));
    let wrong = "call $API/contacts -H \"$AUTH\" \\\n  -d '{\"first_name\": \" \"";
    assert_eq!(pasted.matches(wrong).count(), 1);
    let script = pasted
        .replace("http://localhost:8000", &service.base)
        .replace(calls, "curl --fail-with-body -sS -w '\\n' -H")
        .replace(uploads, "curl --fail-with-body -sS -w '\\n' -X PUT")
        .replace(wrong, &wrong.replace("call ", "! call "));
    let file = folder.path().join("pasted");
    fs::write(&file, script + "\necho the end\n").unwrap();
    let mut command = Command::new(shell);
    command.args(options).current_dir(folder.path()).env("PS1", "").env("PS2", "").stdin(File::open(&file).unwrap());
    let output = actix_web::rt::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (text, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success() && text.ends_with("the end\n"), "{shell}: {text}\n{errors}");
    for expected in
        ["Ґудзенко", "\"days_until\":0", "\"favorite\":true", "\n412\n", "\"tag\":\"Поети\"", "/media/photos/"]
    {
        assert!(text.contains(expected), "{shell}: {expected}: {text}");
    }
    for expected in ["\"expires_at\":", "\"op\":\"update\"", "\"code\":\"invalid-url\"", "\"audit_events\":"] {
        assert!(text.contains(expected), "{shell}: {expected}: {text}");
    }
    let export = &text[text.rfind("{\"contents\":").unwrap()..];
    let export: serde_json::Value = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    assert_eq!(export["contacts"].as_array().unwrap().len(), 5, "the repeated request made no second Леся");
    let (status, _) =
        service.post("/api/auth/login", &json!({"email": "olena@example.com", "password": PASSWORD})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the last example ends the account");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let ours = ["log", "data", "pasted"];
    assert!(left.iter().all(|name| ours.iter().any(|known| name == known)), "{shell} left files behind: {left:?}");
}
