//! IP addresses of clients, as they are stored.

use std::net::IpAddr;

use uuid::Uuid;

/// Returns a stored IP address of a row. One that is not valid counts as unknown and is reported: without it, the user can
/// still see and end a session, and read the audit trail.
pub(crate) fn known_ip(row: Uuid, ip: Option<String>) -> Option<IpAddr> {
    let parsed = ip?.parse();
    if parsed.is_err() {
        tracing::error!(row_id = %row, "IP address unreadable");
    }
    parsed.ok()
}
