//! Fuzz target of the headers that proxies write: see `crates/fuzz`.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue, X_FORWARDED_FOR};

use super::client_ip::ip_of;

/// Address that the proxy of the tests adds to a header.
const CLIENT: &str = "203.0.113.9";
/// Addresses of the proxy, and of a client that is connected without one.
const PROXY: &str = "10.0.0.1";

fn found(peer: &str, lines: &[(HeaderName, Vec<u8>)]) -> Option<IpAddr> {
    let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    let mut headers = HeaderMap::new();
    for (name, line) in lines {
        headers.append(name.clone(), HeaderValue::from_bytes(line).ok()?);
    }
    Some(ip_of(peer.parse().unwrap(), &headers, &trusted))
}

/// A client sends lines of any bytes: each begins with `x` for `X-Forwarded-For`, or with another byte for `Forwarded`.
/// No line changes the address that the proxy adds. At most the address of the proxy is used instead.
#[test]
fn forwarded_headers() {
    let [client, proxy] = [CLIENT, PROXY].map(|address| address.parse::<IpAddr>().unwrap());
    fuzz::check!("forwarded_headers", 10_000, |bytes: &[u8]| {
        let lines: Vec<(HeaderName, Vec<u8>)> = bytes
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.split_first())
            .map(|(kind, line)| (if *kind == b'x' { X_FORWARDED_FOR } else { FORWARDED }, line.to_vec()))
            .collect();
        let Some(without_proxy) = found("198.51.100.1", &lines) else { return };
        assert_eq!(without_proxy.to_string(), "198.51.100.1", "headers of an unknown peer");
        found(PROXY, &lines).unwrap();

        for (name, added) in [(X_FORWARDED_FOR, CLIENT.to_owned()), (FORWARDED, format!("for={CLIENT}"))] {
            // The proxy adds a line of its own.
            let own_line = [lines.clone(), vec![(name.clone(), added.clone().into_bytes())]].concat();
            let address = found(PROXY, &own_line).unwrap();
            assert!([client, proxy].contains(&address), "{address}");
            // The proxy adds it to the last line, and removes the other header.
            let mut own: Vec<_> = lines.iter().filter(|(own, _)| *own == name).cloned().collect();
            let Some((_, last)) = own.last_mut() else { continue };
            last.extend(format!(", {added}").into_bytes());
            let address = found(PROXY, &own).unwrap();
            let is_unclosed = name == FORWARDED && address == proxy;
            assert!(address == client || is_unclosed, "{name}: {address}");
        }
    });
}
