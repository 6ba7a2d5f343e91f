//! Files and folders on the disk: written atomically, or private to their owner.
//!
//! `mailer` writes mails, `media` pictures, `persistence` creates the file of SQLite, and `api` the data folder and exported contacts.
//!
//! Invariant: depends on no other crate of the workspace. It knows neither mails nor pictures.

mod atomic;
mod private;

pub use self::{
    atomic::{AtomicFile, PART_SUFFIX, Readers, write_atomically},
    private::{create_private_file, create_private_folder},
};
