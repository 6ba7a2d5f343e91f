//! State machines: random steps through use cases, each compared with a simple model. They run over any store.
//!
//! A failing run is reduced to the fewest steps, and its seed is stored beside the tests.

pub mod change_feed;
mod followers;
pub mod refresh_tokens;

use std::{env, fmt::Debug, sync::Arc};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

use crate::TestEnvironment;

/// Surroundings of a run.
pub struct Run<'a> {
    /// Number of lists of steps. `MODEL_CASES` replaces it, for longer runs.
    pub cases: u32,
    /// The file of the test: `file!()`. The seeds of failed runs are stored beside it.
    pub source_file: &'static str,
    /// Runtime that the store of the environment uses.
    pub runtime: &'a Runtime,
    /// Returns the environment of a list of steps. A store in memory is new for each, since it is copied for each unit.
    pub env: &'a dyn Fn() -> Arc<TestEnvironment>,
}

impl Run<'_> {
    /// Runs random lists of steps.
    #[expect(clippy::disallowed_methods, reason = "the number of cases comes from the environment of the test run")]
    fn over<S: Strategy>(&self, steps: &S, walk: &impl AsyncFn(&TestEnvironment, S::Value))
    where
        S::Value: Debug,
    {
        let cases = env::var("MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(self.cases);
        let config =
            Config { cases, source_file: Some(self.source_file), max_shrink_iters: 1_000, ..Config::default() };
        let outcome = TestRunner::new(config).run(steps, |steps| {
            self.runtime.block_on(walk(&(self.env)(), steps));
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
    }
}
