//! Files and folders with access for their owner only, because they contain personal data.

use std::{fs, io, path::Path};

use tempfile::NamedTempFile;

/// Creates an empty file and its folder, both private. Does not change what exists. SQLite creates its log with the
/// permissions of the file.
///
/// # Errors
/// When the file or its folder cannot be created.
pub fn create_private_file(file: &Path) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    // A bare file name has an empty parent: the working directory.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    // The file gets its name after it is closed. Closing a file releases every lock of this process on it, and another
    // connection might hold one already.
    match NamedTempFile::new_in(folder)?.into_temp_path().persist_noclobber(file) {
        Err(failure) if failure.error.kind() != io::ErrorKind::AlreadyExists => Err(failure.error),
        _ => Ok(()),
    }
}

/// Creates a private folder. Does not change what exists. The parents are not private: they may contain files for
/// other users.
///
/// # Errors
/// When the folder or a parent cannot be created.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
