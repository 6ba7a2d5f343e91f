//! Unknown variables that are probably misspelled settings.

use super::{TRACE_VARIABLES, sources::Sources, variables::variables};

/// Minimum similarity, from 0 to 1, of an unknown name of the environment, where most names belong to other programs.
const SIMILAR_IN_ENVIRONMENT: f64 = 0.8;
/// Minimum similarity of an unknown name of `.env`, where most names are settings of the service.
const SIMILAR_IN_FILE: f64 = 0.6;

/// Settings in `.env` of other programs: `docker-compose.yml` and the PostgreSQL and Redis that it starts.
const OF_OTHERS: &[&str] = &["POSTGRES_PASSWORD", "REDIS_PASSWORD", "COMPOSE_PROFILES", "COMPOSE_SUBNET"];

/// Unknown variable that resembles a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Name of the variable.
    pub name: String,
    /// The setting with the most similar name.
    pub nearest: String,
}

/// Returns the unknown variables that resemble a setting, in alphabetical order.
pub(super) fn find_unknown(sources: &Sources) -> Vec<UnknownVariable> {
    let in_file = sources.file.keys().map(|name| (name, SIMILAR_IN_FILE));
    let in_environment = sources.environment.keys().map(|name| (name, SIMILAR_IN_ENVIRONMENT));
    let mut found: Vec<_> =
        in_file.chain(in_environment).filter_map(|(name, similar)| resembling(name, similar)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup();
    found
}

fn resembling(name: &str, similar: f64) -> Option<UnknownVariable> {
    let ours: Vec<String> = variables().iter().map(|(name, _)| name.to_ascii_uppercase()).collect();
    let of_traces = TRACE_VARIABLES.iter().map(|(name, _)| *name);
    let known: Vec<&str> = ours.iter().map(String::as_str).chain(of_traces).collect();
    let upper = name.to_ascii_uppercase();
    // Unknown variables of OpenTelemetry are reported with the settings of traces.
    if known.contains(&name) || OF_OTHERS.contains(&name) || name.starts_with("OTEL_") {
        return None;
    }
    let similarity = |known: &str| strsim::normalized_damerau_levenshtein(&upper, known);
    let nearest = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    (similarity(nearest) >= similar).then(|| UnknownVariable { name: name.to_owned(), nearest: (*nearest).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(file: &[&str], environment: &[&str]) -> Vec<(String, String)> {
        let of = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
        let found = find_unknown(&Sources { file: of(file), environment: of(environment) });
        found.into_iter().map(|unknown| (unknown.name, unknown.nearest)).collect()
    }

    #[test]
    fn misspelled_setting_is_found_with_the_nearest_name() {
        for (name, expected) in [
            ("RATE_LIMIT_LOGINS", "RATE_LIMIT_LOGIN"),
            ("RATE_LIMT_LOGIN", "RATE_LIMIT_LOGIN"),
            ("DATABASE_URI", "DATABASE_URL"),
            ("JWT_SECERT", "JWT_SECRET"),
            ("CONTACTS_LIMIT", "CONTACT_LIMIT"),
            ("CORS_ALLOWED_ORIGIN", "CORS_ALLOWED_ORIGINS"),
        ] {
            let expected = vec![(name.to_owned(), expected.to_owned())];
            assert_eq!((nearest(&[name], &[]), nearest(&[], &[name])), (expected.clone(), expected), "{name}");
        }
        for name in ["port", "Database_Url"] {
            let expected = vec![(name.to_owned(), name.to_ascii_uppercase())];
            assert_eq!((nearest(&[name], &[]), nearest(&[], &[name])), (expected.clone(), expected), "{name}");
        }
        assert_eq!(nearest(&["SMTP_URLS"], &["SMTP_URLS"]).len(), 1, "once, though it is in both");
    }

    #[test]
    fn variable_of_another_program_is_not_reported() {
        let others = [
            "HOSTNAME",
            "HOME",
            "LOGNAME",
            "PATH",
            "PWD",
            "USER",
            "LANG",
            "RUST_BACKTRACE",
            "SSL_CERT_FILE",
            "KUBERNETES_PORT",
            "REDIS_PORT",
            "REDIS_SERVICE_HOST",
            "POSTGRES_DB",
            "CARGO_HOME",
            "OTEL_LOG_LEVEL",
        ];
        assert_eq!(nearest(&[], &others), []);
        assert_eq!(nearest(OF_OTHERS, OF_OTHERS), []);
    }
}
