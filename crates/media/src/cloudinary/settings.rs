//! `cloudinary://key:secret@cloud`, parsed.

use std::time::Duration;

use secrecy::SecretString;

const SCHEME: &str = "cloudinary://";
const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// An account at Cloudinary.
#[derive(Debug, Clone)]
pub struct CloudinarySettings {
    /// The product environment, part of every public address.
    pub cloud_name: String,
    /// Who signs.
    pub api_key: String,
    /// What signs.
    pub api_secret: SecretString,
    /// The longest a call may take, waiting for its turn included.
    pub time_limit: Duration,
}

/// Why a Cloudinary address is not taken. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCloudinarySettings {
    /// Another scheme, or a part is missing.
    #[error("must look like cloudinary://key:secret@cloud")]
    Shape,
    /// Options of other libraries, which would be ignored silently.
    #[error("must end with the cloud name: a path or options after it are not supported")]
    Options,
    /// A character that no key, secret or cloud name has; the console's `<your_api_key>` for one.
    #[error("the {0} may hold only letters, digits, '-' and '_'")]
    Characters(&'static str),
}

impl CloudinarySettings {
    /// Reads the address that Cloudinary's console shows; the time limit is 10 seconds.
    ///
    /// # Errors
    /// See [`InvalidCloudinarySettings`].
    pub fn parse(address: &str) -> Result<Self, InvalidCloudinarySettings> {
        let rest = address.trim().strip_prefix(SCHEME).ok_or(InvalidCloudinarySettings::Shape)?;
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
