//! Settings of what users see and may do: the name of the service, its folders, and who may register.

use std::path::{Path, PathBuf};

use domain::account::{Registration, Username};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Characters of a path that need no encoding in a URL.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

pub(super) fn registration(text: &str) -> Option<Registration> {
    text.trim().parse().ok()
}

pub(super) fn app_name(text: &str) -> Option<String> {
    // The rules of a display name.
    Username::parse(text).ok().map(|name| name.as_str().to_owned())
}

pub(super) fn site_url(text: &str) -> Option<Url> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
    Url::parse(text.trim()).ok().filter(is_web)
}

pub(super) fn public_url(text: &str) -> Option<Url> {
    site_url(text).filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
}

/// Returns the public URL when none is set.
pub(super) fn default_public_url(port: &str) -> String {
    format!("http://localhost:{port}")
}

pub(super) fn folder(text: &str) -> PathBuf {
    PathBuf::from(text.trim())
}

/// Returns the URL of the database when none is set: a file in the data folder.
pub(super) fn default_database_url(data_folder: &Path) -> String {
    let file = data_folder.join("contacts.db").display().to_string();
    format!("sqlite://{}?mode=rwc", utf8_percent_encode(&file, IN_PATH))
}
