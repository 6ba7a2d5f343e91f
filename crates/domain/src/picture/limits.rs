//! Limits of uploaded pictures.

/// Maximum size of an uploaded file in bytes (5 MiB).
pub const MAX_UPLOAD_BYTES: usize = 5 * 1024 * 1024;

/// Maximum number of pixels of an uploaded picture, in millions.
pub const MAX_MEGAPIXELS: u32 = 40;

/// Maximum size of a stored picture in bytes (2 MiB). A square of [`STORED_SIDE`] pixels is smaller.
pub const MAX_STORED_BYTES: usize = 2 * 1024 * 1024;

/// Width and height of a stored picture, in pixels.
pub const STORED_SIDE: u32 = 512;
