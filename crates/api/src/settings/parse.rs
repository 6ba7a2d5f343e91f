//! Parses settings from text. All errors are collected, each with the name of its variable.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    path::Path,
    str::FromStr,
    time,
};

use chrono::Duration;
use domain::account::Registration;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    AllowedOrigins, DatabaseCommandSettings, DatabasePooler, EXAMPLE_SECRET, ListenSettings, LogFormat, LogSettings,
    Rate, RateLimits, Settings, SettingsError, Timeouts, Traces,
    log::{is_directives, log_format},
    service::{app_name, default_database_url, folder, registration, site_url},
    variables::Raw,
};

/// Minimum length of a secret in bytes (RFC 7518, 3.2: a key as long as the hash).
const MIN_SECRET_BYTES: usize = 32;

/// Upper bound of the shutdown grace.
const MAX_GRACE: time::Duration = time::Duration::from_secs(300);

/// Default sender when mails are only written to files.
const FILE_SENDER: &str = "Contacts <contacts@localhost>";

/// Parser that collects errors. It replaces an invalid value with a placeholder, because the settings are then not used.
#[derive(Default)]
struct Reader {
    errors: Vec<String>,
}

impl Reader {
    /// Returns the settings when there was no error.
    fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        match settings {
            Some(settings) if self.errors.is_empty() => Ok(settings),
            _ => Err(SettingsError::new(self.errors)),
        }
    }

    fn reject(&mut self, variable: &str, hint: &str) {
        self.errors.push(format!("{variable} {hint}"));
    }

    fn check<T>(&mut self, variable: &str, parsed: Option<T>, placeholder: T, hint: &str) -> T {
        parsed.unwrap_or_else(|| {
            self.reject(variable, hint);
            placeholder
        })
    }

    fn number<T: FromStr + PartialOrd>(
        &mut self,
        variable: &str,
        text: &str,
        range: RangeInclusive<T>,
        hint: &str,
    ) -> T {
        let found = text.trim().parse().ok().filter(|number| range.contains(number));
        self.check(variable, found, range.into_inner().0, hint)
    }

    fn secret(&mut self, variable: &str, secret: Option<SecretString>) -> SecretString {
        let secret = secret.unwrap_or_default();
        if let Some(weakness) = weakness(secret.expose_secret()) {
            self.reject(variable, &format!("{weakness}; set it to {MIN_SECRET_BYTES} or more random bytes, for example the output of: openssl rand -hex 32"));
        }
        secret
    }

    fn duration(&mut self, variable: &str, text: &str, most: Duration) -> Duration {
        let found = humantime::parse_duration(text.trim()).ok().and_then(|duration| Duration::from_std(duration).ok());
        let found = found.filter(|duration| (Duration::seconds(1)..=most).contains(duration));
        self.check(
            variable,
            found,
            most,
            &format!("must be a duration from 1s to {}d, like 15m, 12h or 30d", most.num_days()),
        )
    }

    fn grace(&mut self, variable: &str, text: &str) -> time::Duration {
        let found = humantime::parse_duration(text.trim()).ok().filter(|grace| *grace <= MAX_GRACE);
        self.check(variable, found, MAX_GRACE, "must be a duration from 0s to 5m, like 5s or 1m")
    }

    fn host(&mut self, text: &str) -> IpAddr {
        let found = text.trim().parse().ok();
        self.check("HOST", found, Ipv4Addr::LOCALHOST.into(), "must be an IP address like 127.0.0.1 or 0.0.0.0")
    }

    fn port(&mut self, text: &str) -> u16 {
        self.number("PORT", text, 0..=u16::MAX, "must be a port from 0 to 65535")
    }

    fn log(&mut self, format: &str, directives: String) -> LogSettings {
        let format = self.check("LOG_FORMAT", log_format(format), LogFormat::Pretty, "must be pretty or json");
        if !is_directives(&directives) {
            self.reject(
                "RUST_LOG",
                "must be a level (error, warn, info, debug, trace, off), or a list like info,domain=debug",
            );
        }
        LogSettings { format, directives }
    }

    fn pooler(&mut self, text: &str) -> DatabasePooler {
        let found = match text.trim() {
            "session" => Some(DatabasePooler::Session),
            "transaction" => Some(DatabasePooler::Transaction),
            _ => None,
        };
        self.check("DATABASE_POOLER", found, DatabasePooler::Session, "must be session or transaction")
    }

    fn listener(&mut self, variable: &str, text: &str) -> Option<SocketAddr> {
        let found = text.trim().parse().ok().map(Some);
        self.check(
            variable,
            found,
            None,
            "must be an IP address and a port like 127.0.0.1:9464 or [::1]:9464, or empty",
        )
    }

    fn rate(&mut self, variable: &str, text: &str) -> Option<Rate> {
        if text.trim() == "off" {
            return None;
        }
        let found = text.trim().parse().ok().map(Some);
        self.check(variable, found, None, "must be a rate like 5/s, 10/m, 3/h or 100/d, from 1 to 1000000, or off")
    }

    fn registration(&mut self, text: &str) -> Registration {
        self.check("REGISTRATION", registration(text), Registration::Open, "must be open, closed or invite")
    }

    fn app_name(&mut self, text: &str) -> Option<String> {
        self.check("APP_NAME", app_name(text).map(Some), None, "must be a name of at most 50 characters in one line")
    }

    fn site_url(&mut self, text: &str) -> Option<Url> {
        let hint = "must be a URL like https://app.example.com/, without a user";
        self.check("SITE_URL", site_url(text).map(Some), None, hint)
    }

    fn public_url(&mut self, text: &str) -> Option<Url> {
        let url = Url::parse(text.trim()).ok().filter(|url| {
            let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && url.username().is_empty()
        });
        if url.is_none() {
            self.reject("PUBLIC_URL", "must be a URL like https://contacts.example.com, without path, query or user");
        }
        url
    }

    fn mail_from(&mut self, sender: Option<String>, is_needed: bool) -> String {
        if sender.is_none() && is_needed {
            self.reject(
                "MAIL_FROM",
                "is not set; with SMTP_URL set it to the sender, like Contacts <no-reply@example.com>",
            );
        }
        sender.unwrap_or_else(|| FILE_SENDER.to_owned())
    }

    fn origins(&mut self, text: &str) -> AllowedOrigins {
        if text.trim() == "*" {
            return AllowedOrigins::Any;
        }
        let origins: Vec<String> = text.split(',').map(|origin| origin.trim().to_owned()).collect();
        if !origins.iter().all(|origin| is_origin(origin)) {
            let hint = "must be * or a comma-separated list of origins like https://app.example.com, without a path";
            self.reject("CORS_ALLOWED_ORIGINS", hint);
        }
        AllowedOrigins::Only(origins)
    }

    fn networks(&mut self, text: &str) -> Vec<IpNet> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let found: Option<Vec<IpNet>> =
            words.map(|word| word.parse().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from))).collect();
        self.check("TRUSTED_PROXIES", found, Vec::new(), "must be a comma-separated list of networks like 10.0.0.0/8")
    }
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
}

