//! JSON documents that are read and written in parts.

use std::future::Future;

use domain::Ports;

use super::json::JsonWriter;
use crate::problem::Problem;

/// JSON document, or the rest of it. So a long list needs the memory of one part.
pub(crate) trait Document: Sized + 'static {
    /// Returns the maximum number of contacts that the next part reads.
    fn next_contacts(&self) -> u64;

    /// Reads the next part and writes it. Returns the rest, unless the document is complete.
    ///
    /// # Errors
    /// Errors of the use case that reads the document. Nothing of the part was written then.
    fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> impl Future<Output = Result<Option<Self>, Problem>>;
}
