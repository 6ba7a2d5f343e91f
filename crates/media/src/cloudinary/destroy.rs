//! Removal of a picture with CDN invalidation, which the `cloudinary` crate does not support.

use domain::time::{Clock, Timestamp};
use reqwest::multipart::Form;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sha1::{Digest as _, Sha1};

use super::CloudinarySettings;

/// Signed request to remove a picture.
pub(super) struct Destroy {
    url: String,
    parameters: [(&'static str, String); 5],
}

impl Destroy {
    pub(super) fn new(settings: &CloudinarySettings, clock: &dyn Clock, public_id: &str) -> Self {
        let timestamp = seconds(clock.now());
        // All parameters except the key, sorted by name, then the secret, as documented by Cloudinary.
        let signed = format!("invalidate=true&public_id={public_id}&timestamp={timestamp}");
        let digest = Sha1::digest(signed + settings.api_secret.expose_secret());
        let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            url: format!("https://api.cloudinary.com/v1_1/{}/image/destroy", settings.cloud_name),
            parameters: [
                ("api_key", settings.api_key.clone()),
                ("invalidate", "true".to_owned()),
                ("public_id", public_id.to_owned()),
                ("signature", signature),
                ("timestamp", timestamp),
            ],
        }
    }

    /// Sends the request. Returns the JSON of the response, or null when it is not JSON.
    pub(super) async fn send(self) -> reqwest::Result<Value> {
        let form = self.parameters.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
        let answer = reqwest::Client::new().post(self.url).multipart(form).send().await?;
        Ok(serde_json::from_str(&answer.text().await?).unwrap_or_default())
    }
}

fn seconds(now: Timestamp) -> String {
    now.timestamp().to_string()
}
