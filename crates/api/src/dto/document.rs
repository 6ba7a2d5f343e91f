//! JSON documents that are read and written in parts.

use std::future::Future;

use domain::{Ports, error::StoreError};

use super::json::JsonWriter;

/// JSON document, or the rest of it. So a long list needs the memory of one part.
pub(crate) trait Document: Sized + 'static {
    /// Returns the maximum number of contacts that the next part reads.
    fn next_contacts(&self) -> u64;

    /// Reads the next part and writes it. Returns the rest, unless the document is complete.
    ///
    /// # Errors
    /// Errors of the store. Nothing of the part was written then.
    fn write_next(self, ports: &Ports, json: &mut JsonWriter)
    -> impl Future<Output = Result<Option<Self>, StoreError>>;
}
