//! The picture processor.

use std::{io, num::NonZero, thread::available_parallelism, time::Duration};

use async_trait::async_trait;
use domain::picture::{Picture, PictureError, PictureProcessor, limits::MAX_MEGAPIXELS};
use work_pool::{JobError, Limits, Readings, WorkPool};

use crate::pipeline::{Header, square_jpeg};

/// Memory of all pictures that are processed at once, in MiB. Large ones wait for each other; one that needs more is
/// rejected. With eight files that wait, and what the allocator needs besides, pictures stay below 200 MiB.
const MEMORY_MIB: u32 = 160;
/// Maximum time that a picture waits for a thread and for memory.
const MAX_WAIT: Duration = Duration::from_secs(30);

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
        Self { at_once: (processors / 2).clamp(1, 2), waiting: 16, max_megapixels: MAX_MEGAPIXELS }
    }
}

/// Converts uploads to JPEGs of 512 x 512 pixels: upright, cropped around the centre, transparency on white, converted
/// to sRGB, without metadata. Accepts JPEG and PNG, detected by their content. Enlarges smaller pictures.
pub struct SquarePictures {
    /// Serves uploads in their order. Each user has at most one, because `api` reads the next one after the response.
    pool: WorkPool<()>,
    max_megapixels: u32,
}

impl SquarePictures {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system cannot start a thread.
    pub fn new(settings: SquarePicturesSettings) -> io::Result<Self> {
        let SquarePicturesSettings { at_once, waiting, max_megapixels } = settings;
        let limits = Limits { threads: at_once.max(1), queue: waiting, max_wait: MAX_WAIT, budget: MEMORY_MIB };
        Ok(Self { pool: WorkPool::start("pictures", limits)?, max_megapixels })
    }

    /// Returns the current state of the threads and their queue.
    #[must_use]
    pub fn readings(&self) -> Readings {
        self.pool.readings()
    }
}

#[async_trait]
impl PictureProcessor for SquarePictures {
    #[tracing::instrument(target = "spans", name = "square picture", skip_all)]
    async fn square(&self, upload: Vec<u8>) -> Result<Picture, PictureError> {
        let header = Header::read(&upload)?;
        header.check_size(upload.len(), self.max_megapixels)?;
        let memory_mib = header.memory(upload.len(), MEMORY_MIB)?;
        match self.pool.submit((), memory_mib, move || square_jpeg(&upload, &header)).await {
            Ok(outcome) => outcome.map(|jpeg| Picture { jpeg }),
            Err(JobError::QueueFull | JobError::Displaced | JobError::TimedOut) => Err(PictureError::Overloaded),
            Err(JobError::Ended) => {
                tracing::warn!("picture decoding panicked, upload rejected as damaged");
                Err(PictureError::Damaged)
            }
        }
    }
}
