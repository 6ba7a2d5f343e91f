//! Pictures in a folder of this machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError};
use tokio::task::{JoinError, spawn_blocking};

/// The end of the names of files that are being written; they begin with a dot.
const PART: &str = ".part";
/// No picture is being written for so long.
const PART_AGE: Duration = Duration::from_secs(3600);

/// Where pictures lie and under which address they are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPicturesSettings {
    /// The folder; made when the first picture comes.
    pub folder: PathBuf,
    /// The service's own address, without `/media`.
    pub public_url: String,
}

/// Keeps pictures as `<folder>/<key>.jpg`, served by the API under `<public_url>/media/`.
pub struct LocalPictures {
    folder: PathBuf,
    media_url: String,
}

/// A name that is not one of ours and might leave the folder.
#[derive(Debug, thiserror::Error)]
#[error("the picture's name holds characters that no key has")]
struct UnsafeKey;

impl LocalPictures {
    /// A store over this folder; touches nothing yet.
    #[must_use]
    pub fn new(settings: LocalPicturesSettings) -> Self {
        let media_url = format!("{}/media", settings.public_url.trim_end_matches('/'));
        Self { folder: settings.folder, media_url }
    }

    /// The folder to serve under `/media`. Files whose names begin with a dot are being written.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
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
        let path = self.path(key).map_err(|error| PictureStoreError::Refused(error.into()))?;
        let written = spawn_blocking(move || write_whole(&path, &picture.jpeg)).await;
        written.unwrap_or_else(without_words).map_err(|error| PictureStoreError::Unavailable(error.into()))
    }

    #[tracing::instrument(target = "spans", name = "discard picture", skip_all)]
    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError> {
        let path = self.path(key).map_err(|error| PictureStoreError::Refused(error.into()))?;
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(PictureStoreError::Unavailable(error.into())),
            _ => Ok(()),
        }
    }

    async fn tidy(&self) -> Result<u64, PictureStoreError> {
        let folder = self.folder.clone();
        let removed = spawn_blocking(move || remove_parts(&folder)).await;
        removed.unwrap_or_else(without_words).map_err(|error| PictureStoreError::Unavailable(error.into()))
    }

    fn url(&self, key: &PictureKey) -> String {
        format!("{}/{}.jpg", self.media_url, key.as_str())
    }
}

/// That the work panicked, without what the panic says: no log should hold that.
fn without_words<T>(error: JoinError) -> io::Result<T> {
    Err(error.into())
}

/// Keys come back from the database, and a row is no proof against a path such as `../../etc/passwd`.
fn is_safe(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    key.split('/').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

/// Readers see the whole file or none, and after `Ok` it outlives a power cut.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(PART);
    // Temporary files are private by default, and a web server may serve the folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The name lives in the folder, and the folder has its own place on the disk.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// Removes the parts of pictures that were being written when the process was killed.
fn remove_parts(folder: &Path) -> io::Result<u64> {
    let mut removed = 0;
    for entry in entries(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            removed += remove_parts(&entry.path())?;
        } else if is_left_over(&entry)? {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// None where there is no folder yet.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

fn is_left_over(entry: &fs::DirEntry) -> io::Result<bool> {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    // A clock that was set back makes a file seem to come from the future: it is young.
    let is_old = entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > PART_AGE);
    Ok(name.starts_with('.') && name.ends_with(PART) && is_old)
}
