//! Pictures: an upload becomes a square JPEG without metadata, kept in a local folder or on Cloudinary.
//!
//! Depended on by `api`'s wiring alone; everyone else sees the ports of `domain::picture`.
//!
//! [`SquarePictures`] makes the picture; [`LocalPictures`] or [`CloudinaryPictures`] keeps it.
//!
//! Invariant: knows `domain` only; no other adapter, no HTTP server and no database is imported here.
//! Invariant: the environment is never read here; settings arrive as plain structs. (The HTTP client inside
//! the `cloudinary` crate does obey `HTTPS_PROXY` and the system's certificates.)
//! Invariant: what a client sent is never kept; only pixels decoded and encoded anew are.

mod cloudinary;
mod local_pictures;
mod pipeline;
mod square_pictures;
mod structure;
mod work_pool;

pub use crate::{
    cloudinary::{CloudinaryPictures, CloudinarySettings, InvalidCloudinarySettings},
    local_pictures::{LocalPictures, LocalPicturesSettings},
    square_pictures::{SquarePictures, SquarePicturesSettings},
    work_pool::WorkReadings,
};
