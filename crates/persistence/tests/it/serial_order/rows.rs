//! All rows of a database, by the trial to which they belong.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, Statement};

use super::names::Names;

/// Tables of the database, not of users.
const NOT_OF_USERS: [&str; 2] = ["seaql_migrations", "sync_epoch"];
/// Encrypted under secrets of the trial. The digests beside it name the secrets.
const ENCRYPTED: &str = "sealed_token";
/// Last column of the row of a user, so that [`remove_email_lock`] can remove it.
const EMAIL_LOCK: &str = "email_locked_until";

/// Reads the rows of all tables, sorted. Each belongs to a trial.
pub(super) async fn rows_by_trial(database: &DatabaseConnection, names: &Names) -> HashMap<u32, Vec<String>> {
    let mut by_trial: HashMap<u32, Vec<String>> = HashMap::new();
    for (table, columns) in tables(database).await {
        let columns: Vec<String> =
            columns.iter().map(|column| shown(database.get_database_backend(), column)).collect();
        let rows = query(database, &format!("SELECT {} FROM \"{table}\"", columns.join(" || ' ' || "))).await;
        for row in rows {
            let row = names.read(&format!("{table}: {row}"));
            let trial = row.trial.unwrap_or_else(|| panic!("a row of no trial: {}", row.text));
            by_trial.entry(trial).or_default().push(row.text);
        }
    }
    by_trial.values_mut().for_each(|rows| rows.sort());
    by_trial
}

/// Removes the lock of the e-mail from the row of a user.
pub(super) fn remove_email_lock(row: &mut String) {
    if let Some(lock) = row.find(&format!(" {EMAIL_LOCK}=")) {
        row.truncate(lock);
    }
}

/// Expression for the name and the value of a column.
fn shown(backend: DatabaseBackend, column: &str) -> String {
    let column_or_null = if column == ENCRYPTED { format!("\"{column}\" IS NULL") } else { format!("\"{column}\"") };
    match backend {
        DatabaseBackend::Sqlite => format!("'{column}=' || quote({column_or_null})"),
        _ => format!("'{column}=' || coalesce(({column_or_null})::text, 'NULL')"),
    }
}

/// Tables with their columns.
async fn tables(database: &DatabaseConnection) -> BTreeMap<String, Vec<String>> {
    let listed = match database.get_database_backend() {
        DatabaseBackend::Sqlite => {
            "SELECT tables.name || '.' || columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns \
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' ORDER BY 1"
        }
        _ => {
            "SELECT table_name || '.' || column_name FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY 1"
        }
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for listed in query(database, listed).await {
        let (table, column) = listed.split_once('.').unwrap();
        tables.entry(table.to_owned()).or_default().push(column.to_owned());
    }
    tables.values_mut().for_each(|columns| columns.sort_by_key(|column| column.as_str() == EMAIL_LOCK));
    tables.retain(|table, _| !NOT_OF_USERS.contains(&table.as_str()));
    tables
}

async fn query(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(database.get_database_backend(), sql.to_owned());
    let rows = database.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
