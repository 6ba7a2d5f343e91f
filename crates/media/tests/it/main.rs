//! Tests of the adapters with real pictures, real files, and Cloudinary over a TLS connection.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod cloudinary;
mod cloudinary_settings;
mod colours;
mod damaged_pictures;
mod fuzzing;
mod jpeg_scans;
mod local_pictures;
mod picture_limits;
mod samples;
mod square_pictures;
