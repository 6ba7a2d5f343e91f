//! The port that stores pictures.

use async_trait::async_trait;

use super::{Picture, PictureKey};
use crate::error::Source;

/// Errors of a [`PictureStore`].
#[derive(Debug, thiserror::Error)]
pub enum PictureStoreError {
    /// The store is unavailable or too slow; retry later.
    #[error("the picture store is unavailable")]
    Unavailable(#[source] Source),
    /// The store rejected the request, because of a defect of the service or wrong settings.
    #[error("the picture store rejected the request")]
    Rejected(#[source] Source),
}

/// Stores pictures.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Stores a picture. Once this returns `Ok`, [`PictureStore::url`] leads to it.
    ///
    /// # Errors
    /// See [`PictureStoreError`]; then the picture may be stored, now or a little later, and MUST be discarded.
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError>;

    /// Returns the bytes of a picture, as [`PictureStore::put`] received them. MUST return `None` when no picture has this
    /// name. MUST NOT read more than [`MAX_STORED_BYTES`](super::limits::MAX_STORED_BYTES).
    ///
    /// # Errors
    /// See [`PictureStoreError`]; `Rejected` for a larger picture.
    async fn get(&self, key: &PictureKey) -> Result<Option<Vec<u8>>, PictureStoreError>;

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
