//! Memory for bodies that are still arriving: bounded in all, and not for those that send slowly to hold.

use std::time::Duration;

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use crate::problem::{Code, Problem};

/// The time over which the pace of a body is measured.
const WINDOW: Duration = Duration::from_secs(3);
/// The least number of bytes in that time: 64 KiB a second.
const LEAST_BYTES: usize = 3 * 64 * 1024;
/// How long a body waits for memory, unread.
const PATIENCE: Duration = Duration::from_secs(10);

/// Memory of this process for bodies of one kind, counted in KiB.
///
/// A body reserves its whole size before it is read. One that is slower than [`LEAST_BYTES`] in a [`WINDOW`] gives that
/// back: from then on it counts with what has arrived, in a part that only slow bodies share.
pub(super) struct ArrivalMemory {
    reserved: Semaphore,
    slow: Semaphore,
}

/// The share of one body, until it is dropped.
pub(super) struct Arrival<'memory> {
    memory: &'memory ArrivalMemory,
    share: SemaphorePermit<'memory>,
    is_slow: bool,
    arrived: usize,
    window: Window,
}

impl ArrivalMemory {
    /// So many MiB for bodies that keep the pace, and for slow ones.
    pub(super) const fn new(reserved_mib: usize, slow_mib: usize) -> Self {
        Self { reserved: Semaphore::const_new(reserved_mib * 1024), slow: Semaphore::const_new(slow_mib * 1024) }
    }

    /// Waits until a body of at most so many bytes has room.
    ///
    /// # Errors
    /// `Busy` after too long a wait.
    pub(super) async fn admit(&self, bytes: usize) -> Result<Arrival<'_>, Problem> {
        let share = timeout(PATIENCE, self.reserved.acquire_many(in_kib(bytes))).await.ok().and_then(Result::ok);
        let share = share.ok_or_else(|| Problem::new(Code::Busy))?;
        Ok(Arrival { memory: self, share, is_slow: false, arrived: 0, window: Window::begin(Instant::now()) })
    }
}

impl Arrival<'_> {
    /// Waits for the next piece of the body, and checks its pace while it waits.
    ///
    /// # Errors
    /// `RequestTimeout` when it is slow and the memory of slow bodies is used up.
    pub(super) async fn next<T>(&mut self, mut piece: impl AsyncFnMut() -> T) -> Result<T, Problem> {
        loop {
            if self.is_slow {
                return Ok(piece().await);
            }
            match tokio::time::timeout_at(self.window.end(), piece()).await {
                Ok(piece) => return Ok(piece),
                Err(_) => self.check_pace(Instant::now())?,
            }
        }
    }

    /// Counts bytes that have arrived.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Problem> {
        self.arrived += bytes;
        self.window.add(bytes);
        if self.is_slow {
            return self.grow_slow_share();
        }
        self.check_pace(Instant::now())
    }

    fn check_pace(&mut self, now: Instant) -> Result<(), Problem> {
        if self.window.keeps_pace(now) {
            return Ok(());
        }
        let share = self.memory.slow.try_acquire_many(in_kib(self.arrived)).map_err(|_| too_slow())?;
        // The reservation is free for others now.
        self.share = share;
        self.is_slow = true;
        Ok(())
    }

    fn grow_slow_share(&mut self) -> Result<(), Problem> {
        let held = u32::try_from(self.share.num_permits()).unwrap_or(u32::MAX);
        let more = in_kib(self.arrived).saturating_sub(held);
        let share = self.memory.slow.try_acquire_many(more).map_err(|_| too_slow())?;
        self.share.merge(share);
        Ok(())
    }
}

fn too_slow() -> Problem {
    Problem::new(Code::RequestTimeout).with_detail("The body arrives too slowly: send 64 KiB a second at least.")
}

/// Rounded up.
fn in_kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

/// The pace of a body, window by window.
struct Window {
    started: Instant,
    bytes: usize,
}

impl Window {
    fn begin(now: Instant) -> Self {
        Self { started: now, bytes: 0 }
    }

    fn end(&self) -> Instant {
        self.started + WINDOW
    }

    fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Ends the window once its time is over. A window that was as fast as it must be is followed by another one.
    fn keeps_pace(&mut self, now: Instant) -> bool {
        if now < self.end() {
            return true;
        }
        // It may be noticed late that the window is over, so the bytes count over the whole time.
        let (bytes, millis) = (self.bytes as u128, now.duration_since(self.started).as_millis());
        let is_fast = bytes * WINDOW.as_millis() >= LEAST_BYTES as u128 * millis;
        *self = Self::begin(now);
        is_fast
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_pace_is_measured_from_window_to_window() {
        let began = Instant::now();
        let mut window = Window::begin(began);
        assert!(window.keeps_pace(began + 2 * SECOND), "nothing is asked of the first seconds");
        window.add(192 * 1024);
        assert!(window.keeps_pace(began + 3 * SECOND));
        window.add(192 * 1024 - 1);
        assert!(!window.keeps_pace(began + 6 * SECOND), "what came earlier does not count again");
        window.add(5 * 64 * 1024 - 1);
        assert!(!window.keeps_pace(began + 11 * SECOND), "five seconds");
        window.add(5 * 64 * 1024);
        assert!(window.keeps_pace(began + 16 * SECOND));
    }

    #[tokio::test]
    async fn a_slow_body_gives_its_reservation_back_and_counts_with_what_has_arrived() {
        let memory = ArrivalMemory::new(1, 1);
        let mut slow = memory.admit(1 << 20).await.unwrap();
        slow.add(5000).unwrap();
        assert_eq!((memory.reserved.available_permits(), memory.slow.available_permits()), (0, 1024));
        slow.check_pace(Instant::now() + WINDOW).unwrap();
        assert_eq!((memory.reserved.available_permits(), memory.slow.available_permits()), (1024, 1019));
        slow.add(5000).unwrap();
        assert_eq!(memory.slow.available_permits(), 1014);
        drop(slow);
        assert_eq!(memory.slow.available_permits(), 1024);
    }

    #[tokio::test]
    async fn slow_bodies_end_where_their_memory_ends() {
        let memory = ArrivalMemory::new(3, 1);
        let (mut first, mut second) = (memory.admit(1 << 20).await.unwrap(), memory.admit(2 << 20).await.unwrap());
        for slow in [&mut first, &mut second] {
            slow.add(400 << 10).unwrap();
            // Six seconds for what should have come in them.
            slow.check_pace(Instant::now() + 3 * WINDOW).unwrap();
        }
        assert_eq!(memory.reserved.available_permits(), 3 << 10);
        assert_eq!(first.add(300 << 10).unwrap_err().code(), Code::RequestTimeout);
        drop(first);
        second.add(300 << 10).unwrap();
    }

    #[tokio::test]
    async fn a_fast_body_keeps_its_reservation() {
        let memory = ArrivalMemory::new(1, 1);
        let mut fast = memory.admit(1 << 20).await.unwrap();
        fast.add(1 << 20).unwrap();
        fast.check_pace(Instant::now() + WINDOW).unwrap();
        assert_eq!((memory.reserved.available_permits(), memory.slow.available_permits()), (0, 1024));
    }
}
