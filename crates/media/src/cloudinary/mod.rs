//! Pictures on Cloudinary.

mod destroy;
mod error;
mod pictures;
mod settings;

pub use self::{
    pictures::CloudinaryPictures,
    settings::{CloudinarySettings, InvalidCloudinarySettings},
};
