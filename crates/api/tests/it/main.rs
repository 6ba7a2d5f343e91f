//! Tests of the service over HTTP, on a SQLite file and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

mod account_deletion;
mod accounts;
mod backup;
mod bad_contacts;
mod bad_pictures;
mod batches;
mod binary;
mod browser;
mod client_address;
mod command_line;
mod connection_process;
mod connections;
mod contacts;
mod contacts_limit;
mod documentation;
mod drain;
mod errors;
mod examples;
mod flood;
mod idempotency;
mod limits;
mod limits_table;
mod login_limits;
mod long_lists;
mod mail;
mod metrics;
mod notices;
mod pages;
mod picture_memory;
mod picture_process;
mod pictures;
mod process;
mod replicas;
mod rolling_restart;
mod searches;
mod service;
mod session_limits;
mod sessions;
mod settings;
mod slow_bodies;
mod slow_clients;
mod telemetry;
mod trash;
mod walk;
