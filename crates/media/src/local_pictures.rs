//! Picture store in a local folder.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError, limits::MAX_STORED_BYTES};
use local_files::{PART_SUFFIX, Readers, create_folder, write_atomically};
use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

/// Maximum time for one file. A folder of another machine may not answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum time for a listing of all files. A worker runs it, which has 30 seconds to finish when the service stops.
const LISTING_TIMEOUT: Duration = Duration::from_secs(20);
/// Age of an orphaned temporary file: longer than any write takes.
const PART_AGE: Duration = Duration::from_secs(3600);

/// Settings of [`LocalPictures`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPicturesSettings {
    /// The folder. The first picture creates it.
    pub folder: PathBuf,
    /// The public URL of the service, without `/media`.
    pub public_url: String,
}

/// Stores pictures as `<folder>/<key>.jpg`, served by the API under `<public_url>/media/`.
pub struct LocalPictures {
    folder: PathBuf,
    media_url: String,
    timeout: Duration,
}

/// The key has characters that this service does not use, and might refer to a file outside the folder.
#[derive(Debug, thiserror::Error)]
#[error("the picture key contains invalid characters")]
struct UnsafeKey;

/// The file is larger than every picture that this service stores.
#[derive(Debug, thiserror::Error)]
#[error("the picture has more than {MAX_STORED_BYTES} bytes")]
struct PictureTooLarge;

impl LocalPictures {
    /// Creates a store. Does not access the folder yet.
    #[must_use]
    pub fn new(settings: LocalPicturesSettings) -> Self {
        let media_url = format!("{}/media", settings.public_url.trim_end_matches('/'));
        Self { folder: settings.folder, media_url, timeout: TIMEOUT }
    }

    /// The folder to serve under `/media`. Names of temporary files begin with a dot.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs work on one file. Work that takes too long goes on. A picture that it stores late is removed as an orphan.
    async fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, PictureStoreError> {
        within(self.timeout, work).await
    }

    fn path(&self, key: &PictureKey) -> Result<PathBuf, UnsafeKey> {
        if !is_safe(key.as_str()) {
            return Err(UnsafeKey);
        }
        Ok(self.folder.join(format!("{}.jpg", key.as_str())))
    }
}

#[async_trait]
impl PictureStore for LocalPictures {
    #[tracing::instrument(target = "spans", name = "put picture", skip_all)]
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError> {
        let path = self.path(key).map_err(|error| PictureStoreError::Rejected(error.into()))?;
        self.in_time(move || write(&path, &picture.jpeg)).await
    }

    #[tracing::instrument(target = "spans", name = "get picture", skip_all)]
    async fn get(&self, key: &PictureKey) -> Result<Option<Vec<u8>>, PictureStoreError> {
        let path = self.path(key).map_err(|error| PictureStoreError::Rejected(error.into()))?;
        match self.in_time(move || read(&path)).await? {
            Some(jpeg) if jpeg.len() > MAX_STORED_BYTES => Err(PictureStoreError::Rejected(PictureTooLarge.into())),
            jpeg => Ok(jpeg),
        }
    }

    #[tracing::instrument(target = "spans", name = "discard picture", skip_all)]
    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError> {
        let path = self.path(key).map_err(|error| PictureStoreError::Rejected(error.into()))?;
        self.in_time(move || or_default_if_missing(fs::remove_file(&path))).await
    }

    async fn tidy(&self) -> Result<u64, PictureStoreError> {
        let folder = self.folder.clone();
        within(LISTING_TIMEOUT, move || remove_orphaned_parts(entries(&folder)?)).await
    }

    fn url(&self, key: &PictureKey) -> String {
        format!("{}/{}.jpg", self.media_url, key.as_str())
    }
}

/// Runs work on files for a limited time. Work that takes too long goes on.
async fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, PictureStoreError> {
    let done = timeout(limit, spawn_blocking(work)).await;
    let done = done.unwrap_or_else(|_| Ok(Err(io::ErrorKind::TimedOut.into())));
    done.unwrap_or_else(without_panic_message).map_err(|error| PictureStoreError::Unavailable(error.into()))
}

