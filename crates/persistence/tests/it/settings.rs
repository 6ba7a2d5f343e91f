//! What may be named as a database.

use std::time::Duration;

use persistence::{Database, DatabaseSettings, OpenError};

fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings { url: url.to_owned(), max_connections: 1, acquire_timeout: Duration::from_millis(300) }
}

#[test]
fn memory_databases_and_strangers_are_refused() {
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
fn a_password_is_never_shown() {
    let settings = settings("postgres://user:s3cret@127.0.0.1/contacts");
    assert!(!format!("{settings:?}").contains("s3cret"));
    assert_eq!(format!("{:?}", Database::new(settings).unwrap()), "Database(PostgreSQL)");
}

#[tokio::test]
async fn a_server_that_is_away_is_reported() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let database = Database::new(settings(&format!("postgres://user:s3cret@127.0.0.1:{port}/contacts"))).unwrap();
    let error = database.open().await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable(_)));
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_file_must_be_there_unless_it_may_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("none.db").display());
    let database = Database::new(settings(&url)).unwrap();
    assert!(matches!(database.open().await, Err(OpenError::Unreachable(_))));
}
