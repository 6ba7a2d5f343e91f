//! Where a request comes from.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, USER_AGENT},
    web,
};
use domain::session::ClientInfo;
use ipnet::IpNet;

use crate::{problem::Problem, shell::Shell};

/// The device a request came from.
pub(crate) struct Client(pub(crate) ClientInfo);

impl FromRequest for Client {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(client_info(request))))
    }
}

pub(super) fn client_info(request: &HttpRequest) -> ClientInfo {
    let shell = request.app_data::<web::Data<Shell>>();
    let trusted = shell.map_or(&[][..], |shell| &shell.settings.trusted_proxies);
    let address = client_address(request.peer_addr().map(|peer| peer.ip()), request.headers(), trusted);
    let user_agent = request.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    ClientInfo::new(address, user_agent.as_deref())
}

/// The client's address: the peer's, unless the peer is a trusted proxy. Then the rightmost hop of
/// `X-Forwarded-For` that is not trusted: what stands left of it anybody could have written.
pub(crate) fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    let mut nearest = peer?;
    if !is_trusted(&nearest) {
        return Some(nearest);
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = parse_hop(hop.trim()) else { break };
        nearest = address;
        if !is_trusted(&nearest) {
            break;
        }
    }
    Some(nearest)
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let cases = [
            // peer, X-Forwarded-For lines, who it is
            ("198.51.100.1", vec![], "198.51.100.1"),
            ("198.51.100.1", vec!["203.0.113.9"], "198.51.100.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", vec!["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["203.0.113.9:4711"], "203.0.113.9"),
            ("10.0.0.1", vec!["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", vec!["[2001:db8::7]:80"], "2001:db8::7"),
            ("10.0.0.1", vec!["203.0.113.9, nonsense"], "10.0.0.1"),
            ("10.0.0.1", vec!["nonsense, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("::ffff:10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
        ];
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, lines, wanted) in cases {
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(line).unwrap());
            }
            let found = client_address(Some(peer.parse().unwrap()), &headers, &trusted).unwrap();
            assert_eq!(found.to_string(), wanted, "{peer} {lines:?}");
        }
    }
}
