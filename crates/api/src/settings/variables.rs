//! Variables of the settings: their names and defaults, and their values as text.

use std::collections::HashMap;

use secrecy::SecretString;
use serde::Deserialize;

use super::SettingsError;

/// Defines `Raw` and the list of its names and defaults from one table.
macro_rules! variables {
    ($($name:ident: $kind:ty $(= $default:literal)?,)+) => {
        /// The variables as text, with defaults.
        #[derive(Deserialize)]
        pub(super) struct Raw {
            $(pub(super) $name: $kind,)+
        }

        /// Names of all variables in lower case, each with its default.
        pub const VARIABLES: &[(&str, Option<&str>)] = &[$((stringify!($name), variables!(@ $($default)?)),)+];

        /// Names of all variables in lower case, each with the type of its value.
        const TYPES: &[(&str, &str)] = &[$((stringify!($name), stringify!($kind)),)+];
    };
    (@) => { None };
    (@ $default:literal) => { Some($default) };
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
    contact_limit: String = "100",
    bcrypt_cost: String = "12",
    access_token_ttl: String = "15m",
    refresh_token_ttl: String = "30d",
    unverified_account_ttl: String = "7d",
    rate_limit_me: String = "10/m",
    rate_limit_security: String = "10/m",
    rate_limit_contacts: String = "300/m",
    rate_limit_contact_create: String = "20/m",
    rate_limit_contact_batch: String = "10/m",
    rate_limit_login: String = "5/m",
    rate_limit_refresh: String = "60/m",
    rate_limit_refresh_session: String = "10/m",
    rate_limit_mail: String = "3/h",
    rate_limit_register: String = "5/h",
    rate_limit_flood: String = "200/s",
    metrics_addr: Option<String>,
    shutdown_grace: String = "0s",
    registration: String = "open",
    app_name: Option<String>,
    site_url: Option<String>,
    data_dir: String = "data",
    templates_dir: Option<String>,
    log_format: String = "pretty",
    rust_log: String = "info",
}

/// True for a variable whose value is a secret or contains one. `name` is in lower case.
pub(super) fn is_secret(name: &str) -> bool {
    TYPES.iter().any(|(known, kind)| *known == name && kind.contains("SecretString"))
}

/// Adds the defaults. An empty variable counts as absent.
pub(super) fn raw(variables: HashMap<String, String>) -> Result<Raw, SettingsError> {
    let mut builder = config::Config::builder();
    for (name, default) in VARIABLES {
        if let Some(value) = default {
            builder = builder.set_default(*name, *value).map_err(|error| SettingsError::unreadable(&error))?;
        }
    }
    let source = config::Environment::default().ignore_empty(true).source(Some(variables));
    let raw = builder.add_source(source).build().and_then(config::Config::try_deserialize);
    raw.map_err(|error| SettingsError::unreadable(&error))
}
