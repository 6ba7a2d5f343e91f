//! A copy of a SQLite database, taken while the service uses it.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use domain::store::Source;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::{Database, OpenError, database::Engine, error::Told};

/// Why there is no backup. Nothing was left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is no file.
    #[error("a PostgreSQL is backed up with pg_dump: docs/operating.md says how")]
    NotAFile,
    /// There is a file of that name.
    #[error("there is a file of that name already, and a backup overwrites nothing: choose another")]
    Exists,
    /// The name cannot be told to SQLite.
    #[error("the name of the file must be UTF-8")]
    Name,
    /// The file cannot be written.
    #[error("the backup cannot be written")]
    File(#[source] io::Error),
    /// No connection.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite said no.
    #[error("copying the database failed")]
    Failed(#[source] Source),
    /// The copy is not one.
    #[error("the copy does not pass SQLite's own check: {0}")]
    Damaged(String),
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(Box::new(Told::of_driver(&error)))
    }
}

impl Database {
    /// Writes the database as it is now to a new file, its owner's only. Readers and writers go on
    /// meanwhile. The file has its name once it is whole, checked, and on the disk.
    ///
    /// # Errors
    /// See [`BackupError`].
    pub async fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let Engine::Sqlite { options, .. } = self.engine() else { return Err(BackupError::NotAFile) };
        let to = std::path::absolute(to).map_err(BackupError::File)?;
        let draft = blocking({
            let to = to.clone();
            move || draft_beside(&to)
        })
        .await?;
        // A database that is not there must not be made by backing it up.
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

/// An empty file, its owner's only, where the backup will be: renaming works in one folder only.
fn draft_beside(to: &Path) -> Result<NamedTempFile, BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists);
    }
    NamedTempFile::new_in(folder_of(to)).map_err(BackupError::File)
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("/")).to_owned()
}

/// `VACUUM INTO` reads one state of the database, as a transaction does, and takes an empty file.
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
    // The name is on the disk when its folder is; where a folder cannot be opened it is its system's matter.
    #[cfg(unix)]
    File::open(folder_of(to)).and_then(|folder| folder.sync_all()).map_err(BackupError::File)?;
    Ok(())
}
