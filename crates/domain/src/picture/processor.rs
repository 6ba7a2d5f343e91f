//! The port that converts uploads, and the converted picture.

use async_trait::async_trait;

use crate::{error::Source, ids::UserId};

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
    #[error("decoding a {format} of {width} x {height} pixels takes more than {max_mib} MiB")]
    TooMuchMemory {
        /// Kind of picture, like `progressive JPEG`.
        format: &'static str,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum memory in MiB.
        max_mib: u32,
    },
    /// The colour profile or other metadata are too large.
    #[error("the metadata of the picture are too large")]
    TooMuchMetadata,
    /// The queue is full; retry later.
    #[error("too many pictures are waiting to be processed")]
    Overloaded,
    /// Processing failed. It is a defect of the service.
    #[error("processing the picture failed")]
    Failed(#[source] Source),
}

/// Converts uploads into stored pictures.
#[async_trait]
pub trait PictureProcessor: Send + Sync {
    /// Validates the format by content, applies the orientation, crops to a centered square, resizes, converts to sRGB,
    /// and encodes without metadata. MUST run outside the async workers, with a bound on concurrent work. Owners take
    /// turns, so that many uploads of one do not delay those of others.
    ///
    /// # Errors
    /// See [`PictureError`].
    async fn square(&self, owner: UserId, upload: Vec<u8>) -> Result<Picture, PictureError>;
}
