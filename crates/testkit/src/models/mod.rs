//! State machines: random steps through use cases, each compared with a simple model. They run over any store.
//!
//! A failing run is reduced to the fewest steps, and its seed is stored beside the tests.

pub mod change_feed;
mod followers;
pub mod refresh_tokens;

use std::{env, fmt::Debug};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, FileFailurePersistence, TestRunner},
};
use tokio::runtime::{Builder, Runtime};

/// Runs random lists of steps. `MODEL_CASES` replaces the number of cases, for longer runs.
fn run<S: Strategy>(cases: u32, source_file: &'static str, steps: &S, walk: impl Fn(&Runtime, S::Value))
where
    S::Value: Debug,
{
    let cases = env::var("MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let failure_persistence = Some(Box::new(FileFailurePersistence::default()) as _);
    // Each case over a database takes some hundred statements.
    let config = Config {
        cases,
        source_file: Some(source_file),
        failure_persistence,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = TestRunner::new(config).run(steps, |steps| {
        walk(&runtime, steps);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
