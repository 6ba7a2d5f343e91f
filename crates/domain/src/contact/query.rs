//! Queries on the list of contacts: filter, sort order and page.

use super::{Contact, Cursor, Filter, Sort};

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
    /// Maximum number of contacts, from 1 to [`ContactQuery::MAX_LIMIT`].
    pub limit: u64,
}

impl ContactQuery {
    /// Maximum page size.
    pub const MAX_LIMIT: u64 = 1000;
    /// Default page size.
    pub const DEFAULT_LIMIT: u64 = 100;
}

/// Page of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPage {
    /// The contacts, in order.
    pub items: Vec<Contact>,
    /// Total number of contacts that match the filter.
    pub total: u64,
}
