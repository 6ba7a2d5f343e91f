//! The code that a target runs.

use std::panic::AssertUnwindSafe;

/// Code that runs with each input. It may have state that all runs share, such as a runtime.
#[derive(Debug)]
pub struct Target<F>(AssertUnwindSafe<F>);

impl<F: Fn(&[u8])> Target<F> {
    /// Creates a target.
    pub fn new(run: F) -> Self {
        Self(AssertUnwindSafe(run))
    }

    /// Runs the code with an input.
    pub fn run(&self, bytes: &[u8]) {
        (self.0.0)(bytes);
    }
}
