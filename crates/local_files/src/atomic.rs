//! Files that are complete or absent.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

/// Suffix of temporary files, whose names begin with a dot. A killed process leaves one.
pub const PART_SUFFIX: &str = ".part";

/// Users who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner only.
    Owner,
    /// All users, for example a web server.
    All,
}

/// Writes a file atomically. Its folder must exist. After `Ok` the file survives a power failure.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(PART_SUFFIX);
    // Temporary files are private by default.
    #[cfg(unix)]
    if readers == Readers::All {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The file name is stored in the folder, which needs its own sync.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
