//! Fuzz target of the reader: see `crates/fuzz`.

use crate::invariants::run_all;

/// A file of any bytes, read whole and in pieces whose size is the last byte.
#[test]
fn reader() {
    fuzz::check!("reader", 5_000, |file: &[u8]| {
        run_all(file, usize::from(file.last().copied().unwrap_or_default()) + 1);
    });
}
