//! Settings: read from `.env` and the environment, and parsed once. An error names the invalid variable.

mod commands;
mod error;
mod list;
mod load;
mod log;
mod parse;
mod rate;
mod reader;
mod secret;
mod service;
mod sources;
mod timeouts;
mod traces;
mod unknown;
mod variables;
mod warnings;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time,
};

use chrono::Duration;
use domain::{
    account::Registration,
    limit::{Quota, Rates},
};
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

pub use self::{
    commands::{DatabaseCommandSettings, ListenSettings},
    error::SettingsError,
    list::list,
    log::{LogFormat, LogSettings},
    secret::EXAMPLE_SECRET,
    timeouts::Timeouts,
    traces::{Sampling, TRACE_VARIABLES, TraceSettings, Traces},
    unknown::UnknownVariable,
    variables::variables,
};

/// Mode of the pooler between the service and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabasePooler {
    /// No pooler, or one in session mode.
    Session,
    /// A pooler in transaction mode.
    Transaction,
}

/// Origins of the web pages that may call the API from a browser (CORS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All origins, without credentials.
    Any,
    /// The listed origins, with credentials.
    Only(Vec<String>),
}

/// All settings of the operator. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// IP address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 selects a free port.
    pub port: u16,
    /// Public URL of the service, the only source of links in mails. No slash at the end.
    pub public_url: Url,
    /// URL of the database; may contain a password.
    pub database_url: SecretString,
    /// Mode of the pooler that `database_url` leads to.
    pub database_pooler: DatabasePooler,
    /// URL of the Redis that the replicas share; contains its password. `None`: this process counts requests alone.
    pub redis_url: Option<SecretString>,
    /// Key that signs access tokens.
    pub jwt_secret: SecretString,
    /// Previous key, which still verifies access tokens during a rotation.
    pub jwt_previous_secret: Option<SecretString>,
    /// HMAC key over passwords.
    pub password_pepper: Option<SecretString>,
    /// URL of the mail server; contains its password. `None`: mails are files in the data folder.
    pub smtp_url: Option<SecretString>,
    /// Sender of every mail.
    pub mail_from: String,
    /// URL of the Cloudinary account; contains its secret. `None`: pictures are files in the data folder.
    pub cloudinary_url: Option<SecretString>,
    /// Origins of the web pages that may call the API.
    pub cors_allowed_origins: AllowedOrigins,
    /// Networks of the proxies whose `X-Forwarded-For` and `Forwarded` are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Maximum number of open connections of one client network.
    pub connections_per_network: usize,
    /// Maximum number of contacts of a user.
    pub contact_limit: u64,
    /// Work factor of password hashes.
    pub bcrypt_cost: u32,
    /// Lifetime of an access token.
    pub access_token_ttl: Duration,
    /// Lifetime of a session.
    pub refresh_token_ttl: Duration,
    /// Retention of an account without a verified e-mail address.
    pub unverified_account_ttl: Duration,
    /// Rate limits by kind of request.
    pub rate_limits: Rates,
    /// Rate limit of all requests of a client network to this process. `None` is no limit.
    pub flood_limit: Option<Quota>,
    /// Timeouts for clients and for Redis.
    pub timeouts: Timeouts,
    /// Address of the metrics listener; port 0 selects a free port. `None`: no listener.
    pub metrics_address: Option<SocketAddr>,
    /// Time between the stop signal and the end of new requests, in which load balancers notice the stop.
    pub shutdown_grace: time::Duration,
    /// Settings of the log.
    pub log: LogSettings,
    /// Settings of traces, from the variables of OpenTelemetry.
    pub traces: Traces,
    /// Folder of stored files.
    pub data_folder: PathBuf,
    /// People who may register an account.
    pub registration: Registration,
    /// Name of the service on pages, in mails and in documents. `None`: "Contacts", in the language of the reader.
    pub app_name: Option<String>,
    /// Page that people return to when a page of the service has nothing left to do.
    pub site_url: Option<Url>,
    /// Folder of templates that replace the built-in ones.
    pub templates_folder: Option<PathBuf>,
    /// Variables that are probably misspelled settings.
    pub unknown: Vec<UnknownVariable>,
}

impl Settings {
    /// True when the public URL is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Folder of the mails when no mail server is set.
    #[must_use]
    pub fn mail_folder(&self) -> PathBuf {
        self.data_folder.join("mail")
    }

    /// Folder of the pictures when no Cloudinary account is set.
    #[must_use]
    pub fn media_folder(&self) -> PathBuf {
        self.data_folder.join("media")
    }
}
