//! Connections to Redis.

use std::time::Duration;

use redis::{
    Client, ConnectionAddr, IntoConnectionInfo as _, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

/// Timeout for establishing a connection. No request waits for it.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Returns `None` when the URL is not valid.
pub(super) fn client(url: &str) -> Option<Client> {
    let info = url.into_connection_info().ok()?;
    let has_known_scheme = ["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme));
    let is_verified = !matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. });
    if !has_known_scheme || !is_verified {
        return None;
    }
    Client::open(info).ok()
}

/// Returns a connection that its first command establishes. Must be called inside a runtime.
pub(super) fn lazy_connection(client: Client, response_timeout: Duration) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(response_timeout))
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client, config)
}
