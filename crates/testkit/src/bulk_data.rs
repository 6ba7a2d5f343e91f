//! Bulk data: contacts of many users, generated inside the database. Ten million take minutes.

use domain::{folding, ids::UserId};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use uuid::Uuid;

const FIRST_NAMES: &str = r#"["олена","петро","марія","іван","ганна","тарас","леся","богдан","adam","zoe","eva","noah","їжак","ґанна","юрій","яна"]"#;
const LAST_NAMES: &str = r#"["коваленко","шевченко","іваненко","бондар","ткач","мельник","кравець","гончар","лисенко","мороз","smith","brown","miller","novak","weber","rossi","garcia","kim","ito","їжакевич"]"#;
const NOTES: &str = "зустріли на каві, любить гори і тишу, дзвонити після шостої";

/// Parameters of the bulk data.
#[derive(Debug, Clone)]
pub struct BulkData {
    /// Total number of contacts.
    pub rows: u64,
    /// One contact in `step` belongs to the owner. The others belong to users with about a hundred each.
    pub step: u64,
    /// Notes of each contact.
    pub notes: String,
}

impl BulkData {
    /// Returns parameters for `rows` contacts, of which `own` belong to the owner. They are scattered over the whole
    /// table, as after years of use.
    #[must_use]
    pub fn new(rows: u64, own: u64) -> Self {
        Self { rows, step: rows / own, notes: NOTES.to_owned() }
    }

    /// User that has the `own` contacts.
    #[must_use]
    pub fn owner() -> UserId {
        UserId(Uuid::from_u128(0x0193_0000_0000_7000_9000_0000_0000_0000))
    }

    /// Fills a migrated, empty database. Drops the indexes, and creates them again after the rows, which is faster. Those
    /// that a foreign key needs stay.
    ///
    /// # Panics
    /// When a statement fails: then the test or the benchmark cannot run.
    pub async fn fill(&self, url: &str) {
        if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            connection.execute("PRAGMA synchronous = off").await.unwrap();
            let indexes = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'contacts' AND type = 'index' \
                           AND sql IS NOT NULL AND name <> 'contacts_owner_id_id_key'";
            let indexes = connection.fetch_all(indexes).await.unwrap();
            let indexes = indexes.iter().map(|row| (row.get("name"), row.get("sql")));
            for statement in self.statements(include_str!("bulk_data/sqlite.sql"), indexes, "ANALYZE") {
                connection.execute(AssertSqlSafe(statement)).await.unwrap();
            }
            connection.close().await.unwrap();
        } else {
            let mut connection = PgConnection::connect(url).await.unwrap();
            connection.execute("SET maintenance_work_mem = '512MB'").await.unwrap();
            let indexes = "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE tablename = 'contacts' \
                           AND indexname NOT IN ('contacts_pkey', 'contacts_owner_id_id_key')";
            let indexes = connection.fetch_all(indexes).await.unwrap();
            let indexes = indexes.iter().map(|row| (row.get("name"), row.get("sql")));
            for statement in self.statements(include_str!("bulk_data/postgres.sql"), indexes, "VACUUM ANALYZE") {
                connection.execute(AssertSqlSafe(statement)).await.unwrap();
            }
            connection.close().await.unwrap();
        }
    }

    fn statements(&self, inserts: &str, indexes: impl Iterator<Item = (String, String)>, analyze: &str) -> Vec<String> {
        let (names, definitions): (Vec<String>, Vec<String>) = indexes.unzip();
        let inserts = inserts
            .replace("{rows}", &self.rows.to_string())
            .replace("{step}", &self.step.to_string())
            .replace("{users}", &(self.rows / 100).max(1).to_string())
            .replace("{notes}", &self.notes)
            .replace("{first_names}", FIRST_NAMES)
            .replace("{last_names}", LAST_NAMES)
            .replace("{version}", &folding::VERSION.to_string());
        let drops = names.into_iter().map(|name| format!("DROP INDEX {name}"));
        let inserts = inserts.split(";\n").map(str::to_owned).collect::<Vec<_>>();
        drops.chain(inserts).chain(definitions).chain([analyze.to_owned()]).collect()
    }
}
