//! Command line: errors and exit codes.

use std::{
    fs,
    net::TcpListener,
    process::{Child, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use testkit::{database, postgres::FreshDatabase};

use crate::process::{SECRET, command, run, text};

#[test]
fn commands_without_settings_run_without_environment() {
    let document = run(&["openapi"], &[]);
    assert!(document.status.success());
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let version = run(&["--version"], &[]);
    assert_eq!(text(&version.stdout), format!("contacts-api {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!((version.status.code(), text(&version.stderr)), (Some(0), ""));
    let help = run(&["--help"], &[]);
    assert_eq!((help.status.code(), text(&help.stderr)), (Some(0), ""));
    for word in [
        "A self-hosted address book",
        "serve",
        "migrate",
        "backup",
        "renew-sync-tokens",
        "export",
        "openapi",
        "healthcheck",
        "completions",
        "--version",
    ] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    for state in ["bash", "fish", "zsh"] {
        let script = run(&["completions", state], &[]);
        assert!(script.status.success());
        assert!(text(&script.stdout).contains("healthcheck"), "{state}");
    }
}

#[test]
fn invalid_command_line_is_reported_on_stderr() {
    for arguments in [&["nonsense"][..], &["--nonsense"], &["backup"], &["completions", "nonsense"], &["serve", "x"]] {
        let rejected = run(arguments, &[]);
        assert_eq!(rejected.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&rejected.stdout), "");
        assert!(text(&rejected.stderr).starts_with("error: "), "{arguments:?}");
    }
}

#[test]
fn closed_stdout_pipe_is_not_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut document = command(folder.path(), &["openapi"], &[]);
    let mut document = document.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Closed before reading, because the document is larger than a pipe.
    drop(document.stdout.take());
    let ended = document.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(0), ""));
}

#[test]
fn each_command_validates_only_its_own_settings() {
    let nonsense = [("JWT_SECRET", "short"), ("SMTP_URL", "x"), ("BCRYPT_COST", "x"), ("METRICS_ADDR", "x")];
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["migrate"][..], &["backup", "copy.db"], &["renew-sync-tokens"]] {
        let done = command(folder.path(), arguments, &nonsense).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", text(&done.stderr));
    }
    for (arguments, variable, value) in [
        (&["migrate"][..], "DATABASE_URL", "mysql://root:hunter2-hunter2@localhost/x"),
        (&["migrate"], "LOG_FORMAT", "hunter2-hunter2"),
        (&["migrate"], "RUST_LOG", "hunter2-hunter2=nonsense"),
        (&["healthcheck"], "PORT", "hunter2-hunter2"),
        (&["healthcheck"], "HOST", "hunter2-hunter2"),
    ] {
        let rejected = run(arguments, &[(variable, value)]);
        let output = text(&rejected.stderr);
        assert_eq!((rejected.status.code(), output.lines().count()), (Some(1), 1), "{variable}: {output}");
        assert!(output.starts_with(variable) && !output.contains("hunter2-hunter2"), "{output}");
    }
}

#[test]
fn invalid_setting_is_named_when_the_start_fails() {
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
        let rejected = run(&["serve"], variables);
        let lines: Vec<&str> = text(&rejected.stderr).lines().filter(|line| line.contains(variable)).collect();
        let last = text(&rejected.stderr).lines().last().unwrap();
        assert_eq!(rejected.status.code(), Some(1), "{variables:?}");
        assert!(last.starts_with(variable) && lines.contains(&last), "{variables:?}: {last}");
        assert!(!text(&rejected.stderr).contains("hunter2-hunter2"), "{variables:?}");
    }
}

#[test]
fn occupied_metrics_port_stops_the_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let rejected = run(&["serve"], &[("JWT_SECRET", SECRET), ("PORT", "0"), ("METRICS_ADDR", &address)]);
    assert_eq!(rejected.status.code(), Some(1));
    let last = text(&rejected.stderr).lines().last().unwrap();
    assert!(last.starts_with("METRICS_ADDR") && last.contains(&address), "{last}");
}

#[test]
fn migrate_creates_a_private_database() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let done = command(folder.path(), &["migrate"], &[]).output().unwrap();
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

/// URLs of a new database, for the process and for direct access: SQLite first.
fn urls(folder: &TempDir, postgres: &FreshDatabase) -> [String; 2] {
    [format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display()), postgres.url.clone()]
}

#[actix_web::test]
async fn concurrent_migrate_commands_all_succeed() {
    let (folder, postgres) = (tempfile::tempdir().unwrap(), FreshDatabase::create().await);
    for url in urls(&folder, &postgres) {
        let start = |_| {
            let mut migrate = command(folder.path(), &["migrate"], &[("DATABASE_URL", &url), ("RUST_LOG", "warn")]);
            migrate.stderr(Stdio::piped()).spawn().unwrap()
        };
        let replicas: Vec<Child> = (0..5).map(start).collect();
        for replica in replicas {
            let done = replica.wait_with_output().unwrap();
            assert_eq!((done.status.code(), text(&done.stderr)), (Some(0), ""), "{url}");
        }
    }
    postgres.remove().await;
}

#[actix_web::test]
async fn newer_schema_is_rejected_with_the_command_to_revert() {
    const NEWER: &str = "m20991231_000001_wings";
    let (folder, postgres) = (tempfile::tempdir().unwrap(), FreshDatabase::create().await);
    for url in urls(&folder, &postgres) {
        let call = |arguments: &[&str]| {
            let variables = [("JWT_SECRET", SECRET), ("PORT", "0"), ("DATABASE_URL", &url), ("RUST_LOG", "off")];
            command(folder.path(), arguments, &variables).output().unwrap()
        };
        let rejected = |arguments: &[&str]| {
            let ended = call(arguments);
            let output = text(&ended.stderr).trim_end().to_owned();
            assert_eq!((ended.status.code(), output.lines().count()), (Some(1), 1), "{arguments:?}: {output}");
            output
        };
        assert_eq!(call(&["migrate"]).status.code(), Some(0));
        let steps = rejected(&["migrate", "--back-to", "nonsense"]);
        let [.., before, newest] = steps.rsplit_once(": ").unwrap().1.split(", ").collect::<Vec<_>>()[..] else {
            panic!("there are many steps: {steps}")
        };

        let pretend = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{NEWER}', 0)");
        database::execute(&url, &pretend).await;
        for arguments in [&[][..], &["serve"], &["migrate"], &["migrate", "--back-to", before]] {
            let output = rejected(arguments);
            assert!(output.starts_with("DATABASE_URL: the schema is newer") && output.contains(NEWER), "{output}");
            assert!(output.ends_with(&format!("contacts-api migrate --back-to {newest}")), "{output}");
        }
        database::execute(&url, &format!("DELETE FROM seaql_migrations WHERE version = '{NEWER}'")).await;

        assert_eq!(call(&["migrate", "--back-to", before]).status.code(), Some(0));
        rejected(&["migrate", "--back-to", newest]);
        assert_eq!(call(&["migrate"]).status.code(), Some(0));
        assert_eq!(call(&["migrate", "--back-to", newest]).status.code(), Some(0), "nothing is later");
    }
    postgres.remove().await;
}
