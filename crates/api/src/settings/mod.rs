//! Settings: from `.env` and the environment, parsed once, refused by name.

mod commands;
mod parse;
mod rate;
mod traces;
mod warnings;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time,
};

use chrono::Duration;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

pub use self::{
    commands::{DatabaseSettings, ListenSettings, LogSettings},
    parse::SettingsError,
    rate::Rate,
    traces::{Sampling, TRACE_VARIABLES, TraceSettings, Traces},
};

/// What `.env.example` holds in place of a secret: refused, so that nobody runs with it.
pub const EXAMPLE_SECRET: &str = "change-me";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines: one JSON object a line.
    Json,
}

/// Which web pages may call from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All, without credentials.
    Any,
    /// These, with credentials.
    Only(Vec<String>),
}

/// How many requests of a kind a client may send. `None`: as many as it likes.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// Requests to the own profile, by session.
    pub me: Option<Rate>,
    /// Requests that end sessions, change the password or delete the account, by session.
    pub security: Option<Rate>,
    /// Requests to contacts, by session.
    pub contacts: Option<Rate>,
    /// New contacts, by session.
    pub contact_create: Option<Rate>,
    /// Batches of changes, by session.
    pub contact_batch: Option<Rate>,
    /// Tries to sign in, by client address and account.
    pub login: Option<Rate>,
    /// Requests for the next pair of tokens, by client address.
    pub refresh: Option<Rate>,
    /// The same, by session.
    pub refresh_session: Option<Rate>,
    /// Requests that send a mail, by e-mail address.
    pub mail: Option<Rate>,
    /// Registrations, by client address.
    pub register: Option<Rate>,
    /// Requests of any kind to this process, by client address.
    pub flood: Option<Rate>,
}

/// How long others are waited for. Not a setting of operators.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the head of a request.
    pub head: time::Duration,
    /// For its body.
    pub body: time::Duration,
    /// For the next request of a connection.
    pub idle: time::Duration,
    /// For a client that reads nothing, or next to nothing, of its response.
    pub write: time::Duration,
    /// By a request, for Redis.
    pub redis: time::Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: time::Duration::from_secs(10),
            body: time::Duration::from_secs(30),
            idle: time::Duration::from_secs(75),
            write: time::Duration::from_secs(30),
            redis: time::Duration::from_millis(100),
        }
    }
}

/// Everything the operator chooses. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Where people reach the service: the only source of links in mail. No slash at the end.
    pub public_url: Url,
    /// The database; may hold a password.
    pub database_url: SecretString,
    /// The Redis that replicas share; holds its password. `None`: this process counts by itself.
    pub redis_url: Option<SecretString>,
    /// Signs access tokens.
    pub jwt_secret: SecretString,
    /// Still verifies access tokens during a rotation.
    pub jwt_previous_secret: Option<SecretString>,
    /// HMAC key over passwords.
    pub password_pepper: Option<SecretString>,
    /// The mail server; holds its password. `None`: mails are files under `data/mail`.
    pub smtp_url: Option<SecretString>,
    /// The sender of every mail.
    pub mail_from: String,
    /// The Cloudinary account; holds its secret. `None`: pictures are files under `data/media`.
    pub cloudinary_url: Option<SecretString>,
    /// Which web pages may call.
    pub cors_allowed_origins: AllowedOrigins,
    /// Whose `X-Forwarded-For` and `Forwarded` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections that one client network may hold at once.
    pub connections_per_network: usize,
    /// Contacts a user may keep.
    pub contact_limit: u64,
    /// The work factor of password hashes.
    pub bcrypt_cost: u32,
    /// How long an access token lives.
    pub access_token_ttl: Duration,
    /// How long a session lives.
    pub refresh_token_ttl: Duration,
    /// How long an account is stored whose address is not verified.
    pub unverified_account_ttl: Duration,
    /// How many requests a client may send.
    pub rate_limits: RateLimits,
    /// How long others are waited for.
    pub timeouts: Timeouts,
    /// Where metrics are told; port 0 takes a free one. `None`: nowhere.
    pub metrics_address: Option<SocketAddr>,
    /// How long a service that is told to stop goes on as before, so that balancers notice.
    pub shutdown_grace: time::Duration,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Where traces go: what the variables of OpenTelemetry say.
    pub traces: Traces,
    /// Where files are kept: the folder `data` where the service was started.
    pub data_folder: PathBuf,
}

/// Makes `Raw`, and the list of its names and defaults, of one table.
macro_rules! variables {
    ($($name:ident: $kind:ty $(= $default:literal)?,)+) => {
        /// The variables as text, defaults filled in.
        #[derive(Deserialize)]
        struct Raw {
            $($name: $kind,)+
        }

        /// Every variable, in lower case, with its default.
        pub const VARIABLES: &[(&str, Option<&str>)] = &[$((stringify!($name), variables!(@ $($default)?)),)+];
    };
    (@) => { None };
    (@ $default:literal) => { Some($default) };
}

variables! {
    host: String = "127.0.0.1",
    port: String = "8000",
    public_url: Option<String>,
    database_url: SecretString = "sqlite://data/contacts.db?mode=rwc",
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
    log_format: String = "pretty",
    rust_log: String = "info",
}

/// What the operator has set: `.env` in the current folder, if there is one, and the environment, which wins.
fn variables() -> Result<HashMap<String, String>, SettingsError> {
    let mut variables: HashMap<String, String> = HashMap::new();
    match dotenvy::from_path_iter(".env") {
        Ok(lines) => {
            for line in lines {
                // The line itself may hold a secret, so the error is not passed on.
                let (name, value) = line.map_err(|_| SettingsError::unreadable_file())?;
                variables.insert(name, value);
            }
        }
        Err(error) if error.not_found() => {}
        Err(_) => return Err(SettingsError::unreadable_file()),
    }
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    variables.extend(environment);
    Ok(variables)
}

/// An empty variable counts as absent.
fn raw(variables: HashMap<String, String>) -> Result<Raw, SettingsError> {
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

impl Settings {
    /// Reads `.env` in the current folder, if there is one, and the environment, which wins.
    ///
    /// # Errors
    /// Every fault, each naming its variable and the mend.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_variables(variables()?)
    }

    /// Reads the given variables; an empty one counts as absent.
    ///
    /// # Errors
    /// Every fault, each naming its variable and the mend.
    pub fn from_variables(variables: HashMap<String, String>) -> Result<Self, SettingsError> {
        let traces = Traces::from_variables(&variables);
        Ok(Self { traces, ..parse::settings(raw(variables)?)? })
    }

    /// Whether people reach the service over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Where mails are written when no mail server is set.
    #[must_use]
    pub fn mail_folder(&self) -> PathBuf {
        self.data_folder.join("mail")
    }

    /// Where pictures are kept when no Cloudinary account is set.
    #[must_use]
    pub fn media_folder(&self) -> PathBuf {
        self.data_folder.join("media")
    }
}
