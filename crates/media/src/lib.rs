//! Pictures: converts an upload to a square JPEG without metadata, and stores it in a local folder or on Cloudinary.
//!
//! Only the wiring of `api` depends on this crate; other code uses the ports of `domain::picture`.
//!
//! [`SquarePictures`] converts the picture; [`LocalPictures`] or [`CloudinaryPictures`] stores it.
//!
//! Invariant: depends on `domain` only; no other adapter, no HTTP server and no database is imported here.
//! Invariant: the environment is never read here; settings are plain structs. (The HTTP client of the `cloudinary` crate
//! does use `HTTPS_PROXY` and the certificates of the system.)
//! Invariant: uploaded bytes are never stored; only decoded and re-encoded pixels are.

mod cloudinary;
mod local_pictures;
mod pipeline;
mod square_pictures;

pub use crate::{
    cloudinary::{CloudinaryPictures, CloudinarySettings, InvalidCloudinarySettings},
    local_pictures::{LocalPictures, LocalPicturesSettings},
    square_pictures::{SquarePictures, SquarePicturesSettings},
};
