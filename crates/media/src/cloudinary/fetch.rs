//! Download of a picture as it was uploaded, which the `cloudinary` crate does not support.

use domain::picture::limits::MAX_STORED_BYTES;

use super::CloudinarySettings;

/// Request for a picture.
pub(super) struct Fetch {
    url: String,
}

/// Outcome of a request that was answered.
pub(super) enum Fetched {
    Picture(Vec<u8>),
    NotFound,
    TooLarge,
    /// Another HTTP status.
    Status(u16),
}

impl Fetch {
    /// Without a transformation in the URL, Cloudinary returns the uploaded bytes.
    pub(super) fn new(settings: &CloudinarySettings, public_id: &str) -> Self {
        let cloud_name = &settings.cloud_name;
        Self { url: format!("https://res.cloudinary.com/{cloud_name}/image/upload/{public_id}.jpg") }
    }

    /// Sends the request. Reads no more than the largest picture has.
    pub(super) async fn send(self) -> reqwest::Result<Fetched> {
        let mut answer = reqwest::Client::new().get(self.url).send().await?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Ok(Fetched::NotFound),
            status => return Ok(Fetched::Status(status)),
        }
        let mut jpeg = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if jpeg.len() + chunk.len() > MAX_STORED_BYTES {
                return Ok(Fetched::TooLarge);
            }
            jpeg.extend_from_slice(&chunk);
        }
        Ok(Fetched::Picture(jpeg))
    }
}
