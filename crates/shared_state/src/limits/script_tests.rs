//! The scripts of Redis against the algorithm of `domain`, with a clock of the test.

use std::{num::NonZeroU32, time::Duration};

use domain::limit::{Decision, Quota, gcra};
use proptest::{prelude::*, sample::subsequence};
use redis::{Script, aio::MultiplexedConnection};
use testkit::redis::{separate_secret, shared_url};

use crate::limit_scripts::{GCRA, REVERSE};

/// Number of keys of a walk.
const KEYS: usize = 3;
/// Time at the beginning of a walk, in microseconds.
const BEGIN: i64 = 1_800_000_000_000_000;

/// Returns a script with the time in its last two arguments. Its keys expire much later than those of the service,
/// because they expire by the clock of Redis.
fn script(source: &str) -> Script {
    let clocked =
        source.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}").replace("/ 1000)", "* 1000000)");
    assert!(clocked.contains("#ARGV") && clocked.contains("* 1000000)"), "{clocked}");
    Script::new(&clocked)
}

struct Counters {
    connection: MultiplexedConnection,
    prefix: String,
    quotas: Vec<Quota>,
    /// Numbers that the algorithm of `domain` stores.
    model: Vec<Option<i64>>,
    now: i64,
}

impl Counters {
    async fn run<T: redis::FromRedisValue>(&mut self, script: &Script, keys: &[usize]) -> T {
        let mut run = script.prepare_invoke();
        for key in keys {
            let quota = self.quotas[*key];
            run.key(format!("{}:{key}", self.prefix)).arg(quota.interval_micros()).arg(quota.limit());
        }
        run.arg(self.now / 1_000_000).arg(self.now % 1_000_000);
        run.invoke_async(&mut self.connection).await.unwrap()
    }

    async fn request(&mut self, keys: &[usize]) -> Result<(), TestCaseError> {
        let decided: Vec<(Decision, i64)> =
            keys.iter().map(|key| gcra::decide(self.quotas[*key], self.now, self.model[*key])).collect();
        if decided.iter().all(|(decision, _)| decision.allowed) {
            keys.iter().zip(&decided).for_each(|(key, (_, next))| self.model[*key] = Some(*next));
        } else {
            for key in keys {
                let corrected = gcra::corrected(self.quotas[*key], self.now, self.model[*key]);
                self.model[*key] = corrected.or(self.model[*key]);
            }
        }
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap();
        let expected: Vec<i64> = decided
            .iter()
            .flat_map(|(one, _)| {
                [i64::from(one.allowed), i64::from(one.remaining), micros(one.retry_after), micros(one.reset_after)]
            })
            .collect();
        let answer: Vec<i64> = self.run(&script(GCRA), keys).await;
        prop_assert_eq!(answer, expected, "{:?} at {}", keys, self.now - BEGIN);
        Ok(())
    }

    async fn reverse(&mut self, keys: &[usize]) {
        for key in keys {
            self.model[*key] = gcra::reverse(self.quotas[*key], self.now, self.model[*key]);
        }
        let _: i64 = self.run(&script(REVERSE), keys).await;
    }
}

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    SetBack(i64),
    ChangeQuota(usize, Quota),
    Request(Vec<usize>),
    Reverse(Vec<usize>),
}

/// Some keys, each once and in any order.
fn keys() -> impl Strategy<Value = Vec<usize>> {
    subsequence((0..KEYS).collect::<Vec<_>>(), 1..=KEYS).prop_shuffle()
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop_oneof![0i64..2_000, 0i64..10_000_000, 0i64..20_000_000_000].prop_map(Step::Wait),
        1 => prop_oneof![0i64..10_000_000, 0i64..86_400_000_000].prop_map(Step::SetBack),
        1 => (0..KEYS, quota()).prop_map(|(key, quota)| Step::ChangeQuota(key, quota)),
        8 => keys().prop_map(Step::Request),
        1 => keys().prop_map(Step::Reverse),
    ]
}

fn quota() -> impl Strategy<Value = Quota> {
    let limit = prop_oneof![1u32..12, 1u32..=1_000_000];
    (limit, 100_000u64..100_000_000_000)
        .prop_map(|(limit, micros)| Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_micros(micros)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn scripts_decide_as_the_algorithm_of_domain(
        quotas in prop::collection::vec(quota(), KEYS), steps in prop::collection::vec(step(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = redis::Client::open(shared_url()).unwrap();
            let connection = client.get_multiplexed_async_connection().await.unwrap();
            let mut counters =
                Counters { connection, prefix: separate_secret(), quotas, model: vec![None; KEYS], now: BEGIN };
            for step in steps {
                match step {
                    Step::Wait(micros) => counters.now += micros,
                    Step::SetBack(micros) => counters.now -= micros,
                    Step::ChangeQuota(key, quota) => counters.quotas[key] = quota,
                    Step::Request(keys) => counters.request(&keys).await?,
                    Step::Reverse(keys) => counters.reverse(&keys).await,
                }
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}
