//! Pictures: the ports that process and store them, and the records of unreferenced ones.

pub mod limits;
mod model;
mod orphaned_picture;
mod picture_store;
mod processor;

pub use self::{
    model::{Picture, PictureKey},
    orphaned_picture::{OrphanedPicture, OrphanedPictureQueries, OrphanedPictureRepository},
    picture_store::{PictureStore, PictureStoreError},
    processor::{PictureError, PictureProcessor},
};
