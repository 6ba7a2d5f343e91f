//! Text of a response that is written in parts.

use actix_web::web::Bytes;

/// Text that was written and not sent yet.
pub(crate) trait PartText: 'static {
    /// Returns the number of bytes that were written since [`PartText::take`].
    fn size(&self) -> usize;

    /// Takes the text that was written since the last call.
    fn take(&mut self) -> Bytes;
}
