//! Arrival of bodies: their declared length, their time, and their memory, which slow clients do not block.

use std::time::Duration;

use actix_web::{HttpRequest, http::header::CONTENT_LENGTH, web};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use crate::{
    problem::{Code, Problem},
    settings::{Settings, Timeouts},
};

/// The interval over which the pace of a body is measured.
const WINDOW: Duration = Duration::from_secs(3);
/// The minimum number of bytes in a [`WINDOW`]: 64 KiB a second.
const MIN_BYTES: usize = 3 * 64 * 1024;
/// The maximum time that a body waits for memory. It is not read before.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Returns the `Content-Length` of the request, if present.
pub(super) fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The maximum time for the body of a request to arrive.
pub(super) fn body_timeout(request: &HttpRequest) -> Duration {
    let settings = request.app_data::<web::Data<Settings>>();
    settings.map_or(Timeouts::default().body, |settings| settings.timeouts.body)
}

/// Memory of this process for bodies of one kind, counted in KiB.
///
/// A body reserves its whole size before it is read. A body slower than [`MIN_BYTES`] in a [`WINDOW`] releases that
/// reservation. From then on it reserves only the bytes that have arrived, in a separate part for slow bodies.
pub(super) struct ArrivalMemory {
    reserved: Semaphore,
    slow: Semaphore,
}

/// The reservation of one body. Dropping it releases the memory.
pub(super) struct Arrival<'memory> {
    memory: &'memory ArrivalMemory,
    share: SemaphorePermit<'memory>,
    is_slow: bool,
    arrived: usize,
    window: Window,
}

impl ArrivalMemory {
    /// Creates memory of `reserved_mib` for bodies that keep the pace, and of `slow_mib` for slow ones.
    pub(super) const fn new(reserved_mib: usize, slow_mib: usize) -> Self {
        Self { reserved: Semaphore::const_new(reserved_mib * 1024), slow: Semaphore::const_new(slow_mib * 1024) }
    }

    /// Waits until a body of at most `bytes` can be reserved.
    ///
    /// # Errors
    /// `Busy` after [`MAX_WAIT`].
    pub(super) async fn admit(&self, bytes: usize) -> Result<Arrival<'_>, Problem> {
        let share = timeout(MAX_WAIT, self.reserved.acquire_many(in_kib(bytes))).await.ok().and_then(Result::ok);
        let share = share.ok_or_else(|| Problem::new(Code::Busy))?;
        Ok(Arrival { memory: self, share, is_slow: false, arrived: 0, window: Window::begin(Instant::now()) })
    }
}

impl Arrival<'_> {
    /// Waits for the next chunk of the body, and checks the pace meanwhile.
    ///
    /// # Errors
    /// `RequestTimeout` when the body is slow and the memory of slow bodies is used up.
    pub(super) async fn next<T>(&mut self, mut chunk: impl AsyncFnMut() -> T) -> Result<T, Problem> {
        loop {
            if self.is_slow {
                return Ok(chunk().await);
            }
            match tokio::time::timeout_at(self.window.end(), chunk()).await {
                Ok(chunk) => return Ok(chunk),
                Err(_) => self.check_pace(Instant::now())?,
            }
        }
    }

    /// Counts received bytes.
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

    /// Begins to measure the pace again, after a time in which the service did not read.
    pub(super) fn resume(&mut self) {
        self.window = Window::begin(Instant::now());
    }

    fn check_pace(&mut self, now: Instant) -> Result<(), Problem> {
        if self.window.is_fast_enough(now) {
            return Ok(());
        }
        let share = self.memory.slow.try_acquire_many(in_kib(self.arrived)).map_err(|_| too_slow())?;
        // This releases the reservation of the whole body.
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
    Problem::new(Code::RequestTimeout).with_detail("The body arrives too slowly; send at least 64 KiB a second.")
}

/// Converts bytes to KiB, rounded up.
fn in_kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

/// The bytes received in the current window.
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

    /// Returns false when the window is over and was too slow. Begins a new window when the current one is over.
    fn is_fast_enough(&mut self, now: Instant) -> bool {
        if now < self.end() {
            return true;
        }
        // The check may run later than the end of the window, so the pace is computed over the elapsed time.
        let (bytes, millis) = (self.bytes as u128, now.duration_since(self.started).as_millis());
        let is_fast = bytes * WINDOW.as_millis() >= MIN_BYTES as u128 * millis;
        *self = Self::begin(now);
        is_fast
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pace_is_measured_in_each_window() {
        let began = Instant::now();
        let mut window = Window::begin(began);
        assert!(window.is_fast_enough(began + 2 * SECOND), "no pace is required before the window ends");
        window.add(192 * 1024);
        assert!(window.is_fast_enough(began + 3 * SECOND));
        window.add(192 * 1024 - 1);
        assert!(!window.is_fast_enough(began + 6 * SECOND), "bytes of earlier windows do not count");
        window.add(5 * 64 * 1024 - 1);
        assert!(!window.is_fast_enough(began + 11 * SECOND), "five seconds");
        window.add(5 * 64 * 1024);
        assert!(window.is_fast_enough(began + 16 * SECOND));
    }

    #[tokio::test]
    async fn slow_body_releases_its_reservation_and_reserves_received_bytes() {
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
    async fn slow_bodies_are_rejected_when_their_memory_is_exhausted() {
        let memory = ArrivalMemory::new(3, 1);
        let (mut first, mut second) = (memory.admit(1 << 20).await.unwrap(), memory.admit(2 << 20).await.unwrap());
        for slow in [&mut first, &mut second] {
            slow.add(400 << 10).unwrap();
            // Both bodies are too slow for the elapsed windows.
            slow.check_pace(Instant::now() + 3 * WINDOW).unwrap();
        }
        assert_eq!(memory.reserved.available_permits(), 3 << 10);
        assert_eq!(first.add(300 << 10).unwrap_err().code(), Code::RequestTimeout);
        drop(first);
        second.add(300 << 10).unwrap();
    }

    #[tokio::test]
    async fn fast_body_retains_its_reservation() {
        let memory = ArrivalMemory::new(1, 1);
        let mut fast = memory.admit(1 << 20).await.unwrap();
        fast.add(1 << 20).unwrap();
        fast.check_pace(Instant::now() + WINDOW).unwrap();
        assert_eq!((memory.reserved.available_permits(), memory.slow.available_permits()), (0, 1024));
    }
}
