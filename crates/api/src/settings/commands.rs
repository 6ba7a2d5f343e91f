//! What a command needs that does not serve: nothing else is read, so that nothing else can stop it. A migration
//! needs no secret.

use std::net::{IpAddr, SocketAddr};

use secrecy::SecretString;

use super::{LogFormat, SettingsError, parse, raw, variables};

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// How log lines look.
    pub format: LogFormat,
    /// Which of them are written (`tracing` directives).
    pub directives: String,
}

/// What a command needs that works on the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// The database; may hold a password.
    pub url: SecretString,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// What a command needs that asks the running service.
#[derive(Debug, Clone, Copy)]
pub struct ListenSettings {
    /// The address that the service listens on.
    pub host: IpAddr,
    /// The port that it listens on.
    pub port: u16,
}

impl DatabaseSettings {
    /// Reads them, as [`Settings::load`](super::Settings::load) does.
    ///
    /// # Errors
    /// Every fault, each naming its variable and the mend.
    pub fn load() -> Result<Self, SettingsError> {
        parse::database_settings(raw(variables()?)?)
    }
}

impl ListenSettings {
    /// Reads them, as [`Settings::load`](super::Settings::load) does.
    ///
    /// # Errors
    /// Every fault, each naming its variable and the mend.
    pub fn load() -> Result<Self, SettingsError> {
        parse::listen_settings(&raw(variables()?)?)
    }

    /// Where the service is reached from this machine.
    #[must_use]
    pub fn from_here(self) -> SocketAddr {
        let host = match self.host {
            host if host.is_unspecified() && host.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
            host if host.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        SocketAddr::new(host, self.port)
    }
}
