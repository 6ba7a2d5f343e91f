//! The changes of an address book, for clients that follow it.

mod model;
mod repository;
mod token;

pub use self::{
    model::{Change, Changes, RETAINED_DELETIONS_PER_CONTACT},
    repository::{ChangeQueries, DeletionRepository},
    token::{InvalidSyncToken, SyncEpoch, SyncToken},
};
