//! Tests of the mailer with a real socket and real files.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod files;
mod pages;
mod preview;
mod rendering;
mod settings;
mod smtp;
mod support;
mod tls;
