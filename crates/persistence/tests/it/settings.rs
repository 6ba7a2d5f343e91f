//! Database URLs.

use std::time::Duration;

use persistence::{Database, DatabaseSettings, OpenError, Pooling};

fn settings(url: &str) -> DatabaseSettings {
    let (url, pooling) = (url.to_owned(), Pooling::Session);
    DatabaseSettings { url, pooling, max_connections: 1, acquire_timeout: Duration::from_millis(300) }
}

#[test]
fn in_memory_or_unknown_database_url_is_rejected() {
    for url in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://x.db?mode=memory",
        "sqlite://",
        "sqlite:",
        "sqlite:file::memory:",
    ] {
        assert!(matches!(Database::new(settings(url)), Err(OpenError::InMemory)), "{url}");
    }
    for url in ["", "mysql://localhost/x", "contacts.db"] {
        assert!(matches!(Database::new(settings(url)), Err(OpenError::UnknownKind)), "{url}");
    }
    for url in ["sqlite://x.db?mode=what", "postgres://user:s3cret@host:port/x"] {
        let error = Database::new(settings(url)).unwrap_err();
        assert!(matches!(error, OpenError::Malformed), "{url}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
    let none = DatabaseSettings { max_connections: 0, ..settings("sqlite://x.db") };
    assert!(matches!(Database::new(none), Err(OpenError::NoConnections)));
}

#[test]
fn database_password_is_never_shown() {
    let settings = settings("postgres://user:s3cret@127.0.0.1/contacts");
    assert!(!format!("{settings:?}").contains("s3cret"));
    assert_eq!(format!("{:?}", Database::new(settings).unwrap()), "Database(PostgreSQL)");
}

#[tokio::test]
async fn unavailable_database_server_is_reported() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let database = Database::new(settings(&format!("postgres://user:s3cret@127.0.0.1:{port}/contacts"))).unwrap();
    let error = database.open().await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }));
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[cfg(unix)]
#[tokio::test]
async fn new_sqlite_file_is_private() {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let base = tempfile::tempdir().unwrap();
    let [new, old] = ["new", "old"].map(|name| base.path().join(name));
    fs::create_dir(&old).unwrap();
    set_mode(&old, 0o755);
    for (folder, folder_mode) in [(&new, 0o700), (&old, 0o755)] {
        let file = folder.join("contacts.db");
        let database = Database::new(settings(&format!("sqlite://{}?mode=rwc", file.display()))).unwrap();
        database.migrate().await.unwrap();
        let store = database.open().await.unwrap();
        testkit::samples::stored_user(&store).await;
        assert_eq!(mode(folder), folder_mode, "{}", folder.display());
        let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        assert_eq!(found, ["contacts.db", "contacts.db-shm", "contacts.db-wal"].map(|name| folder.join(name)));
        for path in &found {
            assert_eq!(mode(path), 0o600, "{}", path.display());
        }
        store.close().await;

        set_mode(&file, 0o640);
        database.open().await.unwrap().close().await;
        assert_eq!(mode(&file), 0o640, "what exists is left as it is");
    }
}

#[tokio::test]
async fn missing_sqlite_file_without_create_mode_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("none.db").display());
    let database = Database::new(settings(&url)).unwrap();
    assert!(matches!(database.open().await, Err(OpenError::Unreachable { .. })));
}
