//! Folders that survive a power failure.

use std::{fs, io, path::Path};

use crate::readers::Readers;

/// Creates a folder and its missing parents. Does not change what exists. The parents are never private: they may
/// contain files for other users. After `Ok` the folders that this call has created
/// survive a power failure.
///
/// # Errors
/// When the folder or a parent cannot be created.
pub fn create_folder(folder: &Path, readers: Readers) -> io::Result<()> {
    create(folder, readers, &mut sync)
}

/// Returns the folder that contains a path.
pub(crate) fn parent_of(path: &Path) -> &Path {
    // A bare name has an empty parent: the working directory.
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the names in a folder to the disk. The sync of a new file or folder does not include its name.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    // Other systems do not open a folder as a file.
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

fn create(folder: &Path, readers: Readers, sync: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = parent_of(folder);
    // The parent of `.` is `.`: without this check the recursion would not end if it cannot be read.
    if parent != folder {
        create(parent, Readers::All, sync)?;
    }
    match builder(readers).create(folder) {
        // Another thread or process has created it meanwhile.
        Err(_) if folder.is_dir() => {}
        created => created?,
    }
    sync(parent)
}

fn builder(readers: Readers) -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parent_of_each_new_folder_is_synced() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b/c");
        let synced_by_creation = || {
            let mut synced = Vec::new();
            let mut sync = |parent: &Path| {
                synced.push(parent.to_owned());
                Ok(())
            };
            create(&folder, Readers::All, &mut sync).unwrap();
            synced
        };
        assert_eq!(synced_by_creation(), [root.path().to_owned(), root.path().join("a"), root.path().join("a/b")]);
        assert!(synced_by_creation().is_empty(), "no folder is new");
        fs::remove_dir(&folder).unwrap();
        assert_eq!(synced_by_creation(), [root.path().join("a/b")]);
    }

    #[test]
    fn failed_sync_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let outcome = create(&root.path().join("a"), Readers::All, &mut |_| Err(io::ErrorKind::StorageFull.into()));
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn folder_below_a_file_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "in the way").unwrap();
        for folder in [file.clone(), file.join("folder")] {
            assert!(create_folder(&folder, Readers::All).is_err(), "{}", folder.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_last_folder_is_private() {
        use std::os::unix::fs::PermissionsExt as _;

        let root = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(root.path().join(name)).unwrap().permissions().mode() & 0o777;
        fs::create_dir(root.path().join("default")).unwrap();
        create_folder(&root.path().join("a/private"), Readers::Owner).unwrap();
        create_folder(&root.path().join("a/public"), Readers::All).unwrap();
        assert_eq!(mode("a/private"), 0o700);
        assert_eq!([mode("a"), mode("a/public")], [mode("default"); 2]);
        create_folder(&root.path().join("a/public"), Readers::Owner).unwrap();
        assert_eq!(mode("a/public"), mode("default"), "an existing folder does not change");
    }
}
