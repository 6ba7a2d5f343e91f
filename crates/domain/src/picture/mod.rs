//! Pictures: the ports that process and store them, and the records of unreferenced ones.

mod keep_upload;
mod orphaned_picture;
mod remove_stray;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::{
    keep_upload::KeepPictureError,
    orphaned_picture::{StrayPicture, StrayPictureQueries, StrayPictureRepository},
    remove_stray::{Removal, remove_stray_pictures},
};
pub(crate) use self::{
    keep_upload::{claim, store_upload},
    orphaned_picture::release,
};
use crate::store::Source;

/// Name of a stored picture: a folder and a random id, never chosen by a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PictureKey(String);

impl PictureKey {
    /// Creates the name of a user's avatar. Each upload gets a new name, so that a name always identifies the same
    /// bytes and can be cached forever.
    #[must_use]
    pub fn avatar(id: Uuid) -> Self {
        Self(format!("avatars/{}", id.simple()))
    }

    /// Creates the name of a contact's photo, also new for each upload.
    #[must_use]
    pub fn photo(id: Uuid) -> Self {
        Self(format!("photos/{}", id.simple()))
    }

    /// Creates the value from a stored name.
    #[must_use]
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// Returns the name, without an extension.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Picture in the stored form: a square JPEG without metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Encoded bytes.
    pub jpeg: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({} bytes)", self.jpeg.len())
    }
}

/// Errors of a [`PictureProcessor`].
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The content is neither JPEG nor PNG.
    #[error("the file is neither a JPEG nor a PNG picture")]
    UnsupportedFormat,
    /// The content begins like a picture but cannot be decoded.
    #[error("the picture is damaged")]
    Damaged,
    /// The picture has more pixels than allowed.
    #[error("the picture has more than {max_megapixels} megapixels")]
    TooManyPixels {
        /// Maximum number of megapixels.
        max_megapixels: u32,
    },
    /// The number of pixels is allowed, but decoding this kind of picture takes too much memory.
    #[error("decoding the picture takes too much memory")]
    TooMuchMemory,
    /// The queue is full; retry later.
    #[error("too many pictures are waiting to be processed")]
    Overloaded,
    /// Processing failed. It is a defect of the service.
    #[error("processing the picture failed")]
    Failed(#[source] Source),
}

/// Errors of a [`PictureStore`].
#[derive(Debug, thiserror::Error)]
pub enum PictureStoreError {
    /// The store is unavailable or too slow; retry later.
    #[error("the picture store is unavailable")]
    Unavailable(#[source] Source),
    /// The store rejected the request, because of a defect of the service or wrong settings.
    #[error("the picture store rejected the request")]
    Refused(#[source] Source),
}

/// Converts uploads into stored pictures.
#[async_trait]
pub trait PictureProcessor: Send + Sync {
    /// Validates the format by content, applies the orientation, crops to a centered square, resizes, converts to sRGB,
    /// and encodes without metadata. MUST run outside the async workers, with a bound on concurrent work.
    ///
    /// # Errors
    /// See [`PictureError`].
    async fn square(&self, upload: Vec<u8>) -> Result<Picture, PictureError>;
}

/// Stores pictures.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Stores a picture. Once this returns `Ok`, [`PictureStore::url`] leads to it.
    ///
    /// # Errors
    /// See [`PictureStoreError`]; then the picture may be stored, now or a little later, and MUST be discarded.
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError>;

    /// Removes a picture. MUST succeed when no picture has this name.
    ///
    /// # Errors
    /// See [`PictureStoreError`]; then the picture may still be stored.
    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError>;

    /// Removes the partial data of interrupted [`PictureStore::put`] calls, which no name leads to. MUST NOT remove
    /// data of a call in progress. Returns the number of removed parts.
    ///
    /// # Errors
    /// See [`PictureStoreError`].
    async fn tidy(&self) -> Result<u64, PictureStoreError> {
        Ok(0)
    }

    /// Returns the URL from which clients fetch the picture. Makes no request.
    fn url(&self, key: &PictureKey) -> String;
}