/// Converts a panic to an error without its message, which must not be logged.
fn without_panic_message<T>(error: JoinError) -> io::Result<T> {
    Err(error.into())
}

/// True for a valid key. Keys come from the database, where a row could contain a path such as `../../etc/passwd`.
fn is_safe(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    key.split('/').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

/// Writes a picture that all users may read, because a web server may serve the folder.
fn write(path: &Path, jpeg: &[u8]) -> io::Result<()> {
    create_folder(path.parent().unwrap_or(path), Readers::All)?;
    write_atomically(path, jpeg, Readers::All)
}

/// Reads a picture: at most one byte more than the largest one has.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut jpeg = Vec::new();
    file.take(MAX_STORED_BYTES as u64 + 1).read_to_end(&mut jpeg)?;
    Ok(Some(jpeg))
}

/// Removes orphaned temporary files of killed processes. Returns their number.
fn remove_orphaned_parts(entries: impl Iterator<Item = io::Result<fs::DirEntry>>) -> io::Result<u64> {
    let mut removed = 0;
    for entry in entries {
        // Meanwhile a request may store or remove a picture.
        removed += or_default_if_missing(remove_if_orphaned(&entry?))?;
    }
    Ok(removed)
}

/// Removes an entry that is an orphaned temporary file, or all in an entry that is a folder. Returns their number.
fn remove_if_orphaned(entry: &fs::DirEntry) -> io::Result<u64> {
    if entry.file_type()?.is_dir() {
        return remove_orphaned_parts(entries(&entry.path())?);
    }
    // The name is checked first: in a folder of another machine, each read of a timestamp is a request.
    if !is_part(entry) || !is_old(&entry.metadata()?)? {
        return Ok(0);
    }
    fs::remove_file(entry.path())?;
    Ok(1)
}

/// Returns the entries of a folder; none when it does not exist.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

fn is_part(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.starts_with('.') && name.ends_with(PART_SUFFIX)
}

fn is_old(file: &fs::Metadata) -> io::Result<bool> {
    // After the clock was set back a file may have a timestamp in the future; it counts as new.
    Ok(file.modified()?.elapsed().is_ok_and(|age| age > PART_AGE))
}

/// Converts the error of a missing file to the default value.
fn or_default_if_missing<T: Default>(outcome: io::Result<T>) -> io::Result<T> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        outcome => outcome,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs::File, process::Command};

    use super::*;

    #[tokio::test]
    async fn folder_that_does_not_answer_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let settings = LocalPicturesSettings { folder: folder.path().to_owned(), public_url: String::new() };
        let pictures = LocalPictures { timeout: Duration::from_millis(50), ..LocalPictures::new(settings) };
        // Opening a named pipe waits until another process opens it.
        let pipe = folder.path().join("a.jpg");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = pictures.get(&PictureKey::from_stored("a".to_owned())).await.unwrap_err();
        assert!(matches!(error, PictureStoreError::Unavailable(_)), "{error:?}");
        // The runtime waits for the thread.
        drop(File::options().write(true).open(&pipe).unwrap());
    }

    #[test]
    fn file_that_disappears_during_the_listing_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("folder")).unwrap();
        for name in ["a.jpg", ".a.part"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let listed: Vec<_> = entries(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(listed.len(), 3);
        fs::remove_dir_all(folder.path()).unwrap();
        assert_eq!(remove_orphaned_parts(listed.into_iter().map(Ok)).unwrap(), 0);
    }

    #[tokio::test]
    async fn listing_has_more_time_than_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let settings = LocalPicturesSettings { folder: folder.path().to_owned(), public_url: String::new() };
        let pictures = LocalPictures { timeout: Duration::ZERO, ..LocalPictures::new(settings) };
        assert_eq!(pictures.tidy().await.unwrap(), 0);
    }
}
