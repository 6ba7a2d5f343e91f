//! The IP address of the client: the address of the peer, or the one that a trusted proxy reports.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{FORWARDED, HeaderMap, X_FORWARDED_FOR};
use ipnet::IpNet;

/// Returns the address of the peer, unless the peer is a trusted proxy. Then returns the rightmost untrusted hop of
/// `X-Forwarded-For` or `Forwarded` (RFC 7239): any client can forge the hops to the left of it.
///
/// A proxy writes one of the two headers and forwards the other as the client sent it. The service cannot detect which
/// one the proxy wrote. If the headers disagree, both are ignored and the peer is returned.
pub(super) fn ip_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    if !is_trusted(peer) {
        return peer;
    }
    let lines = |name| headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect::<Vec<_>>();
    let x_forwarded_for: Vec<Option<IpAddr>> =
        lines(X_FORWARDED_FOR).iter().flat_map(|line| line.split(',').map(|hop| address(hop.trim()))).collect();
    let forwarded: Vec<Option<IpAddr>> = lines(FORWARDED).iter().flat_map(|line| forwarded_for(line)).collect();
    let client_of = |hops: &[Option<IpAddr>]| {
        let mut nearest = peer;
        for hop in hops.iter().rev() {
            // The hops to the left of an unreadable one cannot be trusted.
            let Some(hop) = hop else { break };
            nearest = *hop;
            if !is_trusted(nearest) {
                break;
            }
        }
        nearest
    };
    match (x_forwarded_for.as_slice(), forwarded.as_slice()) {
        (hops, []) | ([], hops) => client_of(hops),
        (left, right) if client_of(left) == client_of(right) => client_of(left),
        _ => peer,
    }
}

/// Returns the hops of one `Forwarded` line: `None` for each hop without an address. A line that violates the grammar is
/// one such hop, because an unclosed quote makes the limits of its elements unknown.
///
/// The parser is written by hand: the available parsers also split at commas and semicolons inside quotes, and a client
/// may control the text in quotes (`host`).
fn forwarded_for(line: &str) -> Vec<Option<IpAddr>> {
    let Some(elements) = split(line, ',') else { return vec![None] };
    elements.into_iter().map(node_of).collect()
}

fn node_of(element: &str) -> Option<IpAddr> {
    let mut node = None;
    for pair in split(element, ';')?.into_iter().map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        if name.eq_ignore_ascii_case("for") && node.replace(value).is_some() {
            return None;
        }
    }
    let value = node?;
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    address(unquoted.unwrap_or(value))
}

/// Splits a text at separators outside quotes. Returns `None` when a quote is not closed.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut in_quotes, mut escaped) = (false, false);
    let parts = text.split(|c: char| {
        let is_plain = !std::mem::take(&mut escaped);
        escaped = is_plain && in_quotes && c == '\\';
        in_quotes ^= is_plain && c == '"';
        c == separator && !in_quotes
    });
    let parts = parts.collect();
    (!in_quotes).then_some(parts)
}

/// Parses an IP address as proxies write it: bare, with a port, or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    /// Returns the client address of a request from `peer` with these headers. 10.0.0.0/8 and fd00::/8 are proxies.
    fn found(peer: &str, lines: &[(HeaderName, &str)]) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(name.clone(), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        ip_of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn x_forwarded_for_is_used_from_trusted_proxies_only() {
        let cases: [(&str, &[&str], &str); 22] = [
            // peer, X-Forwarded-For lines, client
            ("198.51.100.1", &[], "198.51.100.1"),
            ("198.51.100.1", &["203.0.113.9"], "198.51.100.1"),
            ("198.51.100.1", &["10.0.0.1"], "198.51.100.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["10.0.0.9, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.9", "10.0.0.2,10.0.0.3"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]:80"], "2001:db8::7"),
            ("10.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["nonsense \u{fc}, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("fd00::1", &["2001:db8::7, fd00::2"], "2001:db8::7"),
        ];
        for (peer, lines, expected) in cases {
            let lines: Vec<_> = lines.iter().map(|line| (X_FORWARDED_FOR, *line)).collect();
            assert_eq!(found(peer, &lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn forwarded_is_used_from_trusted_proxies_only() {
        let cases: [(&str, &[&str], &str); 22] = [
            // peer, Forwarded lines, client
            ("198.51.100.1", &["for=203.0.113.9"], "198.51.100.1"),
            ("10.0.0.1", &["for=203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["For=\"203.0.113.9:4711\";proto=https;by=10.0.0.1"], "203.0.113.9"),
            ("10.0.0.1", &["for=\"[2001:db8::7]:80\""], "2001:db8::7"),
            ("10.0.0.1", &["for=\"[2001:db8::7]\""], "2001:db8::7"),
            ("10.0.0.1", &["for=1.2.3.4, for=203.0.113.9, for=10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["for=1.2.3.4", "for=203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["proto=https ; for=203.0.113.9 ;"], "203.0.113.9"),
            ("10.0.0.1", &["for=unknown"], "10.0.0.1"),
            ("10.0.0.1", &["for=1.2.3.4, for=_hidden"], "10.0.0.1"),
            ("10.0.0.1", &["for=1.2.3.4, proto=https"], "10.0.0.1"),
            ("10.0.0.1", &["for=203.0.113.9;for=1.2.3.4"], "10.0.0.1"),
            ("10.0.0.1", &["for=1.2.3.4, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["nonsense, for=203.0.113.9"], "203.0.113.9"),
            // The client may control the text in quotes.
            ("10.0.0.1", &["for=203.0.113.9;host=\"a, for=1.2.3.4\""], "203.0.113.9"),
            ("10.0.0.1", &["for=203.0.113.9;host=\"a;for=1.2.3.4\""], "203.0.113.9"),
            ("10.0.0.1", &["for=203.0.113.9;host=\"a\\\", for=1.2.3.4;x=\\\"\""], "203.0.113.9"),
            // An unclosed quote of the client hides what the proxy adds to the same line, but no other line.
            ("10.0.0.1", &["for=1.2.3.4;x=\", for=203.0.113.9"], "10.0.0.1"),
            ("10.0.0.1", &["for=1.2.3.4;x=\"", "for=203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["for=\"1.2.3.4"], "10.0.0.1"),
            ("10.0.0.1", &["for=\"\""], "10.0.0.1"),
            ("10.0.0.1", &["forwarded=1.2.3.4"], "10.0.0.1"),
        ];
        for (peer, lines, expected) in cases {
            let lines: Vec<_> = lines.iter().map(|line| (FORWARDED, *line)).collect();
            assert_eq!(found(peer, &lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn forwarding_headers_are_ignored_when_they_disagree() {
        let both = |list, field| found("10.0.0.1", &[(X_FORWARDED_FOR, list), (FORWARDED, field)]);
        assert_eq!(both("203.0.113.9", "for=203.0.113.9"), "203.0.113.9");
        assert_eq!(both("1.2.3.4, 203.0.113.9", "for=5.6.7.8, for=\"203.0.113.9:80\""), "203.0.113.9");
        assert_eq!(both("203.0.113.9", "for=1.2.3.4"), "10.0.0.1");
        assert_eq!(both("1.2.3.4", "for=203.0.113.9"), "10.0.0.1");
        assert_eq!(both("203.0.113.9", "nonsense"), "10.0.0.1");
    }
}
