//! Binary `contacts-api`: the whole service.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(unix)]
    allocator::return_freed_memory();
    // One TLS provider for all clients in the process. Only a second call fails.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    api::cli::run()
}

#[cfg(unix)]
mod allocator {
    use std::{env, os::unix::process::CommandExt as _, process::Command};

    /// Milliseconds until the allocator returns freed memory to the system.
    const OPTION: &str = "MIMALLOC_PURGE_DELAY";

    /// Starts the service again in the same process, with an option that returns freed memory at once. By default the
    /// allocator retains it for a second. Then large pictures, one after the other, need twice their budget of memory.
    ///
    /// The allocator reads its options before `main`, so the option must be in the environment of a new program.
    #[expect(clippy::disallowed_methods, reason = "an option of the allocator, not a setting of the service")]
    pub(super) fn return_freed_memory() {
        let serves = env::args_os().nth(1).is_none_or(|command| command == "serve");
        let Ok(program) = env::current_exe() else { return };
        if serves && env::var_os(OPTION).is_none() {
            // Returns only when it fails. Then the service runs without the option.
            let _ = Command::new(program).args(env::args_os().skip(1)).env(OPTION, "0").exec();
        }
    }
}
