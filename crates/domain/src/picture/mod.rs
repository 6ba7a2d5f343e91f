//! Pictures: the ports that check them and keep them, and the books on those that nothing points to.

mod keep_upload;
mod remove_stray;
mod stray;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::{
    keep_upload::KeepPictureError,
    remove_stray::{Removal, remove_stray_pictures},
    stray::{StrayPicture, StrayPictureQueries, StrayPictureRepository},
};
pub(crate) use self::{
    keep_upload::{adopt, keep_upload},
    stray::let_go,
};
use crate::store::Source;

/// The name under which a picture is kept: a folder and a random name, never taken from a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PictureKey(String);

impl PictureKey {
    /// A name for a user's avatar. Each upload gets a new one, so that a name always means the
    /// same bytes and may be cached for ever.
    #[must_use]
    pub fn avatar(id: Uuid) -> Self {
        Self(format!("avatars/{}", id.simple()))
    }

    /// A name for a contact's photo, new for each upload as well.
    #[must_use]
    pub fn photo(id: Uuid) -> Self {
        Self(format!("photos/{}", id.simple()))
    }

    /// Takes back a name that a store kept.
    #[must_use]
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// The name, without an extension.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A picture as it is kept: a square JPEG without metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The encoded bytes.
    pub jpeg: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({} bytes)", self.jpeg.len())
    }
}

/// Why an upload is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Neither JPEG nor PNG by its content.
    #[error("the file is neither a JPEG nor a PNG picture")]
    UnsupportedFormat,
    /// Begins like a picture and does not hold one.
    #[error("the picture is damaged")]
    Damaged,
    /// More pixels than allowed.
    #[error("the picture has more than {max_megapixels} megapixels")]
    TooManyPixels {
        /// The greatest number of megapixels.
        max_megapixels: u32,
    },
    /// Within the number of pixels, but of a kind that takes too much memory to read.
    #[error("the picture takes too much memory to be read")]
    TooMuchMemory,
    /// More is waiting than can be done soon; try again later.
    #[error("too many pictures wait to be processed")]
    Overloaded,
    /// A fault of ours.
    #[error("processing the picture failed")]
    Failed(#[source] Source),
}

/// Why a picture is not kept.
#[derive(Debug, thiserror::Error)]
pub enum PictureStoreError {
    /// The store is away or too slow; try again later.
    #[error("the picture store is unavailable")]
    Unavailable(#[source] Source),
    /// The store refused us: a fault of ours or of the settings.
    #[error("the picture store refused the picture")]
    Refused(#[source] Source),
}

/// Makes of an upload what is kept.
#[async_trait]
pub trait PictureProcessor: Send + Sync {
    /// Checks by content, turns upright, crops to a square around the centre, resizes, converts to sRGB,
    /// re-encodes without metadata. MUST do the work off the async workers, with a bound on how many at once.
    ///
    /// # Errors
    /// See [`PictureError`].
    async fn square(&self, upload: Vec<u8>) -> Result<Picture, PictureError>;
}

/// Keeps pictures.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Keeps a picture. When this returns `Ok`, [`PictureStore::url`] leads to it.
    ///
    /// # Errors
    /// See [`PictureStoreError`]; then the picture may be kept or not, now or a little later, and MUST be
    /// discarded.
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError>;

    /// Removes a picture. MUST succeed when there is none of that name.
    ///
    /// # Errors
    /// See [`PictureStoreError`]; then the picture may still be there.
    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError>;

    /// Removes what calls of [`PictureStore::put`] have left behind that were cut off: parts that no name
    /// leads to. MUST leave alone what a call under way needs. Says how many it removed.
    ///
    /// # Errors
    /// See [`PictureStoreError`].
    async fn tidy(&self) -> Result<u64, PictureStoreError> {
        Ok(0)
    }

    /// Where clients fetch the picture. Makes no request.
    fn url(&self, key: &PictureKey) -> String;
}
