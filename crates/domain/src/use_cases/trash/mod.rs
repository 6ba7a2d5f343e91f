//! Use cases of the trash: list, restore, delete permanently.

mod empty_trash;
mod list_trash;
mod purge_trashed_contact;
mod restore_contact;

pub use self::{
    empty_trash::empty_trash,
    list_trash::{TrashPage, TrashPagePart, TrashPageRest},
    purge_trashed_contact::{PurgeTrashedContactError, purge_trashed_contact},
    restore_contact::{RestoreContactError, restore_contact},
};
