//! Warnings about settings that are valid but probably mistakes.

use std::path::Path;

use ipnet::IpNet;

use super::{Settings, UnknownVariable};

/// Shortest prefixes of a private network: 10.0.0.0/8 and fc00::/7.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 7;

impl Settings {
    /// Logs probable mistakes. Must be called after the log has started.
    pub(crate) fn warn(&self) {
        for network in self.trusted_proxies.iter().filter(|network| is_too_wide(network)) {
            tracing::warn!(
                variable = "TRUSTED_PROXIES",
                %network,
                "trusted network too wide: clients in it can forge their IP and bypass every limit by IP"
            );
        }
        for UnknownVariable { name, nearest } in &self.unknown {
            tracing::warn!(variable = name, nearest, "unknown setting ignored: the name may be misspelled");
        }
        if is_readable_by_all(Path::new(".env")) {
            tracing::warn!(file = ".env", "secrets readable by every user of this machine: run chmod 600 .env");
        }
    }
}

fn is_too_wide(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() < SHORTEST_V4,
        IpNet::V6(network) => network.prefix_len() < SHORTEST_V6,
    }
}

#[cfg(unix)]
fn is_readable_by_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o004 != 0)
}

/// Other systems have no such permission bits.
#[cfg(not(unix))]
fn is_readable_by_all(_: &Path) -> bool {
    false
}
