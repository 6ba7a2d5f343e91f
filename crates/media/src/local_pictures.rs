//! Picture store in a local folder.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError, limits::MAX_STORED_BYTES};
use local_files::{PART_SUFFIX, Readers, write_atomically};
use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

/// Maximum time for one file. A folder of another machine may not answer.
const TIMEOUT: Duration = Duration::from_secs(10);
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

    /// Runs work on files. Work that takes too long goes on, and a picture that it stores late is removed as an orphan.
    async fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, PictureStoreError> {
        let done = timeout(self.timeout, spawn_blocking(work)).await;
        let done = done.unwrap_or_else(|_| Ok(Err(io::ErrorKind::TimedOut.into())));
        done.unwrap_or_else(without_panic_message).map_err(|error| PictureStoreError::Unavailable(error.into()))
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
        self.in_time(move || match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    async fn tidy(&self) -> Result<u64, PictureStoreError> {
        let folder = self.folder.clone();
        self.in_time(move || remove_orphaned_parts(&folder)).await
    }

    fn url(&self, key: &PictureKey) -> String {
        format!("{}/{}.jpg", self.media_url, key.as_str())
    }
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
    fs::create_dir_all(path.parent().unwrap_or(path))?;
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
fn remove_orphaned_parts(folder: &Path) -> io::Result<u64> {
    let mut removed = 0;
    for entry in entries(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            removed += remove_orphaned_parts(&entry.path())?;
        } else if is_orphaned(&entry)? {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Returns the entries of a folder; none when it does not exist.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

fn is_orphaned(entry: &fs::DirEntry) -> io::Result<bool> {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    // After the clock was set back a file may have a timestamp in the future; it counts as new.
    let is_old = entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > PART_AGE);
    Ok(name.starts_with('.') && name.ends_with(PART_SUFFIX) && is_old)
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
}
