//! Pictures: the ports that process and store them, and the records of unreferenced ones.

pub mod limits;
mod orphaned_picture;
mod picture_store;
mod processor;
mod unguessable_key;

pub use self::{
    orphaned_picture::{OrphanedPicture, OrphanedPictureQueries, OrphanedPictureRepository},
    picture_store::{PictureStore, PictureStoreError},
    processor::{Picture, PictureError, PictureProcessor},
    unguessable_key::PictureKey,
};
