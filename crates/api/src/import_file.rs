//! The file of an import, read while it arrives.

use std::collections::VecDeque;

use actix_web::web::Bytes;
use async_trait::async_trait;
use contact_files::{FileOptions, FileReader, FileSummary};
use domain::contact::import::{EntryContent, ImportEntry, ImportSource, PART_BYTES, PART_ENTRIES};
use tokio::{
    sync::mpsc,
    task::{JoinError, spawn_blocking},
};

/// A file that arrives in pieces. Its entries are read outside the async workers: a piece of 64 KiB takes milliseconds.
pub(crate) struct ArrivingFile<E> {
    /// The pieces. They end when their sender is dropped.
    pieces: mpsc::Receiver<Result<Bytes, E>>,
    state: State,
    /// Entries that were read and not returned yet.
    entries: VecDeque<ImportEntry>,
    summary: FileSummary,
}

enum State {
    Reading(Box<FileReader>),
    /// The end was read. Also while a piece is read, and after its reading failed.
    Ended,
}

impl<E: From<JoinError>> ArrivingFile<E> {
    /// Creates the file. Nothing is read yet.
    pub(crate) fn new(options: FileOptions, pieces: mpsc::Receiver<Result<Bytes, E>>) -> Self {
        let reader = Box::new(FileReader::new(options));
        let summary = reader.summary();
        Self { pieces, state: State::Reading(reader), entries: VecDeque::new(), summary }
    }

    /// Returns what is known of the file.
    pub(crate) fn into_summary(self) -> FileSummary {
        self.summary
    }

    /// Discards what still arrives of the file.
    pub(crate) async fn discard_rest(&mut self) {
        while let Some(Ok(_)) = self.pieces.recv().await {}
    }

    /// Reads the entries of the next piece, or the last ones. Returns false at the end of the file.
    async fn read_more(&mut self) -> Result<bool, E> {
        let State::Reading(mut reader) = std::mem::replace(&mut self.state, State::Ended) else { return Ok(false) };
        let piece = self.pieces.recv().await.transpose()?;
        let is_last = piece.is_none();
        let reading = spawn_blocking(move || {
            let entries: Vec<ImportEntry> = match &piece {
                Some(piece) => {
                    let mut rest: &[u8] = piece;
                    std::iter::from_fn(|| reader.next(&mut rest)).collect()
                }
                None => std::iter::from_fn(|| reader.finish()).collect(),
            };
            (reader, entries)
        });
        let (reader, entries) = reading.await?;
        self.summary = reader.summary();
        self.entries.extend(entries);
        if !is_last {
            self.state = State::Reading(reader);
        }
        Ok(true)
    }
}

#[async_trait]
impl<E: From<JoinError> + Send> ImportSource for ArrivingFile<E> {
    type Error = E;

    async fn next_part(&mut self) -> Result<Vec<ImportEntry>, E> {
        let (mut part, mut bytes) = (Vec::new(), 0);
        loop {
            while let Some(entry) = self.entries.pop_front() {
                bytes += bytes_of(&entry);
                part.push(entry);
                if part.len() >= PART_ENTRIES || bytes >= PART_BYTES {
                    return Ok(part);
                }
            }
            if !self.read_more().await? {
                return Ok(part);
            }
        }
    }
}

/// Returns the bytes of the text and the photo of an entry.
fn bytes_of(entry: &ImportEntry) -> usize {
    let Ok(EntryContent::Contact(contact)) = &entry.content else { return 0 };
    contact.text.as_ref().map_or(0, |text| text.as_str().len()) + contact.photo.as_ref().map_or(0, Vec::len)
}
