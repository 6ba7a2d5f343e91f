//! The picture processor.

use std::{num::NonZero, thread::available_parallelism};

use async_trait::async_trait;
use domain::picture::{Picture, PictureError, PictureProcessor};

use crate::{
    pipeline::square_jpeg,
    work_pool::{WorkLost, WorkPool, WorkReadings},
};

/// How much the processor takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SquarePicturesSettings {
    /// How many pictures are worked on at once; at least one.
    pub at_once: usize,
    /// How many more may wait before the next is turned away.
    pub waiting: usize,
    /// The greatest picture that is decoded.
    pub max_megapixels: u32,
}

impl Default for SquarePicturesSettings {
    fn default() -> Self {
        // Half of the machine stays for those who wait for an answer.
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { at_once: (processors / 2).clamp(1, 2), waiting: 16, max_megapixels: 40 }
    }
}

/// Makes uploads into JPEGs of 512 x 512 pixels: upright, cropped around the centre, transparency laid on
/// white, sRGB whatever an embedded profile says, no metadata. JPEG and PNG are taken, told by their content;
/// smaller pictures are enlarged.
pub struct SquarePictures {
    pool: WorkPool,
    max_megapixels: u32,
}

impl SquarePictures {
    /// How much work there is.
    #[must_use]
    pub fn readings(&self) -> WorkReadings {
        self.pool.readings()
    }

    /// A processor with these bounds.
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
                tracing::warn!("a decoder panicked; the upload is taken for a damaged picture");
                Err(PictureError::Damaged)
            }
            Err(WorkLost::NoThread(error)) => Err(PictureError::Failed(error.into())),
        }
    }
}