/// Returns the reason to reject a secret; `None` when it is strong enough.
fn weakness(secret: &str) -> Option<&'static str> {
    if secret.is_empty() {
        return Some("is not set");
    }
    if secret.contains(EXAMPLE_SECRET) {
        return Some("still has the value of .env.example");
    }
    if secret.len() < MIN_SECRET_BYTES {
        return Some("is too short");
    }
    let distinct: HashSet<u8> = secret.bytes().collect();
    (distinct.len() < 8).then_some("has fewer than 8 different characters")
}

pub(super) fn settings(raw: Raw) -> Result<Settings, SettingsError> {
    let mut reader = Reader::default();
    let read = &mut reader;
    let port = read.port(&raw.port);
    let local_url = format!("http://localhost:{port}");
    let public_url = read.public_url(raw.public_url.as_deref().unwrap_or(&local_url));
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
        connections_per_network: read.number(
            "CONNECTIONS_PER_NETWORK",
            &raw.connections_per_network,
            1..=100_000,
            "must be a number from 1 to 100000",
        ),
        contact_limit: read.number(
            "CONTACT_LIMIT",
            &raw.contact_limit,
            0..=1_000_000,
            "must be a number from 0 to 1000000",
        ),
        bcrypt_cost: read.number("BCRYPT_COST", &raw.bcrypt_cost, 10..=15, "must be a number from 10 to 15"),
        access_token_ttl: read.duration("ACCESS_TOKEN_TTL", &raw.access_token_ttl, Duration::days(1)),
        refresh_token_ttl: read.duration("REFRESH_TOKEN_TTL", &raw.refresh_token_ttl, Duration::days(365)),
        unverified_account_ttl: read.duration(
            "UNVERIFIED_ACCOUNT_TTL",
            &raw.unverified_account_ttl,
            Duration::days(365),
        ),
        rate_limits: RateLimits {
            me: read.rate("RATE_LIMIT_ME", &raw.rate_limit_me),
            security: read.rate("RATE_LIMIT_SECURITY", &raw.rate_limit_security),
            contacts: read.rate("RATE_LIMIT_CONTACTS", &raw.rate_limit_contacts),
            contact_create: read.rate("RATE_LIMIT_CONTACT_CREATE", &raw.rate_limit_contact_create),
            contact_batch: read.rate("RATE_LIMIT_CONTACT_BATCH", &raw.rate_limit_contact_batch),
            login: read.rate("RATE_LIMIT_LOGIN", &raw.rate_limit_login),
            refresh: read.rate("RATE_LIMIT_REFRESH", &raw.rate_limit_refresh),
            refresh_session: read.rate("RATE_LIMIT_REFRESH_SESSION", &raw.rate_limit_refresh_session),
            mail: read.rate("RATE_LIMIT_MAIL", &raw.rate_limit_mail),
            register: read.rate("RATE_LIMIT_REGISTER", &raw.rate_limit_register),
            flood: read.rate("RATE_LIMIT_FLOOD", &raw.rate_limit_flood),
        },
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
