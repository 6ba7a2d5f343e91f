//! Parsing of `cloudinary://key:secret@cloud`.

use std::time::Duration;

use secrecy::SecretString;

const SCHEME: &str = "cloudinary://";
const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Settings of a Cloudinary account.
#[derive(Debug, Clone)]
pub struct CloudinarySettings {
    /// The product environment, part of every public URL.
    pub cloud_name: String,
    /// Public id of the signing key.
    pub api_key: String,
    /// Signing secret.
    pub api_secret: SecretString,
    /// Timeout of a call, including the wait for the concurrency limit.
    pub time_limit: Duration,
}

/// Errors of [`CloudinarySettings::parse`]. Contain no part of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCloudinarySettings {
    /// Another scheme, or a part is missing.
    #[error("must be a URL like cloudinary://key:secret@cloud")]
    Shape,
    /// Options of other libraries, which would be silently ignored.
    #[error("must end with the cloud name: a path or options after it are not supported")]
    Options,
    /// A character that keys, secrets and cloud names cannot contain; for example `<your_api_key>` of the console.
    #[error("the {0} may contain only letters, digits, '-' and '_'")]
    Characters(&'static str),
}

impl CloudinarySettings {
    /// Parses the URL from the console of Cloudinary. Sets the timeout to 10 seconds.
    ///
    /// # Errors
    /// See [`InvalidCloudinarySettings`].
    pub fn parse(url: &str) -> Result<Self, InvalidCloudinarySettings> {
        let rest = url.trim().strip_prefix(SCHEME).ok_or(InvalidCloudinarySettings::Shape)?;
        let (credentials, cloud_name) = rest.rsplit_once('@').ok_or(InvalidCloudinarySettings::Shape)?;
        let (api_key, api_secret) = credentials.split_once(':').ok_or(InvalidCloudinarySettings::Shape)?;
        if cloud_name.contains(['/', '?', '#']) {
            return Err(InvalidCloudinarySettings::Options);
        }
        for (name, value) in [("API key", api_key), ("API secret", api_secret), ("cloud name", cloud_name)] {
            if value.is_empty() {
                return Err(InvalidCloudinarySettings::Shape);
            }
            if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
                return Err(InvalidCloudinarySettings::Characters(name));
            }
        }
        Ok(Self {
            cloud_name: cloud_name.to_owned(),
            api_key: api_key.to_owned(),
            api_secret: SecretString::from(api_secret),
            time_limit: DEFAULT_TIME_LIMIT,
        })
    }
}
