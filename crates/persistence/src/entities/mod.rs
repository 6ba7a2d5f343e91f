//! SeaORM entities of the tables.
//!
//! Invariant: no other module of this crate is imported here.

#![expect(unreachable_pub, reason = "the derive macros need public items")]

pub(crate) mod app_passwords;
pub(crate) mod audit_events;
pub(crate) mod contact_cards;
pub(crate) mod contacts;
pub(crate) mod deleted_accounts;
pub(crate) mod group_cards;
pub(crate) mod idempotency_keys;
pub(crate) mod invitations;
pub(crate) mod known_devices;
pub(crate) mod mail_slots;
pub(crate) mod one_time_tokens;
pub(crate) mod orphaned_pictures;
pub(crate) mod outbox;
pub(crate) mod purged_contacts;
pub(crate) mod sessions;
pub(crate) mod users;
