//! Variables of the settings: their names and defaults, and their values as text.

use std::collections::HashMap;

use auth::PasswordSettings;
use chrono::Duration;
use domain::Policy;
use secrecy::SecretString;
use serde::Deserialize;

use super::SettingsError;

/// Defines `Raw` and the list of its names and defaults from one table.
macro_rules! variables {
    ($($name:ident: $kind:ty $(= $default:expr)?,)+) => {
        /// The variables as text, with defaults.
        #[derive(Deserialize)]
        pub(super) struct Raw {
            $(pub(super) $name: $kind,)+
        }

        /// Returns the names of all variables in lower case, each with its default.
        #[must_use]
        pub fn variables() -> Vec<(&'static str, Option<String>)> {
            vec![$((stringify!($name), variables!(@ $($default)?)),)+]
        }

        /// Names of all variables in lower case, each with the type of its value.
        const TYPES: &[(&str, &str)] = &[$((stringify!($name), stringify!($kind)),)+];
    };
    (@) => { None };
    (@ $default:expr) => { Some($default.to_string()) };
}

variables! {
    host: String = "127.0.0.1",
    port: String = "8000",
    public_url: Option<String>,
    database_url: Option<SecretString>,
    database_pooler: String = "session",
    redis_url: Option<SecretString>,
    jwt_secret: Option<SecretString>,
    jwt_previous_secret: Option<SecretString>,
    password_pepper: Option<SecretString>,
    smtp_url: Option<SecretString>,
    mail_from: Option<String>,
    cloudinary_url: Option<SecretString>,
    cors_allowed_origins: String = "*",
    trusted_proxies: Option<String>,
    connections_per_network: String = "200",
    contact_limit: String = Policy::default().contact_limit,
    bcrypt_cost: String = PasswordSettings::DEFAULT_COST,
    access_token_ttl: String = duration(Policy::default().access_token_ttl),
    refresh_token_ttl: String = duration(Policy::default().refresh_token_ttl),
    unverified_account_ttl: String = duration(Policy::default().unverified_account_ttl),
    rate_limit_me: String = "10/m",
    rate_limit_security: String = "10/m",
    rate_limit_contacts: String = "300/m",
    rate_limit_contact_create: String = "20/m",
    rate_limit_contact_batch: String = "10/m",
    rate_limit_import: String = "10/h",
    rate_limit_dav: String = "3000/30s",
    rate_limit_app_password: String = "60/m",
    rate_limit_login: String = "5/m",
    rate_limit_refresh: String = "60/m",
    rate_limit_refresh_session: String = "10/m",
    rate_limit_mail: String = "3/h",
    rate_limit_register: String = "5/h",
    rate_limit_flood: String = "200/s",
    metrics_addr: Option<String>,
    shutdown_grace: String = "0s",
    registration: String = Policy::default().registration.as_str(),
    app_name: Option<String>,
    site_url: Option<String>,
    data_dir: String = "data",
    templates_dir: Option<String>,
    log_format: String = "pretty",
    rust_log: String = "info",
}

/// Writes a duration as the operator does: in days when they are whole, otherwise in minutes.
fn duration(duration: Duration) -> String {
    let days = duration.num_days();
    if duration == Duration::days(days) { format!("{days}d") } else { format!("{}m", duration.num_minutes()) }
}

/// True for a variable whose value is a secret or contains one. `name` is in lower case.
pub(super) fn is_secret(name: &str) -> bool {
    TYPES.iter().any(|(known, kind)| *known == name && kind.contains("SecretString"))
}

/// Adds the defaults. An empty variable counts as absent.
pub(super) fn raw(variables: HashMap<String, String>) -> Result<Raw, SettingsError> {
    let mut builder = config::Config::builder();
    for (name, default) in self::variables() {
        if let Some(value) = default {
            builder = builder.set_default(name, value).map_err(|error| SettingsError::unreadable(&error))?;
        }
    }
    let source = config::Environment::default().ignore_empty(true).source(Some(variables));
    let raw = builder.add_source(source).build().and_then(config::Config::try_deserialize);
    raw.map_err(|error| SettingsError::unreadable(&error))
}
