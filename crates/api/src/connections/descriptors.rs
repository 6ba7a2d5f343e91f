//! How many connections the process may hold, by the descriptors that it may open.

use crate::wiring::CONNECTIONS_PER_WORKER;

/// Descriptors of a connection: its socket, and the picture that it may be sent.
const PER_CONNECTION: u64 = 2;
/// Descriptors of a connection to a SQLite database: the file, its log, and the index of the log.
const PER_DATABASE_CONNECTION: u64 = 3;
/// Descriptors of the process itself, of Redis, mails, pictures that arrive, traces and metrics.
const PER_PROCESS: u64 = 96;
/// Connections that a worker may have accepted without having looked at them.
pub(super) const UNSEEN_PER_WORKER: usize = 16;
/// With more connections, the memory of their buffers is what runs out.
const MOST: u64 = 4096;
/// A service that can hold fewer than these is of no use.
const LEAST: u64 = 16;

/// Raises the limit of descriptors as far as the system allows, and returns how many connections fit below it.
pub(super) fn room_for_connections(workers: usize) -> usize {
    let limit = raise_limit();
    let room = connections_below(limit, workers as u64);
    tracing::info!(descriptors = limit, connections = room, "limit of connections");
    usize::try_from(room).unwrap_or(usize::MAX)
}

fn connections_below(limit: u64, workers: u64) -> u64 {
    // One pool for each worker and one for what runs in the background.
    let databases = (workers + 1) * u64::from(CONNECTIONS_PER_WORKER) * PER_DATABASE_CONNECTION;
    let unseen = workers * UNSEEN_PER_WORKER as u64;
    let reserved = PER_PROCESS + databases + unseen;
    (limit.saturating_sub(reserved) / PER_CONNECTION).clamp(LEAST, MOST)
}

/// The limit after it was raised. Where it cannot be raised it stays as it is.
#[cfg(unix)]
fn raise_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if let Err(error) = raised {
        tracing::warn!(%error, "limit of descriptors not raised");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Elsewhere than on Unix sockets are not counted as files.
#[cfg(not(unix))]
fn raise_limit() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_and_files_have_room_beside_the_connections() {
        // limit of descriptors, workers, connections
        for (limit, workers, connections) in
            [(1024, 2, 430), (1024, 8, 346), (20_000, 2, 4096), (u64::MAX, 64, 4096), (64, 2, 16)]
        {
            assert_eq!(connections_below(limit, workers), connections, "{limit} {workers}");
        }
    }
}
