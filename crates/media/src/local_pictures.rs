//! Pictures in a folder of this machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError};
use tokio::task::spawn_blocking;

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
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError> {
        let path = self.path(key).map_err(|error| PictureStoreError::Refused(error.into()))?;
        match spawn_blocking(move || write_whole(&path, &picture.jpeg)).await {
            Ok(written) => written.map_err(|error| PictureStoreError::Unavailable(error.into())),
            Err(error) => Err(PictureStoreError::Unavailable(error.into())),
        }
    }

    async fn discard(&self, key: &PictureKey) {
        let path = match self.path(key) {
            Ok(path) => path,
            Err(error) => return tracing::warn!(%error, "a picture was not removed"),
        };
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, key = key.as_str(), "a picture was not removed");
            }
            _ => {}
        }
    }

    fn url(&self, key: &PictureKey) -> String {
        format!("{}/{}.jpg", self.media_url, key.as_str())
    }
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
    builder.prefix(".").suffix(".part");
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
