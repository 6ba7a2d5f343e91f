//! Files that are complete or absent.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    folders::{parent_of, sync},
    readers::Readers,
};

/// Suffix of temporary files, whose names begin with a dot. A killed process leaves one.
pub const PART_SUFFIX: &str = ".part";

/// File that gets its name when it is complete. Dropped before, it leaves no file.
#[derive(Debug)]
pub struct AtomicFile {
    file: NamedTempFile,
    folder: PathBuf,
    path: PathBuf,
}

impl AtomicFile {
    /// Creates a temporary file in the folder of `path`, which must exist.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(path: &Path, readers: Readers) -> io::Result<Self> {
        let folder = parent_of(path);
        let mut builder = tempfile::Builder::new();
        builder.prefix(".").suffix(PART_SUFFIX);
        // Temporary files are private by default.
        #[cfg(unix)]
        if readers == Readers::All {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        }
        Ok(Self { file: builder.tempfile_in(folder)?, folder: folder.to_owned(), path: path.to_owned() })
    }

    /// Gives the file its name, and replaces a file of this name. After `Ok` the file survives a power failure.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn complete(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map_err(|error| error.error)?;
        // The file name is stored in the folder, which needs its own sync.
        sync(&self.folder)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a file atomically. Its folder must exist. After `Ok` the file survives a power failure.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = AtomicFile::create(path, readers)?;
    file.write_all(bytes)?;
    file.complete()
}
