//! Users who may read a file or a folder.

/// Users who may read a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner only.
    Owner,
    /// All users, for example a web server.
    All,
}
