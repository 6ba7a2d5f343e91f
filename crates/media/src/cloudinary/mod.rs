//! Pictures on Cloudinary.

mod fault;
mod pictures;
mod settings;

pub use self::{
    pictures::CloudinaryPictures,
    settings::{CloudinarySettings, InvalidCloudinarySettings},
};
