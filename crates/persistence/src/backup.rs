//! Online backup of a SQLite database.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use domain::error::Source;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::{
    database::{Database, Engine},
    error::RedactedError,
    open_error::OpenError,
};

/// Errors of [`Database::back_up`]. No file is left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is PostgreSQL, not a file.
    #[error("a PostgreSQL database is backed up with pg_dump: see docs/operating.md")]
    NotAFile,
    /// The database file does not exist.
    #[error("there is no database at {}: DATABASE_URL is the database to copy", .0.display())]
    NoDatabase(PathBuf),
    /// The target file exists.
    #[error("the file already exists, and a backup overwrites nothing: choose another name")]
    Exists,
    /// The file name is not UTF-8, which SQLite requires.
    #[error("the file name must be UTF-8")]
    Name,
    /// The file cannot be written.
    #[error("the backup cannot be written")]
    File(#[source] io::Error),
    /// No connection was established.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite returned an error.
    #[error("copying the database failed")]
    Failed(#[source] Source),
    /// The copy failed the integrity check of SQLite.
    #[error("the copy failed the integrity check of SQLite: {0}")]
    Damaged(String),
}

impl BackupError {
    /// True for errors of the target file. The others are errors of the database.
    #[must_use]
    pub const fn concerns_target(&self) -> bool {
        matches!(self, Self::Exists | Self::Name | Self::File(_) | Self::Damaged(_))
    }
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(Box::new(RedactedError::of_driver(&error)))
    }
}

impl Database {
    /// Writes a snapshot of the database to a new file with access for its owner only. Does not block readers or
    /// writers. The file gets its name after it is complete, checked and synced to disk.
    ///
    /// # Errors
    /// See [`BackupError`].
    pub async fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let Engine::Sqlite { options, .. } = self.engine() else { return Err(BackupError::NotAFile) };
        let from = options.get_filename();
        if !from.exists() {
            return Err(BackupError::NoDatabase(from.to_owned()));
        }
        let to = std::path::absolute(to).map_err(BackupError::File)?;
        let draft = blocking({
            let to = to.clone();
            move || draft_in_folder_of(&to)
        })
        .await?;
        // A backup must not create a missing database.
        copy(options.clone().create_if_missing(false), draft.path()).await?;
        check(draft.path()).await?;
        blocking(move || publish(draft, &to)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(BackupError::File(io::Error::other(error))))
}

/// Creates an empty file with access for its owner only. It is in the folder of the backup, since a rename works within
/// one file system only.
fn draft_in_folder_of(to: &Path) -> Result<NamedTempFile, BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists);
    }
    NamedTempFile::new_in(folder_of(to)).map_err(BackupError::File)
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("/")).to_owned()
}

/// Copies the database. `VACUUM INTO` reads one consistent snapshot, like a transaction, and accepts an empty file.
async fn copy(from: SqliteConnectOptions, to: &Path) -> Result<(), BackupError> {
    let to = to.to_str().ok_or(BackupError::Name)?;
    let mut connection = SqliteConnection::connect_with(&from).await?;
    sqlx::query("VACUUM INTO ?").bind(to).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn check(copy: &Path) -> Result<(), BackupError> {
    let options = SqliteConnectOptions::new().filename(copy).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await?;
    connection.close().await?;
    if verdict == "ok" { Ok(()) } else { Err(BackupError::Damaged(verdict)) }
}

fn publish(draft: NamedTempFile, to: &Path) -> Result<(), BackupError> {
    draft.as_file().sync_all().map_err(BackupError::File)?;
    draft.persist_noclobber(to).map_err(|failure| match failure.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists,
        _ => BackupError::File(failure.error),
    })?;
    // The name is durable after its folder is synced. Folders cannot be opened on every system.
    #[cfg(unix)]
    File::open(folder_of(to)).and_then(|folder| folder.sync_all()).map_err(BackupError::File)?;
    Ok(())
}
