//! Commands of the operator: settings, diagnostics, migration status.

use std::{fs, net::TcpListener};

use testkit::postgres::FreshDatabase;

use crate::process::{Process, SECRET, command, run, text};

/// The only line of an error, after a failure.
fn error_of(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let failed = run(arguments, variables);
    let error = text(&failed.stderr).trim_end().to_owned();
    assert_eq!((failed.status.code(), error.lines().count()), (Some(1), 1), "{arguments:?}: {error}");
    error
}

#[test]
fn settings_are_listed_with_source_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "PORT=9000\nJWT_SECRET=hunter2-hunter2\nRATE_LIMIT_LOGINS=5/m\n").unwrap();
    let listed = command(folder.path(), &["settings"], &[("HOST", "0.0.0.0")]).output().unwrap();
    assert_eq!((listed.status.code(), text(&listed.stderr)), (Some(0), ""));
    let table = text(&listed.stdout);
    let row = |name: &str| {
        let line = table.lines().find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap_or_else(|| panic!("{name} is missing in\n{table}")).split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(row("PORT"), ["PORT", "9000", ".env", "8000"]);
    assert_eq!(row("HOST"), ["HOST", "0.0.0.0", "environment", "127.0.0.1"]);
    assert_eq!(row("REGISTRATION"), ["REGISTRATION", "open", "default", "open"]);
    assert_eq!(row("JWT_SECRET")[1..3], ["(secret)", ".env"]);
    assert!(table.contains("RATE_LIMIT_LOGINS is not a setting; the nearest is RATE_LIMIT_LOGIN"), "{table}");
    assert!(!table.contains("hunter2"), "{table}");
    let help = run(&["--help"], &[]);
    assert!(text(&help.stdout).contains("`contacts-api settings` lists them"));
}

#[test]
fn invalid_log_filter_is_an_error_of_its_variable() {
    for filter in ["loud", "info,loud", "domain=loud"] {
        let error = error_of(&["migrate"], &[("RUST_LOG", filter)]);
        assert!(error.starts_with("RUST_LOG must be a"), "{filter}: {error}");
    }
}

#[test]
fn invalid_line_of_the_settings_file_is_reported_by_number() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "HOST=127.0.0.1\nPASSWORD_PEPPER=hunter2 hunter2\n").unwrap();
    for arguments in [&["settings"][..], &["serve"], &["migrate"], &["healthcheck"]] {
        let failed = command(folder.path(), arguments, &[]).output().unwrap();
        let error = text(&failed.stderr);
        assert_eq!(failed.status.code(), Some(1));
        assert!(error.starts_with(".env, line 2: ") && !error.contains("hunter2"), "{arguments:?}: {error}");
    }
}

#[actix_web::test]
async fn misspelled_setting_is_warned_of_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "RATE_LIMIT_LOGINS=hunter2\n").unwrap();
    let misspelled = [("CONTACTS_LIMIT", "7"), ("HOSTNAME", "here"), ("LOG_FORMAT", "json"), ("DATA_DIR", "files")];
    let process = Process::start_with(&folder, "log", &misspelled).await;
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    for (name, nearest) in [("CONTACTS_LIMIT", "CONTACT_LIMIT"), ("RATE_LIMIT_LOGINS", "RATE_LIMIT_LOGIN")] {
        let fields = format!("\"variable\":\"{name}\",\"nearest\":\"{nearest}\"");
        assert!(log.contains(&fields), "{name}: {log}");
    }
    assert!(!log.contains("HOSTNAME") && !log.contains("hunter2"), "{log}");
    let mails = folder.path().canonicalize().unwrap().join("files/mail").display().to_string();
    assert!(log.contains(&mails), "the start logs where mails are: {log}");
    assert!(folder.path().join("files/contacts.db").exists(), "the database is in the data folder too");
    drop(process);
}

