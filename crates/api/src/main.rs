//! Binary `contacts-api`: the whole service.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(unix)]
    allocator::return_large_blocks();
    // One TLS provider for all clients in the process. Only a second call fails.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    api::cli::run()
}

#[cfg(unix)]
mod allocator {
    use std::{env, os::unix::process::CommandExt as _, process::Command};

    /// Largest block, in KiB, that the allocator takes from its own memory. It takes larger ones from the system, and
    /// returns them when they are freed.
    const OPTION: (&str, &str) = ("MIMALLOC_ARENA_MAX_OBJECT_SIZE", "1024");

    /// Starts the service again in the same process, with an option that returns large blocks at once. By default the
    /// allocator retains them for a second. Then large pictures, one after the other, need twice their budget of memory.
    ///
    /// The allocator reads its options before `main`, so the option must be in the environment of a new program.
    #[expect(clippy::disallowed_methods, reason = "an option of the allocator, not a setting of the service")]
    pub(super) fn return_large_blocks() {
        let serves = env::args_os().nth(1).is_none_or(|command| command == "serve");
        let (name, value) = OPTION;
        let Ok(program) = env::current_exe() else { return };
        if serves && env::var_os(name).is_none() {
            // Returns only when it fails. Then the service runs without the option.
            let _ = Command::new(program).args(env::args_os().skip(1)).env(name, value).exec();
        }
    }
}
