//! The file of a new SQLite database: its owner's only, since all that people confide lies in it.

use std::{fs, io, path::Path};

use tempfile::NamedTempFile;

/// Makes the file, empty, and the folder it lies in, both for their owner only. Leaves alone what
/// exists. SQLite gives its log the rights of the file.
pub(crate) fn make(file: &Path) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    // A bare name has an empty parent: the folder where the process was started.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder)?;
    // It gets its name when it is closed again: closing a file drops every lock that this process has
    // on it, and another connection may be quicker.
    match NamedTempFile::new_in(folder)?.into_temp_path().persist_noclobber(file) {
        Err(failure) if failure.error.kind() != io::ErrorKind::AlreadyExists => Err(failure.error),
        _ => Ok(()),
    }
}

/// Only the last folder is private: the ones above may hold what others read.
fn make_folder(folder: &Path) -> io::Result<()> {
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
