//! Client of a request: its IP address and its user agent.

use std::net::IpAddr;

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    dev::{ServiceRequest, ServiceResponse},
    http::header::USER_AGENT,
    middleware::Next,
    web,
};
use domain::client::ClientInfo;

use super::client_ip::ip_of;
use crate::settings::Settings;

/// Middleware outside of the flood guard. Stores the client in the request.
pub(crate) async fn find_client<B>(
    settings: web::Data<Settings>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let ip = peer.map(|peer| ip_of(peer, request.headers(), &settings.trusted_proxies));
    let user_agent = request.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let client = ClientInfo::new(ip, user_agent.as_deref());
    request.extensions_mut().insert(client);
    next.call(request).await
}

/// Returns the client of a request.
pub(crate) fn client_of(request: &HttpRequest) -> ClientInfo {
    request.extensions().get().cloned().unwrap_or_default()
}

/// Returns the IP address of the client. `None` when the peer has no address.
pub(crate) fn client_ip(request: &HttpRequest) -> Option<IpAddr> {
    request.extensions().get::<ClientInfo>().and_then(|client| client.ip)
}
