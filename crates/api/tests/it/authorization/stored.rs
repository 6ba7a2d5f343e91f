//! Rows and files of the service.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::account::{Account, Backstage};

/// Rows and files of the service at one time.
pub(super) struct Stored {
    rows: BTreeSet<String>,
    /// Bytes of the pictures and mails, by the paths of their files.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Stored {
    /// Reads everything. Waits for mails first: a delivery changes rows and files.
    pub(super) async fn read(backstage: &Backstage) -> Self {
        backstage.wait_for_mails().await;
        Self { rows: backstage.rows().await, files: files(&backstage.folder) }
    }

    /// Checks that each account has rows, and its two pictures.
    #[track_caller]
    pub(super) fn expect_data_of(&self, accounts: &[Account<'_>]) {
        for account in accounts {
            assert!(self.rows.iter().any(|row| row.contains(&account.email)), "{} has no rows", account.email);
        }
        let pictures = self.files.keys().filter(|path| path.extension().is_some_and(|extension| extension == "jpg"));
        assert_eq!(pictures.count(), 2 * accounts.len(), "{:?}", self.files.keys());
    }

    /// Checks that no row and no file has changed since.
    #[track_caller]
    pub(super) fn expect_unchanged(&self, now: &Self) {
        let rows: Vec<&String> = self.rows.symmetric_difference(&now.rows).collect();
        assert!(rows.is_empty(), "rows have changed: {rows:#?}");
        let paths = self.files.keys().chain(now.files.keys());
        let changed: BTreeSet<&PathBuf> = paths.filter(|path| self.files.get(*path) != now.files.get(*path)).collect();
        assert!(changed.is_empty(), "files have changed: {changed:#?}");
    }

    /// Checks that no row with the id of an account has changed since, and that no file was changed or removed.
    #[track_caller]
    pub(super) fn expect_unchanged_for(&self, account: &Account<'_>, now: &Self) {
        let ids = [account.user.0.to_string(), account.user.0.simple().to_string()];
        let is_own = |row: &str| ids.iter().any(|id| row.contains(id));
        assert!(self.rows.iter().any(|row| is_own(row)), "no row has {ids:?}");
        let rows: Vec<&String> = self.rows.symmetric_difference(&now.rows).filter(|row| is_own(row)).collect();
        assert!(rows.is_empty(), "rows of {} have changed: {rows:#?}", account.email);
        let changed = self.files.iter().filter(|(path, bytes)| now.files.get(*path) != Some(*bytes));
        let changed: Vec<&PathBuf> = changed.map(|(path, _)| path).collect();
        assert!(changed.is_empty(), "files have changed: {changed:#?}");
    }
}

/// Returns the files below a folder with their bytes.
pub(super) fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut folders = vec![root.to_owned()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}