#[test]
fn unavailable_postgres_is_reported_with_server_and_cause() {
    // Bound and closed again, so that nothing listens on it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://contacts:hunter2@127.0.0.1:{port}/contacts");
    for arguments in [&["migrate"][..], &["migrate", "--status"]] {
        let error = error_of(arguments, &[("DATABASE_URL", &url), ("RUST_LOG", "off")]);
        let server = format!("PostgreSQL at 127.0.0.1:{port} is unreachable");
        assert!(error.starts_with("DATABASE_URL: ") && error.contains(&server), "{error}");
        assert!(error.to_lowercase().contains("connection refused") && !error.contains("hunter2"), "{error}");
    }
    let unknown = "postgres://contacts:hunter2@database.invalid/contacts";
    let error = error_of(&["migrate"], &[("DATABASE_URL", unknown), ("RUST_LOG", "off")]);
    assert!(error.contains("PostgreSQL at database.invalid:5432 is unreachable"), "{error}");
    assert!(!error.contains("pool timed out") && !error.contains("hunter2"), "{error}");
}

#[test]
fn backup_without_a_database_names_the_database() {
    let error = error_of(&["backup", "copy.db"], &[("DATABASE_URL", "sqlite://nothing/here.db?mode=rwc")]);
    assert!(error.starts_with("DATABASE_URL: there is no database at nothing/here.db"), "{error}");
}

#[test]
fn failed_healthcheck_names_the_address() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let error = error_of(&["healthcheck"], &[("PORT", &port), ("HOST", "0.0.0.0")]);
    assert!(error.starts_with(&format!("health check of 127.0.0.1:{port} failed: ")), "{error}");
}

#[test]
fn occupied_port_stops_the_start_before_the_migration() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    for (settings, start) in [
        ([("JWT_SECRET", SECRET), ("PORT", &*port)], format!("cannot listen on {address}: ")),
        ([("JWT_SECRET", SECRET), ("METRICS_ADDR", &*address)], format!("METRICS_ADDR: cannot listen on {address}: ")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let settings = [&settings[..], if settings[1].0 == "PORT" { &[] } else { &[("PORT", "0")] }].concat();
        let failed = command(folder.path(), &["serve"], &settings).output().unwrap();
        let error = text(&failed.stderr).lines().last().unwrap();
        assert_eq!(failed.status.code(), Some(1));
        assert!(error.starts_with(&start), "{error}");
        assert!(!folder.path().join("data/contacts.db").exists(), "nothing was migrated");
    }
}

#[actix_web::test]
async fn migration_status_lists_changes_and_changes_nothing() {
    let (folder, postgres) = (tempfile::tempdir().unwrap(), FreshDatabase::create().await);
    let file = folder.path().join("contacts.db");
    for url in [format!("sqlite://{}?mode=rwc", file.display()), postgres.url.clone()] {
        let call = |arguments: &[&str]| {
            let done =
                command(folder.path(), arguments, &[("DATABASE_URL", &url), ("RUST_LOG", "off")]).output().unwrap();
            assert_eq!((done.status.code(), text(&done.stderr)), (Some(0), ""), "{arguments:?}");
            text(&done.stdout).to_owned()
        };
        let before = call(&["migrate", "--status"]);
        let steps = before.lines().count() - 1;
        assert_eq!(before.lines().filter(|line| line.starts_with("pending  m")).count(), steps, "{before}");
        assert!(before.ends_with(&format!("{steps} pending\n")), "{before}");
        assert!(!file.exists() || url.starts_with("postgres"), "the file is not created");
        call(&["migrate"]);
        let after = call(&["migrate", "--status"]);
        assert_eq!(after, before.replace("pending  m", "applied  m").replace(&format!("{steps} pending"), "0 pending"));
    }
    postgres.remove().await;
}

#[test]
fn unusable_data_folder_is_an_error_of_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let data = folder.path().join("file/data");
    let database = format!("sqlite://{}", folder.path().join("contacts.db").display());
    let variables = [
        ("JWT_SECRET", SECRET),
        ("DATA_DIR", data.to_str().unwrap()),
        ("DATABASE_URL", &database),
        ("RUST_LOG", "off"),
    ];
    let error = error_of(&["serve"], &variables);
    assert!(error.starts_with("DATA_DIR: ") && error.contains("file/data"), "{error}");
}
