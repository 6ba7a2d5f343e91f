//! The binary in operation: log, kill, Redis.

use std::{fs, time::Duration};

use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::{redis::PrivateRedis, sqlite};

use crate::{
    process::{Process, SECRET, command, only_mail},
    service::{PASSWORD, token_in},
};

#[actix_web::test]
async fn killed_process_loses_no_data_and_logs_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(&folder, "log").await;
    let registration = json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD});
    assert_eq!(process.post("/api/auth/register", &registration).await.0, StatusCode::CREATED);
    process.child.kill().unwrap();
    drop(process);

    let process = Process::start(&folder, "log").await;
    let token = token_in(&only_mail(&folder).await);
    assert_eq!(process.post("/api/auth/verify-email", &json!({ "token": token })).await.0, StatusCode::NO_CONTENT);
    let login = json!({"email": "olena@example.com", "password": PASSWORD});
    let (status, pair) = process.post("/api/auth/login", &login).await;
    assert_eq!(status, StatusCode::OK);
    reqwest::get(format!("{}/verify-email?token={token}", process.base)).await.unwrap();
    let health = |port: &str| command(folder.path(), &["healthcheck"], &[("PORT", port)]).output().unwrap();
    assert!(health(&process.port).status.success());
    let port = process.port.clone();
    drop(process);
    assert_eq!(health(&port).status.code(), Some(1));

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("data/mail"), "the log has the folder of mails");
    let (access, refresh) = (pair["access_token"].as_str().unwrap(), pair["refresh_token"].as_str().unwrap());
    for secret in [PASSWORD, SECRET, token.as_str(), access, refresh, "olena@example.com", "Олена"] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}

/// The state of Redis in the readiness report.
async fn cache(process: &Process) -> String {
    let ready: Value = reqwest::get(format!("{}/readyz", process.base)).await.unwrap().json().await.unwrap();
    ready["cache"]["status"].as_str().unwrap().to_owned()
}

async fn wait_for_cache_status(process: &Process, expected: &str) {
    for _ in 0..300 {
        if cache(process).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the cache was not {expected} within 30 seconds");
}

#[actix_web::test]
async fn redis_over_tls_needs_a_trusted_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let redis = PrivateRedis::start_with_tls(folder.path()).await;
    let (url, certificate) = redis.tls();
    let trusting = [("REDIS_URL", url.as_str()), ("SSL_CERT_FILE", certificate.to_str().unwrap())];
    wait_for_cache_status(&Process::start_with(&folder, "log", &trusting).await, "ok").await;
    assert_eq!(cache(&Process::start_with(&folder, "log", &trusting[..1]).await).await, "unavailable");
}

#[actix_web::test]
async fn redis_state_changes_are_logged_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut redis = PrivateRedis::start().await;
    let process = Process::start_with(&folder, "log", &[("REDIS_URL", &redis.url()), ("RUST_LOG", "info")]).await;
    wait_for_cache_status(&process, "ok").await;
    redis.kill();
    wait_for_cache_status(&process, "unavailable").await;
    // Many more requests while Redis is unavailable.
    for _ in 0..20 {
        process.post("/api/auth/refresh", &json!({"refresh_token": "x"})).await;
    }
    redis.resume().await;
    wait_for_cache_status(&process, "ok").await;
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let statuses: Vec<&str> =
        log.lines().filter_map(|line| line.split_once(": redis ")?.1.split_once(',').map(|(word, _)| word)).collect();
    assert!(statuses.len() >= 3 && statuses.last() == Some(&"available"), "{log}");
    assert!(statuses.windows(2).all(|pair| pair[0] != pair[1]), "only changes are logged: {statuses:?}");
}

/// Search data is computed again while the service answers.
#[actix_web::test]
async fn contacts_of_an_earlier_version_are_reindexed_after_start() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder, "log").await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    let client = reqwest::Client::new();
    let body = json!({"first_name": "Леся", "phones": [{"number": "+380 67 111-22-33"}]});
    let post = client.post(format!("{}/api/contacts", process.base)).bearer_auth(&token).json(&body);
    assert_eq!(post.send().await.unwrap().status(), StatusCode::CREATED);
    let port = process.port.clone();
    drop(process);
    let earlier = "UPDATE contacts SET phone_digits = '\n380671112233\n', search_text = '', search_version = 0";
    sqlite::execute(&folder.path().join("data/contacts.db"), earlier).await;

    let process = Process::start_with(&folder, "log", &[("PORT", &port)]).await;
    let found = async || {
        let list = client.get(format!("{}/api/contacts?q=леся&phone=%2B380671112233", process.base));
        let list: Value = list.bearer_auth(&token).send().await.unwrap().json().await.unwrap();
        list["total"].as_u64().unwrap_or_else(|| panic!("{list}"))
    };
    for _ in 0..600 {
        if found().await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was found for thirty seconds");
}

#[actix_web::test]
async fn risky_settings_are_logged_as_warnings() {
    use std::os::unix::fs::PermissionsExt as _;
    const PROXIES: &str = "trusted network too wide";
    const FILE: &str = "secrets readable by every user";
    for (proxies, mode, warned_of) in [
        ("0.0.0.0/0", 0o644, [true, true]),
        ("10.0.0.0/8,::/0", 0o640, [true, false]),
        ("10.0.0.0/8,fc00::/7", 0o600, [false, false]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".env");
        fs::write(&file, "LOG_FORMAT=json\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let _process = Process::start_with(&folder, "log", &[("TRUSTED_PROXIES", proxies)]).await;
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!([PROXIES, FILE].map(|warning| log.contains(warning)), warned_of, "{proxies} {mode:o}: {log}");
    }
}
