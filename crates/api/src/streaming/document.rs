//! Documents that are read and written in parts.

use std::future::Future;

use domain::Ports;

use crate::{dto::part_text::PartText, problem::Problem};

/// Document, or the rest of it. So a long list needs the memory of one part.
pub(crate) trait Document: Sized + 'static {
    /// The text that the document is written to.
    type Text: PartText;

    /// Returns the maximum number of contacts that the next part reads.
    fn next_contacts(&self) -> u64;

    /// Reads the next part and writes it. Returns the rest, unless the document is complete.
    ///
    /// # Errors
    /// Errors of the use case that reads the document. Nothing of the part was written then.
    fn write_next(self, ports: &Ports, text: &mut Self::Text) -> impl Future<Output = Result<Option<Self>, Problem>>;
}
