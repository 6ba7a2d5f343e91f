//! Parsing of SMTP_URL: server, TLS mode and credentials.

use std::net::{IpAddr, Ipv6Addr};

use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::InvalidMailSettings;

/// TLS mode of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// No TLS, for a server on this machine or in this network.
    Plain,
    /// TLS after STARTTLS; required.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// A mail server. `Debug` shows no credentials: lettre redacts them.
#[derive(Debug)]
pub(crate) struct SmtpServer {
    pub(crate) protection: Protection,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<Credentials>,
}

impl SmtpServer {
    /// Parses `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`.
    ///
    /// Rejects anything else in the URL: an ignored `?tls=required` would mean no TLS.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidMailSettings> {
        let invalid = |hint| InvalidMailSettings::SmtpUrl(hint);
        let url = Url::parse(text).map_err(|_| {
            invalid(
                "must be a URL like smtps://user:password@host:465, with / ? # @ : and % in the password percent-encoded",
            )
        })?;
        let (protection, default_port) = match url.scheme() {
            "smtp" => (Protection::Plain, 25),
            "smtp+starttls" => (Protection::StartTls, 587),
            "smtps" => (Protection::Tls, 465),
            _ => return Err(invalid("must begin with smtp://, smtp+starttls:// or smtps://")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("must end after the host and port; TLS is chosen by smtps:// or smtp+starttls://"));
        }
        let host = host(&url).ok_or_else(|| invalid("must contain a host"))?;
        let port = url.port().unwrap_or(default_port);
        let credentials = credentials(&url)?;
        if credentials.is_some() && protection == Protection::Plain && !is_loopback_host(&host) {
            return Err(invalid("must not send a password without TLS; use smtps:// or smtp+starttls://"));
        }
        Ok(Self { protection, host, port, credentials })
    }
}

/// Returns the host. An IPv6 address has no brackets, which resolvers do not accept.
fn host(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain("") => None,
        Host::Domain(name) => percent_decode_str(name).decode_utf8().ok().map(|name| name.to_ascii_lowercase()),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, InvalidMailSettings> {
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(String::from).map_err(|_| InvalidMailSettings::SmtpUrl("must contain credentials in UTF-8"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => {
            Err(InvalidMailSettings::SmtpUrl("must contain both a user and a password, or neither"))
        }
        (user, Some(password)) => Ok(Some(Credentials::new(decode(user)?, decode(password)?))),
    }
}

fn is_loopback_host(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Ok(IpAddr::V6(address)) => address == Ipv6Addr::LOCALHOST,
        Err(_) => host == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smtp_url_scheme_selects_tls_mode_and_port() {
        for (text, protection, host, port, has_credentials) in [
            ("smtp://mail.example.com", Protection::Plain, "mail.example.com", 25, false),
            ("smtp://MAILPIT:1025/", Protection::Plain, "mailpit", 1025, false),
            ("smtp://a:b@127.0.0.1:2525", Protection::Plain, "127.0.0.1", 2525, true),
            ("smtp://a:b@[::1]", Protection::Plain, "::1", 25, true),
            ("smtp://a:b@localhost", Protection::Plain, "localhost", 25, true),
            ("smtp+starttls://a%40b.c:p%2Fq@mail.example.com", Protection::StartTls, "mail.example.com", 587, true),
            ("smtps://a:b@mail.example.com", Protection::Tls, "mail.example.com", 465, true),
        ] {
            let server = SmtpServer::parse(text).unwrap();
            let read = (server.protection, server.host.as_str(), server.port, server.credentials.is_some());
            assert_eq!(read, (protection, host, port, has_credentials), "{text}");
        }
    }

    #[test]
    fn smtp_url_credentials_are_decoded_once() {
        let server = SmtpServer::parse("smtps://a%40b.c:p%2Fq%25+r@mail.example.com").unwrap();
        assert_eq!(server.credentials, Some(Credentials::new("a@b.c".to_owned(), "p/q%+r".to_owned())));
    }

    #[test]
    fn ambiguous_smtp_url_is_rejected() {
        for text in [
            "",
            "mail.example.com:25",
            "http://mail.example.com",
            "smtp://",
            "smtp://mail.example.com:99999",
            "smtp://mail.example.com?tls=required",
            "smtp://mail.example.com/hello",
            "smtps://user@mail.example.com",
            "smtps://user:@mail.example.com",
            "smtps://:hunter2@mail.example.com",
            "smtps://user:hunter/2@mail.example.com",
            "smtp://user:hunter2@mail.example.com",
            "smtp://user:hunter2@localhost.example.com",
            "smtp://user:hunter2@127.0.0.1.example.com",
        ] {
            let error = SmtpServer::parse(text).unwrap_err();
            assert!(error.to_string().starts_with("SMTP_URL must"), "{text}: {error}");
            assert!(!format!("{error} {error:?}").contains("hunter"), "{text}");
        }
    }
}
