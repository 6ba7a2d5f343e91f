//! The adapters as the service uses them: real pictures, real files, Cloudinary over a real TLS connection.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod cloudinary;
mod cloudinary_settings;
mod colours;
mod local_pictures;
mod samples;
mod square_pictures;
