//! Binary `contacts-api`: the whole service.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(unix)]
    allocator::return_memory_early();
    // One TLS provider for all clients in the process. Only a second call fails.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    api::cli::run()
}

#[cfg(unix)]
mod allocator {
    use std::{env, os::unix::process::CommandExt as _, process::Command};

    /// Options with which the allocator returns freed memory to the system early:
    ///
    /// - It takes blocks of more than 1,024 KiB from the system, and returns them when they are freed. By default it retains
    ///   them for a second. Then large pictures, one after the other, need twice their budget of memory.
    /// - It retains smaller ones for 10 ms, by default for a second. An idle process does not return what it still retains,
    ///   so the memory of the start would remain.
    const OPTIONS: [(&str, &str); 2] = [("MIMALLOC_ARENA_MAX_OBJECT_SIZE", "1024"), ("MIMALLOC_PURGE_DELAY", "10")];

    /// Starts the service again in the same process with [`OPTIONS`]. An option that the environment already sets has priority.
    ///
    /// The allocator reads its options before `main`, so they must be in the environment of a new program.
    #[expect(clippy::disallowed_methods, reason = "options of the allocator, not settings of the service")]
    pub(super) fn return_memory_early() {
        let serves = env::args_os().nth(1).is_none_or(|command| command == "serve");
        let missing = OPTIONS.iter().filter(|(name, _)| env::var_os(name).is_none());
        let missing: Vec<(&str, &str)> = missing.copied().collect();
        let Ok(program) = env::current_exe() else { return };
        if serves && !missing.is_empty() {
            // Returns only when it fails. Then the service runs without the options.
            let _ = Command::new(program).args(env::args_os().skip(1)).envs(missing).exec();
        }
    }
}
