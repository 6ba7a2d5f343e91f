//! Files and folders on the disk: written atomically, private to their owner, or synced with their parents.
//!
//! `mailer` writes mails, `media` pictures, `persistence` creates the file of SQLite, and `api` the data folder and exported contacts.
//!
//! Invariant: depends on no other crate of the workspace. It knows neither mails nor pictures.

mod atomic;
mod folders;
mod private;
mod readers;

pub use self::{
    atomic::{AtomicFile, PART_SUFFIX, write_atomically},
    folders::create_folder,
    private::{create_private_file, create_private_folder},
    readers::Readers,
};
