//! Settings of the commands other than `serve`.

use std::net::{IpAddr, SocketAddr};

use secrecy::SecretString;

use super::{DatabasePooler, LogSettings};

/// Settings of commands that work on the database.
#[derive(Debug, Clone)]
pub struct DatabaseCommandSettings {
    /// URL of the database; may contain a password.
    pub url: SecretString,
    /// Mode of the pooler that `url` leads to.
    pub pooler: DatabasePooler,
    /// Settings of the log.
    pub log: LogSettings,
}

/// Settings of commands that call the running service.
#[derive(Debug, Clone, Copy)]
pub struct ListenSettings {
    /// The address that the service listens on.
    pub host: IpAddr,
    /// The port that it listens on.
    pub port: u16,
}

impl ListenSettings {
    /// Returns the address at which this machine reaches the service.
    #[must_use]
    pub fn local_address(self) -> SocketAddr {
        let host = match self.host {
            host if host.is_unspecified() && host.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
            host if host.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        SocketAddr::new(host, self.port)
    }
}
