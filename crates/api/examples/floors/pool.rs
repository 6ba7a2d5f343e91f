//! Statements by hand, for both databases.

use std::{str::FromStr as _, time::Duration};

use serde::Deserialize;
use sqlx::{
    AssertSqlSafe, PgPool, SqlitePool,
    postgres::PgPoolOptions,
    query, query_as, query_scalar,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use crate::contact::{CardRow, ContactRow};

macro_rules! columns {
    () => {
        "SELECT id, owner_id, first_name, last_name, middle_name, nickname, organization, job_title, notes, \
         birthday_year, birthday_month_day, favorite, details, photo_key, version, created_at, updated_at FROM by_column"
    };
}

/// One contact more than the page has, as in the service: it shows that there is no next page.
macro_rules! page {
    () => {
        " WHERE owner_id = $1 AND deleted_at IS NULL ORDER BY last_name_sort, first_name_sort, id LIMIT 51"
    };
}

const ROWS: &str = concat!(columns!(), " WHERE owner_id = $1 ORDER BY last_name_sort, first_name_sort, id LIMIT 51");
const ROW: &str = concat!(columns!(), " WHERE owner_id = $1 AND id = $2");
const DOCUMENTS: &str = concat!("SELECT document FROM by_document", page!());
/// The columns that the service reads of a contact whose owner is known.
const CARDS: &str = "SELECT id, card, search_version, photo_key, change, created_at, updated_at FROM by_card \
                     WHERE owner_id = $1 ORDER BY last_name_sort, first_name_sort, id LIMIT 51";
const DOCUMENT: &str = "SELECT document FROM by_document WHERE owner_id = $1 AND deleted_at IS NULL AND id = $2";
const JOINED: &str =
    concat!("SELECT string_agg(document, ',') FROM (SELECT document FROM by_document", page!(), ") AS page");

/// Raises the count and locks the row of the owner.
const COUNT: &str = "UPDATE owners SET contacts = contacts + 1 WHERE id = $1 RETURNING contacts";
const CREATE: &str = "INSERT INTO created (id, owner_id, document, favorite, search_text, first_name_sort, \
                      last_name_sort, birthday_sort, version, created_at, updated_at) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)";

/// A connection pool.
pub(crate) enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// Runs the same expression with the pool of either database.
macro_rules! either {
    ($self:expr, $pool:ident => $result:expr) => {
        match $self {
            Pool::Postgres($pool) => $result,
            Pool::Sqlite($pool) => $result,
        }
    };
}

/// Members of a new contact that have columns.
#[derive(Deserialize)]
struct NewContact {
    first_name: String,
    last_name: String,
    favorite: bool,
}

impl Pool {
    /// Opens a pool with the settings of the service.
    pub(crate) async fn open(url: &str, connections: u32) -> Self {
        if !url.starts_with("sqlite:") {
            let options = PgPoolOptions::new().max_connections(connections).test_before_acquire(false);
            return Self::Postgres(options.connect(url).await.unwrap());
        }
        let file = SqliteConnectOptions::from_str(url)
            .unwrap()
            .busy_timeout(Duration::from_secs(5))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON");
        let options = SqlitePoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None);
        Self::Sqlite(options.connect_with(file).await.unwrap())
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    pub(crate) async fn version(&self) -> String {
        match self {
            Self::Postgres(pool) => query_scalar("SHOW server_version").fetch_one(pool).await.unwrap(),
            Self::Sqlite(pool) => query_scalar("SELECT sqlite_version()").fetch_one(pool).await.unwrap(),
        }
    }

    pub(crate) async fn create_tables(&self) {
        let statements = match self {
            Self::Postgres(_) => include_str!("postgres/tables.sql"),
            Self::Sqlite(_) => include_str!("sqlite/tables.sql"),
        };
        for statement in statements.split(";\n") {
            either!(self, pool => query(statement).execute(pool).await.map(drop)).unwrap();
        }
    }

    /// Adds contacts to the tables that are read. The text is a JSON array.
    pub(crate) async fn fill(&self, contacts: &str) {
        let statements = match self {
            Self::Postgres(_) => include_str!("postgres/fill.sql"),
            Self::Sqlite(_) => include_str!("sqlite/fill.sql"),
        };
        for statement in statements.split(";\n") {
            either!(self, pool => query(statement).bind(contacts).execute(pool).await.map(drop)).unwrap();
        }
    }

    pub(crate) async fn analyze(&self) {
        match self {
            Self::Postgres(pool) => query("VACUUM ANALYZE").execute(pool).await.map(drop),
            Self::Sqlite(pool) => query("ANALYZE").execute(pool).await.map(drop),
        }
        .unwrap();
    }

    pub(crate) async fn rows(&self, owner: Uuid) -> Vec<ContactRow> {
        either!(self, pool => query_as(ROWS).bind(owner).fetch_all(pool).await).unwrap()
    }

    pub(crate) async fn row(&self, owner: Uuid, id: Uuid) -> ContactRow {
        either!(self, pool => query_as(ROW).bind(owner).bind(id).fetch_one(pool).await).unwrap()
    }

    pub(crate) async fn documents(&self, owner: Uuid) -> Vec<String> {
        either!(self, pool => query_scalar(DOCUMENTS).bind(owner).fetch_all(pool).await).unwrap()
    }

    pub(crate) async fn cards(&self, owner: Uuid) -> Vec<CardRow> {
        either!(self, pool => query_as(CARDS).bind(owner).fetch_all(pool).await).unwrap()
    }

    pub(crate) async fn document(&self, owner: Uuid, id: Uuid) -> String {
        either!(self, pool => query_scalar(DOCUMENT).bind(owner).bind(id).fetch_one(pool).await).unwrap()
    }

    pub(crate) async fn joined(&self, owner: Uuid) -> String {
        either!(self, pool => query_scalar(JOINED).bind(owner).fetch_one(pool).await).unwrap()
    }

    /// Stores a new contact in a transaction of its own.
    #[expect(clippy::disallowed_methods, reason = "the program has neither ids nor a clock besides the system's")]
    pub(crate) async fn create(&self, owner: Uuid, contact: &[u8]) -> Uuid {
        let document = std::str::from_utf8(contact).unwrap();
        let NewContact { first_name, last_name, favorite } = serde_json::from_str(document).unwrap();
        let (id, now) = (Uuid::now_v7(), chrono::Utc::now());
        let begin = if self.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        either!(self, pool => {
            let mut unit = pool.begin_with(AssertSqlSafe(begin)).await.unwrap();
            let _count: i64 = query_scalar(COUNT).bind(owner).fetch_one(&mut *unit).await.unwrap();
            let insert = query(CREATE)
                .bind(id)
                .bind(owner)
                .bind(document)
                .bind(favorite)
                .bind(document)
                .bind(first_name.as_bytes())
                .bind(last_name.as_bytes())
                .bind(228_i16)
                .bind(now);
            insert.execute(&mut *unit).await.unwrap();
            unit.commit().await.unwrap();
        });
        id
    }
}
