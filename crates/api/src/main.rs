//! `contacts-api`: the service in one binary.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One TLS provider for every client in the process; a second call is the only way to fail.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    api::cli::run()
}
