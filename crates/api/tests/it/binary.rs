//! The binary itself: its commands, its words, its end by force.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output},
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::redis::PrivateRedis;

use crate::service::{PASSWORD, token_in};

const SECRET: &str = "tests-only-0123456789abcdefghijklmnopqrstuvwxyz";

/// The binary in an empty folder, with these variables and no others.
fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contacts-api"));
    command.current_dir(folder).env_clear().args(arguments).envs(variables.iter().copied());
    command
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), arguments, variables).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn what_needs_no_settings_asks_for_none() {
    let document = run(&["openapi"], &[]);
    assert!(document.status.success());
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let version = run(&["--version"], &[]);
    assert_eq!(text(&version.stdout), format!("contacts-api {}\n", env!("CARGO_PKG_VERSION")));
    let help = run(&["--help"], &[]);
    for word in ["A self-hosted address book", "serve", "migrate", "openapi", "healthcheck"] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    assert_eq!(run(&["nonsense"], &[]).status.code(), Some(2));
}

#[test]
fn a_start_that_cannot_be_says_why_in_one_line() {
    let cases: [(&str, &[(&str, &str)]); 9] = [
        ("JWT_SECRET", &[]),
        ("JWT_SECRET", &[("JWT_SECRET", "hunter2-hunter2")]),
        ("JWT_SECRET", &[("JWT_SECRET", "change-me-to-32-or-more-random-bytes")]),
        ("DATABASE_URL", &[("JWT_SECRET", SECRET), ("DATABASE_URL", "mysql://root:hunter2-hunter2@localhost/x")]),
        ("DATABASE_URL", &[("JWT_SECRET", SECRET), ("DATABASE_URL", "sqlite::memory:")]),
        ("METRICS_ADDR", &[("JWT_SECRET", SECRET), ("METRICS_ADDR", "hunter2-hunter2")]),
        ("CLOUDINARY_URL", &[("JWT_SECRET", SECRET), ("CLOUDINARY_URL", "hunter2-hunter2")]),
        ("REDIS_URL", &[("JWT_SECRET", SECRET), ("REDIS_URL", "redis://:hunter2-hunter2@localhost:port")]),
        (
            "SMTP_URL",
            &[("JWT_SECRET", SECRET), ("SMTP_URL", "http://hunter2-hunter2@x"), ("MAIL_FROM", "a@example.com")],
        ),
    ];
    for (variable, variables) in cases {
        let refused = run(&["serve"], variables);
        let lines: Vec<&str> = text(&refused.stderr).lines().filter(|line| line.contains(variable)).collect();
        let last = text(&refused.stderr).lines().last().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{variables:?}");
        assert!(last.starts_with(variable) && lines.contains(&last), "{variables:?}: {last}");
        assert!(!text(&refused.stderr).contains("hunter2-hunter2"), "{variables:?}");
    }
}

#[test]
fn a_taken_metrics_port_stops_the_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = run(&["serve"], &[("JWT_SECRET", SECRET), ("PORT", "0"), ("METRICS_ADDR", &address)]);
    assert_eq!(refused.status.code(), Some(1));
    let last = text(&refused.stderr).lines().last().unwrap();
    assert!(last.starts_with("METRICS_ADDR") && last.contains(&address), "{last}");
}

#[test]
fn migrate_makes_a_private_database() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let done = command(folder.path(), &["migrate"], &[("JWT_SECRET", SECRET)]).output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    let database = folder.path().join("data/contacts.db");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&database).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(database.exists());
}

/// The service as a process of its own.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) base: String,
    port: String,
}

impl Process {
    pub(crate) async fn start(folder: &TempDir, log: &str) -> Self {
        Self::start_with(folder, log, &[]).await
    }

