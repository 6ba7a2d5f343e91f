//! Reads the text of each variable. All errors are collected, each with the name of its variable.

use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    str::FromStr,
    time,
};

use auth::MIN_SECRET_BYTES;
use chrono::Duration;
use domain::{
    account::{Registration, Username},
    limit::Quota,
};
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    AllowedOrigins, DatabasePooler, LogFormat, LogSettings, SettingsError,
    log::{is_directives, log_format},
    rate::rate,
    secret::weakness,
    service::{app_name, public_url, registration, site_url},
};

/// Upper bound of the shutdown grace.
const MAX_GRACE: time::Duration = time::Duration::from_secs(300);

/// Default sender when mails are only written to files.
const FILE_SENDER: &str = "Contacts <contacts@localhost>";

/// Parser that collects errors. It replaces an invalid value with a placeholder, because the settings are then not used.
#[derive(Default)]
pub(super) struct Reader {
    errors: Vec<String>,
}

impl Reader {
    /// Returns the settings when there was no error.
    pub(super) fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        match settings {
            Some(settings) if self.errors.is_empty() => Ok(settings),
            _ => Err(SettingsError::new(self.errors)),
        }
    }

    fn reject(&mut self, variable: &str, hint: &str) {
        self.errors.push(format!("{variable} {hint}"));
    }

    fn check<T>(&mut self, variable: &str, parsed: Option<T>, placeholder: T, hint: &str) -> T {
        parsed.unwrap_or_else(|| {
            self.reject(variable, hint);
            placeholder
        })
    }

    pub(super) fn number<T>(&mut self, variable: &str, text: &str, range: RangeInclusive<T>) -> T
    where
        T: Display + FromStr + PartialOrd,
    {
        let found = text.trim().parse().ok().filter(|number| range.contains(number));
        let (least, most) = range.into_inner();
        let hint = format!("must be a number from {least} to {most}");
        self.check(variable, found, least, &hint)
    }

    pub(super) fn secret(&mut self, variable: &str, secret: Option<SecretString>) -> SecretString {
        let secret = secret.unwrap_or_default();
        if let Some(weakness) = weakness(secret.expose_secret()) {
            self.reject(variable, &format!("{weakness}; set it to {MIN_SECRET_BYTES} or more random bytes, for example the output of: openssl rand -hex 32"));
        }
        secret
    }

    pub(super) fn duration(&mut self, variable: &str, text: &str, most: Duration) -> Duration {
        let found = humantime::parse_duration(text.trim()).ok().and_then(|duration| Duration::from_std(duration).ok());
        let found = found.filter(|duration| (Duration::seconds(1)..=most).contains(duration));
        self.check(
            variable,
            found,
            most,
            &format!("must be a duration from 1s to {}d, like 15m, 12h or 30d", most.num_days()),
        )
    }

    pub(super) fn grace(&mut self, variable: &str, text: &str) -> time::Duration {
        let found = humantime::parse_duration(text.trim()).ok().filter(|grace| *grace <= MAX_GRACE);
        let hint = format!("must be a duration from 0s to {}, like 5s or 1m", humantime::format_duration(MAX_GRACE));
        self.check(variable, found, MAX_GRACE, &hint)
    }

    pub(super) fn host(&mut self, text: &str) -> IpAddr {
        let found = text.trim().parse().ok();
        self.check("HOST", found, Ipv4Addr::LOCALHOST.into(), "must be an IP address like 127.0.0.1 or 0.0.0.0")
    }

    pub(super) fn port(&mut self, text: &str) -> u16 {
        self.number("PORT", text, 0..=u16::MAX)
    }

    pub(super) fn log(&mut self, format: &str, directives: String) -> LogSettings {
        let format = self.check("LOG_FORMAT", log_format(format), LogFormat::Pretty, "must be pretty or json");
        if !is_directives(&directives) {
            self.reject(
                "RUST_LOG",
                "must be a level (error, warn, info, debug, trace, off), or a list like info,domain=debug",
            );
        }
        LogSettings { format, directives }
    }

    pub(super) fn pooler(&mut self, text: &str) -> DatabasePooler {
        let found = match text.trim() {
            "session" => Some(DatabasePooler::Session),
            "transaction" => Some(DatabasePooler::Transaction),
            _ => None,
        };
        self.check("DATABASE_POOLER", found, DatabasePooler::Session, "must be session or transaction")
    }

    pub(super) fn listener(&mut self, variable: &str, text: &str) -> Option<SocketAddr> {
        let found = text.trim().parse().ok().map(Some);
        self.check(
            variable,
            found,
            None,
            "must be an IP address and a port like 127.0.0.1:9464 or [::1]:9464, or empty",
        )
    }

    pub(super) fn rate(&mut self, variable: &str, text: &str) -> Option<Quota> {
        if text.trim() == "off" {
            return None;
        }
        let found = rate(text.trim()).map(Some);
        let hint = format!(
            "must be a rate like 5/s, 10/m, 3/h, 100/d or 3000/30s, from 1 to {} in at most a day, or off",
            Quota::MAX_LIMIT
        );
        self.check(variable, found, None, &hint)
    }

    pub(super) fn registration(&mut self, text: &str) -> Registration {
        self.check("REGISTRATION", registration(text), Registration::Open, "must be open, closed or invite")
    }

    pub(super) fn app_name(&mut self, text: &str) -> Option<String> {
        let hint = format!("must be a name of at most {} characters in one line", Username::MAX);
        self.check("APP_NAME", app_name(text).map(Some), None, &hint)
    }

    pub(super) fn site_url(&mut self, text: &str) -> Option<Url> {
        let hint = "must be a URL like https://app.example.com/, without a user";
        self.check("SITE_URL", site_url(text).map(Some), None, hint)
    }

    pub(super) fn public_url(&mut self, text: &str) -> Option<Url> {
        let url = public_url(text);
        if url.is_none() {
            self.reject("PUBLIC_URL", "must be a URL like https://contacts.example.com, without path, query or user");
        }
        url
    }

    pub(super) fn mail_from(&mut self, sender: Option<String>, is_needed: bool) -> String {
        if sender.is_none() && is_needed {
            self.reject(
                "MAIL_FROM",
                "is not set; with SMTP_URL set it to the sender, like Contacts <no-reply@example.com>",
            );
        }
        sender.unwrap_or_else(|| FILE_SENDER.to_owned())
    }

    pub(super) fn origins(&mut self, text: &str) -> AllowedOrigins {
        if text.trim() == "*" {
            return AllowedOrigins::Any;
        }
        let origins: Vec<String> = text.split(',').map(|origin| origin.trim().to_owned()).collect();
        if !origins.iter().all(|origin| is_origin(origin)) {
            let hint = "must be * or a comma-separated list of origins like https://app.example.com, without a path";
            self.reject("CORS_ALLOWED_ORIGINS", hint);
        }
        AllowedOrigins::Only(origins)
    }

    pub(super) fn networks(&mut self, text: &str) -> Vec<IpNet> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let found: Option<Vec<IpNet>> =
            words.map(|word| word.parse().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from))).collect();
        self.check("TRUSTED_PROXIES", found, Vec::new(), "must be a comma-separated list of networks like 10.0.0.0/8")
    }
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
}
