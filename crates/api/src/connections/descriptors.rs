//! Maximum number of connections, derived from the limit of file descriptors.

/// Descriptors of a connection: its socket, and a picture file that is sent over it.
const PER_CONNECTION: u64 = 2;
/// Descriptors of a connection to a SQLite database: the file, its log, and the index of the log.
const PER_DATABASE_CONNECTION: u64 = 3;
/// Descriptors of the process itself, Redis, mails, uploads, traces and metrics.
const PER_PROCESS: u64 = 96;
/// Connections that a worker may have accepted but not yet admitted or rejected.
pub(super) const UNSEEN_PER_WORKER: usize = 16;
/// Upper bound of connections. With more of them the memory for buffers is the tighter limit.
const MOST: u64 = 4096;
/// Lower bound of connections. With fewer the service is of no use.
const LEAST: u64 = 16;

/// Raises the limit of descriptors to the maximum of the system, and returns the number of connections that fit.
pub(super) fn room_for_connections(workers: usize, per_pool: u32) -> usize {
    let limit = raise_limit();
    let room = connections_below(limit, workers as u64, per_pool);
    tracing::info!(descriptors = limit, connections = room, "connection limit set");
    usize::try_from(room).unwrap_or(usize::MAX)
}

fn connections_below(limit: u64, workers: u64, per_pool: u32) -> u64 {
    // One pool for each worker, and one for the background workers.
    let databases = (workers + 1) * u64::from(per_pool) * PER_DATABASE_CONNECTION;
    let unseen = workers * UNSEEN_PER_WORKER as u64;
    let reserved = PER_PROCESS + databases + unseen;
    (limit.saturating_sub(reserved) / PER_CONNECTION).clamp(LEAST, MOST)
}

/// Raises the limit and returns it. Returns the current limit when it cannot be raised.
#[cfg(unix)]
fn raise_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if let Err(error) = raised {
        tracing::warn!(%error, "descriptor limit not raised");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// On other systems sockets do not count as files.
#[cfg(not(unix))]
fn raise_limit() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_limit_leaves_descriptors_for_databases_and_files() {
        // limit of descriptors, workers, connections
        for (limit, workers, connections) in
            [(1024, 2, 430), (1024, 8, 346), (20_000, 2, 4096), (u64::MAX, 64, 4096), (64, 2, 16)]
        {
            assert_eq!(connections_below(limit, workers, 4), connections, "{limit} {workers}");
        }
    }
}
