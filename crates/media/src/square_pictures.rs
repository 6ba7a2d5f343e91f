//! The picture processor.

use std::{io, num::NonZero, thread::available_parallelism, time::Duration};

use async_trait::async_trait;
use domain::{
    ids::UserId,
    picture::{Picture, PictureError, PictureProcessor, limits::MAX_MEGAPIXELS},
};
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
    /// Users take turns. A user may have several pictures: an import converts some at once, and a device sends cards.
    pool: WorkPool<UserId>,
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
    async fn square(&self, owner: UserId, upload: Vec<u8>) -> Result<Picture, PictureError> {
        let header = Header::read(&upload)?;
        header.check_size(upload.len(), self.max_megapixels)?;
        let memory_mib = header.memory(upload.len(), MEMORY_MIB)?;
        match self.pool.submit(owner, memory_mib, move || square_jpeg(&upload, &header)).await {
            Ok(outcome) => outcome.map(|jpeg| Picture { jpeg }),
            Err(JobError::QueueFull | JobError::Displaced | JobError::TimedOut) => Err(PictureError::Overloaded),
            Err(JobError::Ended) => {
                tracing::warn!("picture decoding panicked, upload rejected as damaged");
                Err(PictureError::Damaged)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use testkit::jpeg_encoder::{GREY, sequential};
    use tokio::task::{JoinSet, yield_now};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn users_take_turns() {
        let settings = SquarePicturesSettings { at_once: 1, ..SquarePicturesSettings::default() };
        let pictures = Arc::new(SquarePictures::new(settings).unwrap());
        let [first, second] = [1, 2].map(|id| UserId(Uuid::from_u128(id)));
        let (release, released) = mpsc::channel::<()>();
        let (entered, has_entered) = mpsc::channel();
        let running = pictures.pool.submit(first, 0, move || {
            entered.send(()).unwrap();
            let _ = released.recv();
        });
        has_entered.recv().unwrap();

        // Without its end the picture is damaged, and decoding it allocates nothing.
        let mut upload = sequential(8, 8, GREY);
        upload.truncate(upload.len() - 2);
        let mut waiting = JoinSet::new();
        for (number, user) in (1..).zip([first, first, first, second]) {
            let (processor, upload) = (Arc::clone(&pictures), upload.clone());
            waiting.spawn(async move { (user, processor.square(user, upload).await) });
            while pictures.readings().waiting < number {
                yield_now().await;
            }
        }
        drop(release);
        running.await.unwrap();
        let mut order = Vec::new();
        while let Some(ended) = waiting.join_next().await {
            let (user, outcome) = ended.unwrap();
            assert!(matches!(outcome, Err(PictureError::Damaged)), "{outcome:?}");
            order.push(user);
        }
        assert_eq!(order, [first, second, first, first]);
    }
}
