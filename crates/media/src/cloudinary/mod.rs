//! Pictures on Cloudinary.

mod destroy;
mod error;
mod fetch;
mod pictures;
mod settings;

pub use self::{
    pictures::CloudinaryPictures,
    settings::{CloudinarySettings, InvalidCloudinarySettings},
};
