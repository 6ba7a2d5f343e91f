//! Who takes much memory works alone.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What several pictures at once may take each.
const LITTLE_BYTES: u64 = 32 * 1024 * 1024;

/// Lets any number of small pictures be worked on together, or one great one. Blocking.
#[derive(Default)]
pub(crate) struct Memory(RwLock<()>);

/// Held while the memory is.
#[expect(dead_code, reason = "held, not looked at")]
pub(super) enum Held<'memory> {
    Together(RwLockReadGuard<'memory, ()>),
    Alone(RwLockWriteGuard<'memory, ()>),
}

impl Memory {
    /// Waits until so many bytes may be taken.
    pub(super) fn hold(&self, bytes: u64) -> Held<'_> {
        // Nothing is kept under the lock that a panic could leave broken.
        if bytes <= LITTLE_BYTES {
            Held::Together(self.0.read().unwrap_or_else(PoisonError::into_inner))
        } else {
            Held::Alone(self.0.write().unwrap_or_else(PoisonError::into_inner))
        }
    }
}
