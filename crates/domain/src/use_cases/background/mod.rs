//! Use cases without a request: the background workers run them.

mod deliver_due_mail;
mod erase_remaining_events;
mod forget_deletions;
mod purge_old_trash;
mod remove_orphaned_pictures;
mod remove_unverified_accounts;
mod sweep;
mod warn_of_wrong_passwords;

pub use self::{
    deliver_due_mail::{Delivery, deliver_due_mail},
    erase_remaining_events::erase_remaining_events,
    forget_deletions::forget_deletions,
    purge_old_trash::purge_old_trash,
    remove_orphaned_pictures::{Removal, remove_orphaned_pictures},
    remove_unverified_accounts::remove_unverified_accounts,
    sweep::{SweepReport, sweep},
    warn_of_wrong_passwords::warn_of_wrong_passwords,
};
