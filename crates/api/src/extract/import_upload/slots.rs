//! Concurrency of imports: one for each user, and a few parts at once in the process.

use std::time::Duration;

use async_trait::async_trait;
use contact_files::FileSummary;
use domain::{
    contact::import::{ImportEntry, ImportSource},
    ids::UserId,
};
use tokio::sync::SemaphorePermit;

use crate::{
    concurrency::{Slots, Turn},
    import_file::ArrivingFile,
    problem::Problem,
};

/// Maximum time that an import waits for its turn, and each part for its slot.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Parts that are imported at once, in all workers.
static SLOTS: Slots = Slots::new(2, MAX_WAIT);

/// Waits until the user has no other import.
pub(super) async fn turn(user: UserId) -> Result<Turn, Problem> {
    SLOTS.turn(user).await
}

/// A file whose parts are imported in slots. While a part arrives, it occupies no slot: a client that sends slowly does not
/// delay others.
pub(crate) struct SlottedFile {
    file: ArrivingFile<Problem>,
    turn: Turn,
    slot: Option<SemaphorePermit<'static>>,
}

impl SlottedFile {
    pub(super) fn new(file: ArrivingFile<Problem>, turn: Turn) -> Self {
        Self { file, turn, slot: None }
    }

    /// Frees the slot, and discards what still arrives of the file.
    pub(super) async fn discard_rest(&mut self) {
        self.slot = None;
        self.file.discard_rest().await;
    }

    /// Returns what is known of the file, and the turn.
    pub(super) fn into_parts(self) -> (FileSummary, Turn) {
        (self.file.into_summary(), self.turn)
    }
}

#[async_trait]
impl ImportSource for SlottedFile {
    type Error = Problem;

    async fn next_part(&mut self) -> Result<Vec<ImportEntry>, Problem> {
        self.slot = None;
        let part = self.file.next_part().await?;
        self.slot = Some(SLOTS.slot(&self.turn).await?);
        Ok(part)
    }
}
