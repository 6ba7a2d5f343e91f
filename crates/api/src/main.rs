//! Binary `contacts-api`: the whole service.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One TLS provider for all clients in the process. Only a second call fails.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    api::cli::run()
}
