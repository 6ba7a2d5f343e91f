//! Parses the settings of each command from text.

use std::path::Path;

use auth::PasswordSettings;
use chrono::Duration;
use domain::{Policy, limit::Rates};
use secrecy::SecretString;

use super::{
    DatabaseCommandSettings, ListenSettings, Settings, SettingsError, Timeouts, Traces,
    reader::Reader,
    service::{default_database_url, default_public_url, folder},
    variables::Raw,
};

pub(super) fn settings(raw: Raw) -> Result<Settings, SettingsError> {
    let mut reader = Reader::default();
    let read = &mut reader;
    let port = read.port(&raw.port);
    let public_url = read.public_url(&raw.public_url.unwrap_or_else(|| default_public_url(&port.to_string())));
    let settings = public_url.map(|public_url| Settings {
        host: read.host(&raw.host),
        port,
        public_url,
        database_url: database_url(raw.database_url, &raw.data_dir),
        database_pooler: read.pooler(&raw.database_pooler),
        redis_url: raw.redis_url,
        jwt_secret: read.secret("JWT_SECRET", raw.jwt_secret),
        jwt_previous_secret: raw.jwt_previous_secret.map(|secret| read.secret("JWT_PREVIOUS_SECRET", Some(secret))),
        password_pepper: raw.password_pepper.map(|secret| read.secret("PASSWORD_PEPPER", Some(secret))),
        mail_from: read.mail_from(raw.mail_from, raw.smtp_url.is_some()),
        smtp_url: raw.smtp_url,
        cloudinary_url: raw.cloudinary_url,
        cors_allowed_origins: read.origins(&raw.cors_allowed_origins),
        trusted_proxies: read.networks(&raw.trusted_proxies.unwrap_or_default()),
        connections_per_network: read.number("CONNECTIONS_PER_NETWORK", &raw.connections_per_network, 1..=100_000),
        contact_limit: read.number("CONTACT_LIMIT", &raw.contact_limit, 0..=Policy::MAX_CONTACT_LIMIT),
        bcrypt_cost: read.number("BCRYPT_COST", &raw.bcrypt_cost, PasswordSettings::COSTS),
        access_token_ttl: read.duration("ACCESS_TOKEN_TTL", &raw.access_token_ttl, Duration::days(1)),
        refresh_token_ttl: read.duration("REFRESH_TOKEN_TTL", &raw.refresh_token_ttl, Duration::days(365)),
        unverified_account_ttl: read.duration(
            "UNVERIFIED_ACCOUNT_TTL",
            &raw.unverified_account_ttl,
            Duration::days(365),
        ),
        rate_limits: Rates {
            me: read.rate("RATE_LIMIT_ME", &raw.rate_limit_me),
            security: read.rate("RATE_LIMIT_SECURITY", &raw.rate_limit_security),
            contacts: read.rate("RATE_LIMIT_CONTACTS", &raw.rate_limit_contacts),
            contact_create: read.rate("RATE_LIMIT_CONTACT_CREATE", &raw.rate_limit_contact_create),
            contact_batch: read.rate("RATE_LIMIT_CONTACT_BATCH", &raw.rate_limit_contact_batch),
            import: read.rate("RATE_LIMIT_IMPORT", &raw.rate_limit_import),
            dav: read.rate("RATE_LIMIT_DAV", &raw.rate_limit_dav),
            app_password: read.rate("RATE_LIMIT_APP_PASSWORD", &raw.rate_limit_app_password),
            login: read.rate("RATE_LIMIT_LOGIN", &raw.rate_limit_login),
            refresh: read.rate("RATE_LIMIT_REFRESH", &raw.rate_limit_refresh),
            refresh_session: read.rate("RATE_LIMIT_REFRESH_SESSION", &raw.rate_limit_refresh_session),
            mail: read.rate("RATE_LIMIT_MAIL", &raw.rate_limit_mail),
            register: read.rate("RATE_LIMIT_REGISTER", &raw.rate_limit_register),
        },
        flood_limit: read.rate("RATE_LIMIT_FLOOD", &raw.rate_limit_flood),
        timeouts: Timeouts::default(),
        metrics_address: raw.metrics_addr.and_then(|text| read.listener("METRICS_ADDR", &text)),
        shutdown_grace: read.grace("SHUTDOWN_GRACE", &raw.shutdown_grace),
        log: read.log(&raw.log_format, raw.rust_log),
        // Read separately: an error in them does not stop the start.
        traces: Traces::default(),
        data_folder: folder(&raw.data_dir),
        registration: read.registration(&raw.registration),
        app_name: raw.app_name.and_then(|text| read.app_name(&text)),
        site_url: raw.site_url.and_then(|text| read.site_url(&text)),
        templates_folder: raw.templates_dir.map(|text| folder(&text)),
        // Found in the sources of the variables.
        unknown: Vec::new(),
    });
    reader.finish(settings)
}

pub(super) fn database_settings(raw: Raw) -> Result<DatabaseCommandSettings, SettingsError> {
    let mut reader = Reader::default();
    let pooler = reader.pooler(&raw.database_pooler);
    let log = reader.log(&raw.log_format, raw.rust_log);
    let url = database_url(raw.database_url, &raw.data_dir);
    reader.finish(Some(DatabaseCommandSettings { url, pooler, log }))
}

fn database_url(url: Option<SecretString>, data_folder: &str) -> SecretString {
    url.unwrap_or_else(|| default_database_url(Path::new(data_folder.trim())).into())
}

pub(super) fn listen_settings(raw: &Raw) -> Result<ListenSettings, SettingsError> {
    let mut reader = Reader::default();
    let settings = ListenSettings { host: reader.host(&raw.host), port: reader.port(&raw.port) };
    reader.finish(Some(settings))
}
