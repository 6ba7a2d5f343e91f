//! Test support: fuzz targets for the parsers of untrusted bytes.
//!
//! Only tests of the other crates depend on this crate; released code never does. Each target is a test of the crate whose
//! code it runs, in `fuzzing.rs`. Its corpus is the folder `tests/corpus/TARGET` of that crate.
//!
//! `cargo test` runs a target over its corpus, and over a bounded number of changed samples. `scripts/fuzz` runs it under
//! libFuzzer, which finds inputs by the coverage of the code.
//!
//! Invariant: depends on no other crate of the workspace.

#![allow(clippy::panic, clippy::missing_panics_doc, reason = "tests fail by panicking")]

mod changed;
mod corpus;
mod target;

#[doc(hidden)]
pub use bolero;

pub use self::{
    changed::{Changed, changed},
    corpus::Corpus,
    target::Target,
};

/// Returns true in a build of a fuzzer, which makes the inputs.
#[must_use]
pub const fn is_fuzzing() -> bool {
    cfg!(fuzzing)
}

/// Runs a fuzz target: `fuzz::check!("name", 1000, |bytes: &[u8]| ..)`.
///
/// The name is that of the test function, and of the folder of the corpus. The number is that of the changed samples in
/// `cargo test`. The target fails by panicking.
#[macro_export]
macro_rules! check {
    ($name:literal, $changed_samples:expr, $target:expr) => {{
        let target = $crate::Target::new($target);
        // This macro must be in the function of the test: a fuzzer finds the target by its path.
        let check = $crate::bolero::check!();
        if $crate::is_fuzzing() {
            check.for_each(|bytes: &[u8]| target.run(bytes));
        } else {
            let corpus = $crate::Corpus::read(env!("CARGO_MANIFEST_DIR"), $name);
            corpus.for_each(&target);
            check
                .with_generator($crate::changed(corpus.samples()))
                .with_iterations($changed_samples)
                .for_each(|sample: &$crate::Changed| target.run(sample.bytes()));
        }
    }};
}
