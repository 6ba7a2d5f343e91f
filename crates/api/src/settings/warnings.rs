//! Settings that are allowed, and most likely mistakes.

use std::path::Path;

use ipnet::IpNet;

use super::Settings;

/// The shortest prefix of a network that somebody runs by themselves: 10.0.0.0/8, and fc00::/7.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 7;

impl Settings {
    /// Logs what an operator should look at. To be called once the log has started.
    pub(crate) fn warn(&self) {
        for network in self.trusted_proxies.iter().filter(|network| is_of_strangers(network)) {
            tracing::warn!(
                variable = "TRUSTED_PROXIES",
                %network,
                "trusted network too wide: clients in it choose their own address, and pass every limit by address"
            );
        }
        if is_readable_by_all(Path::new(".env")) {
            tracing::warn!(file = ".env", "secrets readable by every user of this machine: run chmod 600 .env");
        }
    }
}

fn is_of_strangers(network: &IpNet) -> bool {
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

/// Elsewhere permissions have another form.
#[cfg(not(unix))]
fn is_readable_by_all(_: &Path) -> bool {
    false
}
