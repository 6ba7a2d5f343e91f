//! The file of an import, read in parts.

use async_trait::async_trait;

use super::ImportEntry;

/// Maximum size of a file in bytes (10 MiB).
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Maximum number of entries of a file.
pub const MAX_ENTRIES: usize = 10_000;
/// Maximum number of entries of a part. A part is written in one unit of work.
pub const PART_ENTRIES: usize = 200;
/// Size in bytes of texts and photos from which on a part is complete.
pub const PART_BYTES: usize = 4 * 1024 * 1024;

/// File that is read while it arrives.
#[async_trait]
pub trait ImportSource: Send {
    /// Reason for which no more of the file can be read.
    type Error: Send;

    /// Returns the next entries, none after the last one: [`PART_ENTRIES`], or fewer when they have [`PART_BYTES`] or the
    /// file ends. The same file has the same parts, however its bytes arrive.
    async fn next_part(&mut self) -> Result<Vec<ImportEntry>, Self::Error>;
}
