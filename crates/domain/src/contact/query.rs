//! Queries on the list of contacts: filter, sort order and page.

use super::{Cursor, Filter, Sort};

/// Start of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// Offset: number of contacts to skip.
    Skip(u64),
    /// Directly after a position in the order.
    After(Cursor),
}

/// Query on the list of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactQuery {
    /// Conditions.
    pub filter: Filter,
    /// Sort order.
    pub sort: Sort,
    /// Start of the page.
    pub start: PageStart,
    /// Maximum number of contacts.
    pub limit: u64,
}

impl ContactQuery {
    /// Maximum page size.
    pub const MAX_LIMIT: u64 = 1000;
    /// Default page size.
    pub const DEFAULT_LIMIT: u64 = 100;
}
