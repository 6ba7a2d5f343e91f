//! Tests of every rule, without HTTP and without SQL.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod account_deletion;
mod account_export;
mod account_values;
mod accounts;
mod audit;
mod batches;
mod birthdays;
mod card_texts;
mod cards;
mod changes;
mod contact_values;
mod contacts;
mod digests;
mod email_change;
mod email_reverts;
mod exports;
mod folding;
mod idempotency;
mod imports;
mod known_devices;
mod lifetimes;
mod limit_rules;
mod limits;
mod login_limits;
mod mail;
mod mailed_links;
mod maintenance;
mod memory_store;
mod notices;
mod operator;
mod parts;
mod password_change;
mod pasted_text;
mod phones;
mod photos;
mod pictures;
mod received_cards;
mod searches;
mod secrets;
mod session_list;
mod sessions;
mod slow_passwords;
mod trash;
mod value_bounds;
