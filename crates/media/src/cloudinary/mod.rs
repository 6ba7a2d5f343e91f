//! Pictures on Cloudinary.

mod destroy;
mod fault;
mod pictures;
mod settings;

pub use self::{
    pictures::CloudinaryPictures,
    settings::{CloudinarySettings, InvalidCloudinarySettings},
};
