//! The picture processor.

use std::{num::NonZero, thread::available_parallelism};

use async_trait::async_trait;
use domain::picture::{Picture, PictureError, PictureProcessor};

use crate::{
    pipeline::square_jpeg,
    work_pool::{WorkLost, WorkPool, WorkReadings},
};

/// Settings of [`SquarePictures`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SquarePicturesSettings {
    /// Maximum number of pictures that are processed at once; at least one.
    pub at_once: usize,
    /// Maximum number of waiting pictures; further ones are rejected.
    pub waiting: usize,
    /// Maximum size of a decoded picture.
    pub max_megapixels: u32,
}

impl Default for SquarePicturesSettings {
    fn default() -> Self {
        // Half of the CPUs remain for other requests.
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { at_once: (processors / 2).clamp(1, 2), waiting: 16, max_megapixels: 40 }
    }
}

/// Converts uploads to JPEGs of 512 x 512 pixels: upright, cropped around the centre, transparency on white, converted
/// to sRGB, without metadata. Accepts JPEG and PNG, detected by their content. Enlarges smaller pictures.
pub struct SquarePictures {
    pool: WorkPool,
    max_megapixels: u32,
}

impl SquarePictures {
    /// Returns the current state of the work pool.
    #[must_use]
    pub fn readings(&self) -> WorkReadings {
        self.pool.readings()
    }

    /// Creates a processor with these limits.
    #[must_use]
    pub fn new(settings: SquarePicturesSettings) -> Self {
        Self { pool: WorkPool::new(settings.at_once, settings.waiting), max_megapixels: settings.max_megapixels }
    }
}

#[async_trait]
impl PictureProcessor for SquarePictures {
    #[tracing::instrument(target = "spans", name = "square picture", skip_all)]
    async fn square(&self, upload: Vec<u8>) -> Result<Picture, PictureError> {
        let max_megapixels = self.max_megapixels;
        match self.pool.run(move || square_jpeg(&upload, max_megapixels)).await {
            Ok(outcome) => outcome.map(|jpeg| Picture { jpeg }),
            Err(WorkLost::Overloaded) => Err(PictureError::Overloaded),
            Err(WorkLost::Panicked) => {
                tracing::warn!("picture decoding panicked, upload rejected as damaged");
                Err(PictureError::Damaged)
            }
            Err(WorkLost::NoThread(error)) => Err(PictureError::Failed(error.into())),
        }
    }
}
