//! File of an import, which takes a slot for each of its parts.

use async_trait::async_trait;
use contact_files::FileSummary;
use domain::contact::import::{ImportEntry, ImportSource};
use tokio::sync::SemaphorePermit;

use crate::{
    concurrency::{IMPORTS, Turn},
    import_file::ArrivingFile,
    problem::Problem,
};

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
        self.slot = Some(IMPORTS.slot(&self.turn).await?);
        Ok(part)
    }
}
