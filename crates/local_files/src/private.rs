//! Files and folders with access for their owner only, because they contain personal data.

use std::{io, path::Path};

use tempfile::NamedTempFile;

use crate::{
    folders::{create_folder, parent_of},
    readers::Readers,
};

/// Creates an empty file and its folder, both private. Does not change what exists. SQLite creates its log with the
/// permissions of the file.
///
/// # Errors
/// When the file or its folder cannot be created.
pub fn create_private_file(file: &Path) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let folder = parent_of(file);
    create_private_folder(folder)?;
    // The file gets its name after it is closed. Closing a file releases every lock of this process on it, and another
    // connection might hold one already.
    match NamedTempFile::new_in(folder)?.into_temp_path().persist_noclobber(file) {
        Err(failure) if failure.error.kind() != io::ErrorKind::AlreadyExists => Err(failure.error),
        _ => Ok(()),
    }
}

/// Creates a private folder. Does not change what exists. The parents are not private: they may contain files for
/// other users. After `Ok` the new folders survive a power failure.
///
/// # Errors
/// When the folder or a parent cannot be created.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    create_folder(folder, Readers::Owner)
}