    pub(crate) async fn start_with(folder: &TempDir, log: &str, more: &[(&str, &str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let variables = [
            ("JWT_SECRET", SECRET),
            ("PORT", port.as_str()),
            ("BCRYPT_COST", "10"),
            ("RUST_LOG", "debug"),
            ("RATE_LIMIT_ME", "off"),
            ("RATE_LIMIT_CONTACTS", "off"),
        ];
        let variables: Vec<_> = variables.iter().chain(more).copied().collect();
        let log = File::options().create(true).append(true).open(folder.path().join(log)).unwrap();
        let child = command(folder.path(), &[], &variables).stderr(log).spawn().unwrap();
        let process = Self { child, base: format!("http://127.0.0.1:{port}"), port };
        for _ in 0..200 {
            if reqwest::get(format!("{}/healthz", process.base)).await.is_ok() {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the service did not start within 10 seconds");
    }

    /// The access token of somebody who has registered, followed the link, and signed in.
    pub(crate) async fn newcomer(&self, folder: &TempDir) -> String {
        let registration = json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD});
        assert_eq!(self.post("/api/auth/register", &registration).await.0, StatusCode::CREATED);
        let token = token_in(&only_mail(folder).await);
        assert_eq!(self.post("/api/auth/verify-email", &json!({ "token": token })).await.0, StatusCode::NO_CONTENT);
        let login = json!({"email": "olena@example.com", "password": PASSWORD});
        let (status, pair) = self.post("/api/auth/login", &login).await;
        assert_eq!(status, StatusCode::OK);
        pair["access_token"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = reqwest::Client::new().post(format!("{}{path}", self.base)).json(body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of the only mail, once it is there.
async fn only_mail(folder: &TempDir) -> String {
    for _ in 0..200 {
        let entries = fs::read_dir(folder.path().join("data/mail")).into_iter().flatten();
        let mails: Vec<_> =
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some()).collect();
        if let [mail] = mails.as_slice() {
            let bytes = fs::read(mail).unwrap();
            return mail_parser::MessageParser::default().parse(&bytes).unwrap().body_text(0).unwrap().into_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("there was not one mail within 20 seconds");
}

#[actix_web::test]
async fn killed_at_once_it_loses_nothing_and_tells_nothing() {
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
    let health = |port: &str| {
        command(folder.path(), &["healthcheck"], &[("JWT_SECRET", SECRET), ("PORT", port)]).output().unwrap()
    };
    assert!(health(&process.port).status.success());
    let port = process.port.clone();
    drop(process);
    assert_eq!(health(&port).status.code(), Some(1));

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("data/mail"), "the start tells where mails are");
    let (access, refresh) = (pair["access_token"].as_str().unwrap(), pair["refresh_token"].as_str().unwrap());
    for secret in [PASSWORD, SECRET, token.as_str(), access, refresh, "olena@example.com", "Олена"] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}

#[cfg(unix)]
#[actix_web::test]
async fn a_polite_signal_ends_it_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(&folder, "log").await;
    let told = Command::new("kill").args(["-TERM", &process.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

/// What the service says of its Redis.
async fn cache(process: &Process) -> String {
    let ready: Value = reqwest::get(format!("{}/readyz", process.base)).await.unwrap().json().await.unwrap();
    ready["cache"]["status"].as_str().unwrap().to_owned()
}

async fn until_cache_is(process: &Process, wanted: &str) {
    for _ in 0..300 {
        if cache(process).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the cache was not {wanted} within 30 seconds");
}

#[actix_web::test]
async fn redis_over_tls_is_trusted_by_its_certificate_only() {
    let folder = tempfile::tempdir().unwrap();
    let redis = PrivateRedis::start_with_tls(folder.path()).await;
    let (url, certificate) = redis.tls();
    let trusting = [("REDIS_URL", url.as_str()), ("SSL_CERT_FILE", certificate.to_str().unwrap())];
    until_cache_is(&Process::start_with(&folder, "log", &trusting).await, "ok").await;
    assert_eq!(cache(&Process::start_with(&folder, "log", &trusting[..1]).await).await, "unavailable");
}

#[actix_web::test]
async fn a_change_of_redis_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut redis = PrivateRedis::start().await;
    let process = Process::start_with(&folder, "log", &[("REDIS_URL", &redis.url()), ("RUST_LOG", "info")]).await;
    until_cache_is(&process, "ok").await;
    redis.kill();
    until_cache_is(&process, "unavailable").await;
    // Asked many times more while it is away.
    for _ in 0..20 {
        process.post("/api/auth/refresh", &json!({"refresh_token": "x"})).await;
    }
    redis.resume().await;
    until_cache_is(&process, "ok").await;
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let told: Vec<&str> =
        log.lines().filter_map(|line| line.split_once("Redis is ")?.1.split_once(':').map(|(word, _)| word)).collect();
    assert!(told.len() >= 3 && told.last() == Some(&"there"), "{log}");
    assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "only changes are told: {told:?}");
}
