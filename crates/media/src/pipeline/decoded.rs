//! Result of decoding.

use image::metadata::Orientation;

use super::{colour::Space, samples::Samples};

/// Maximum memory of the steps after decoding, in bytes.
pub(super) const SQUARE_BYTES: u64 = 24 * 1024 * 1024;

/// The square in the centre of a picture, scaled to less than twice [`STORED_SIDE`](domain::picture::limits::STORED_SIDE).
pub(super) struct Decoded {
    pub(super) side: u32,
    pub(super) samples: Samples,
    pub(super) space: Space,
    pub(super) orientation: Orientation,
}
