//! The list of all settings, for people.

use std::fmt::Write as _;

use super::{
    SettingsError, TRACE_VARIABLES,
    service::{default_database_url, default_public_url},
    sources::{Source, Sources},
    unknown::find_unknown,
    variables::{is_secret, variables},
};

/// Text that replaces a secret.
const MASK: &str = "(secret)";
/// Text for a setting without value.
const EMPTY: &str = "(empty)";

/// Returns a table of all settings: name, value in use, source of the value, and default. Secrets are masked.
///
/// # Errors
/// When `.env` cannot be read. Values are not checked.
pub fn list() -> Result<String, SettingsError> {
    Ok(table(&Sources::read()?))
}

fn table(sources: &Sources) -> String {
    let mut rows = vec![["SETTING", "VALUE", "FROM", "DEFAULT"].map(str::to_owned)];
    for (name, default) in variables() {
        let default = default.or_else(|| derived_default(sources, name));
        let default = default.as_deref().unwrap_or(EMPTY);
        rows.push(row(sources, &name.to_ascii_uppercase(), default, is_secret(name)));
    }
    for (name, default) in TRACE_VARIABLES {
        rows.push(row(sources, name, default.unwrap_or(EMPTY), *name == "OTEL_EXPORTER_OTLP_HEADERS"));
    }
    let mut text = aligned(&rows);
    for unknown in find_unknown(sources) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{} is not a setting; the nearest is {}", unknown.name, unknown.nearest);
    }
    text
}

/// Returns the default of a setting that follows another setting.
fn derived_default(sources: &Sources, name: &str) -> Option<String> {
    match name {
        "public_url" => Some(default_public_url(&value(sources, "port"))),
        "database_url" => Some(default_database_url(value(sources, "data_dir").as_ref())),
        _ => None,
    }
}

/// Returns the value in use of a setting. `name` is in lower case.
fn value(sources: &Sources, name: &str) -> String {
    let set = sources.find(&name.to_ascii_uppercase()).map(|(_, value)| value.trim().to_owned());
    let default = || variables().into_iter().find(|(known, _)| *known == name).and_then(|(_, default)| default);
    set.or_else(default).unwrap_or_default()
}

fn row(sources: &Sources, name: &str, default: &str, is_secret: bool) -> [String; 4] {
    let (source, value) = match sources.find(name) {
        Some((source, _)) if is_secret => (source, MASK),
        Some((source, value)) => (source, value),
        None => (Source::Default, default),
    };
    // A control character could change what the terminal shows.
    let value: String = value.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    [name.to_owned(), value, source.as_str().to_owned(), default.to_owned()]
}

/// Formats rows in columns. The last column has no padding.
fn aligned(rows: &[[String; 4]]) -> String {
    let width = |column: fn(&[String; 4]) -> &String| rows.iter().map(|row| column(row).chars().count()).max();
    let [names, values, sources] = [width(|row| &row[0]), width(|row| &row[1]), width(|row| &row[2])];
    let (names, values, sources) = (names.unwrap_or_default(), values.unwrap_or_default(), sources.unwrap_or_default());
    let lines = rows.iter().map(|[name, value, source, default]| {
        format!("{name:names$}  {value:values$}  {source:sources$}  {default}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_listed_with_value_source_and_default() {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let sources = Sources {
            file: pairs(&[("PORT", "9000"), ("JWT_SECRET", "hunter2"), ("RATE_LIMIT_LOGINS", "hunter2")]),
            environment: pairs(&[("DATABASE_URL", "postgres://x:hunter2@y/z"), ("DATA_DIR", "/srv/a b"), ("HOST", "")]),
        };
        let table = table(&sources);
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
            .collect();
        for expected in [
            ["PORT", "9000", ".env", "8000"],
            ["HOST", "127.0.0.1", "default", "127.0.0.1"],
            ["PUBLIC_URL", "http://localhost:9000", "default", "http://localhost:9000"],
            ["JWT_SECRET", MASK, ".env", EMPTY],
            ["REDIS_URL", EMPTY, "default", EMPTY],
            ["DATABASE_URL", MASK, "environment", "sqlite:///srv/a%20b/contacts.db?mode=rwc"],
            ["OTEL_SERVICE_NAME", "contacts-api", "default", "contacts-api"],
        ] {
            assert!(rows.iter().any(|row| row == &expected), "{expected:?} is missing in\n{table}");
        }
        assert!(table.contains("RATE_LIMIT_LOGINS is not a setting; the nearest is RATE_LIMIT_LOGIN\n"), "{table}");
        assert!(!table.contains("hunter2"), "{table}");
        assert_eq!(rows.len(), 1 + variables().len() + TRACE_VARIABLES.len() + 1);
    }
}
