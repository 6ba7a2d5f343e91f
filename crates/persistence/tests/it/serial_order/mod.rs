//! Every pair of writing operations at once. The answers and all rows are those of one of the two serial orders.
//!
//! [`on_contact`] and [`on_user`] have the operations, [`scene`] the state before them. The model is the same store: a pair
//! runs one after the other in both orders, and then several times at once. Each time is a trial of its own, which begins
//! with the same state. [`names`] makes the trials comparable. [`rows`] reads whole tables, so that no column is left out.
//! [`pair`] compares the trials. [`negative_control`] has pairs that it must report.
//!
//! The second operation begins at another moment of the first one each time. Each pair overlaps at least once.

mod names;
mod negative_control;
mod on_contact;
mod on_user;
mod operation;
mod pair;
mod rows;
mod scene;
mod slow_passwords;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{Policy, Ports, use_cases::background::remove_orphaned_pictures};
use persistence::SqlStore;
use testkit::TestEnvironment;
use tokio::sync::Barrier;

use self::{
    names::{Maker, Names},
    on_contact::ON_CONTACT,
    on_user::{LOCKING_EMAIL, ON_USER},
    operation::Operation,
    pair::{Outcome, Pair, report},
    scene::{CONTACT_LIMIT, Parts, Scene, ports_of},
    slow_passwords::SlowPasswords,
};
use crate::databases::TestDatabase;

on_both!(two_writers_of_one_contact_have_a_serial_order, two_writers_of_one_user_have_a_serial_order);

/// Number of times that a pair runs at once, unless PAIR_REPEATS has another one: each operation begins first once.
const REPEATS: u32 = 2;
/// Minimum share of these trials in which the second operation begins before the first one has ended.
const OVERLAPPING: f64 = 0.3;
/// Maximum number of further trials of a pair that has not overlapped. Both operations begin at the same moment. A short
/// one may still end before the thread of the other one runs.
const FURTHER_TRIALS: u32 = 100;
/// A timer of Tokio fires up to a millisecond late, and then its task waits for a thread.
const TIMER_RESOLUTION: Duration = Duration::from_millis(2);

async fn two_writers_of_one_contact_have_a_serial_order(database: Arc<TestDatabase>) {
    check_all_pairs(&database, ON_CONTACT, Parts::Contacts).await;
}

async fn two_writers_of_one_user_have_a_serial_order(database: Arc<TestDatabase>) {
    let is_operation = |name: &&str| ON_USER.iter().any(|operation| operation.name == *name);
    assert!(LOCKING_EMAIL.iter().all(is_operation), "{LOCKING_EMAIL:?} are not all operations");
    check_all_pairs(&database, ON_USER, Parts::All).await;
}

async fn check_all_pairs(database: &TestDatabase, operations: &[Operation], parts: Parts) {
    let mut trials = Trials::new(database, parts).await;
    let mut pairs = Vec::new();
    for (index, first) in operations.iter().enumerate() {
        for second in &operations[index..] {
            pairs.push(trials.run_pair([*first, *second]).await);
        }
    }
    let share = f64::from(trials.overlapping) / f64::from(trials.at_once);
    assert!(share >= OVERLAPPING, "only {share:.2} of the trials at once overlapped");
    let apart: Vec<_> = pairs.iter().filter(|pair| !pair.has_overlapped).map(|pair| pair.operations).collect();
    assert!(apart.is_empty(), "these pairs never overlapped: {apart:?}");
    let outcomes = trials.outcomes(database).await;
    let report = report(&pairs, &outcomes);
    assert!(report.is_empty(), "{report}");
}

struct Trials {
    env: Arc<TestEnvironment>,
    /// Each operation of a pair has a pool of its own, like two replicas.
    stores: [SqlStore; 2],
    names: Names,
    answers: HashMap<u32, [String; 2]>,
    parts: Parts,
    number: u32,
    repeats: u32,
    at_once: u32,
    /// Number of trials at once in which the second operation began before the first one had ended, without further trials.
    overlapping: u32,
}

impl Trials {
    async fn new(database: &TestDatabase, parts: Parts) -> Self {
        let shared = database.database();
        shared.migrate().await.unwrap();
        let stores = [shared.open().await.unwrap(), shared.open().await.unwrap()];
        let mut env = TestEnvironment::over(Arc::new(stores[0].clone()));
        env.ports.passwords = Arc::new(SlowPasswords(Arc::clone(&env.ports.passwords)));
        env.ports.policy = Policy { contact_limit: CONTACT_LIMIT, ..env.ports.policy };
        Self {
            env: Arc::new(env),
            stores,
            names: Names::default(),
            answers: HashMap::new(),
            parts,
            number: 0,
            repeats: repeats(),
            at_once: 0,
            overlapping: 0,
        }
    }

    async fn run_pair(&mut self, operations: [Operation; 2]) -> Pair {
        let (first, duration_of_first) = self.run_serially(operations, [0, 1]).await;
        let (second, duration_of_second) = self.run_serially(operations, [1, 0]).await;
        let (mut concurrent, mut has_overlapped) = (Vec::new(), false);
        for repeat in 0..self.repeats {
            let (order, duration) =
                if repeat % 2 == 0 { ([0, 1], duration_of_first) } else { ([1, 0], duration_of_second) };
            // Multiples of the golden ratio: the moments of all trials are spread evenly.
            let moment = duration.mul_f64((f64::from(self.number) * 0.618_034).fract());
            let (trial, overlapped) = self.run_at_once(operations, order, moment).await;
            concurrent.push(trial);
            self.at_once += 1;
            self.overlapping += u32::from(overlapped);
            has_overlapped |= overlapped;
        }
        for _ in 0..FURTHER_TRIALS {
            if has_overlapped {
                break;
            }
            let (trial, overlapped) = self.run_at_once(operations, [0, 1], Duration::ZERO).await;
            concurrent.push(trial);
            has_overlapped = overlapped;
        }
        Pair { operations, serial: [first, second], concurrent, has_overlapped }
    }

    /// Begins a trial. Returns its state, and the ports of both operations.
    async fn begin(&mut self) -> (Arc<Scene>, [Ports; 2]) {
        self.number += 1;
        let source = |maker| self.names.source(self.number, maker);
        let scene = Scene::new(&self.env, &source(Maker::Setup), self.number, self.parts).await;
        let ports = |store, maker| ports_of(&self.env, store, source(maker));
        (Arc::new(scene), [ports(&self.stores[0], Maker::First), ports(&self.stores[1], Maker::Second)])
    }

    fn end(&mut self, answers: [String; 2]) -> u32 {
        let answers = answers.map(|answer| self.names.read(&answer).text);
        self.answers.insert(self.number, answers);
        self.number
    }

    /// Runs two operations one after the other. Returns the trial and the duration of the first one.
    async fn run_serially(&mut self, operations: [Operation; 2], order: [usize; 2]) -> (u32, Duration) {
        let (scene, ports) = self.begin().await;
        let (mut answers, mut durations) = ([String::new(), String::new()], Vec::new());
        for index in order {
            let begun = Instant::now();
            answers[index] = (operations[index].run)(&scene, &ports[index]).await;
            durations.push(begun.elapsed());
        }
        (self.end(answers), durations[0])
    }

    /// Runs two operations at once. The second one of the order begins after the pause. Returns the trial, and true when
    /// they overlapped.
    async fn run_at_once(&mut self, operations: [Operation; 2], order: [usize; 2], pause: Duration) -> (u32, bool) {
        let (scene, ports) = self.begin().await;
        let barrier = Arc::new(Barrier::new(2));
        let mut tasks = Vec::new();
        for (operation, (ports, index)) in operations.into_iter().zip(ports.into_iter().zip(0..)) {
            let (scene, barrier) = (Arc::clone(&scene), Arc::clone(&barrier));
            let pause = if order[0] == index { Duration::ZERO } else { pause };
            tasks.push(tokio::spawn(async move {
                barrier.wait().await;
                wait_exactly(pause).await;
                let begun = Instant::now();
                let answer = (operation.run)(&scene, &ports).await;
                (answer, begun, Instant::now())
            }));
        }
        let (mut answers, mut times) = ([String::new(), String::new()], Vec::new());
        for (answer, task) in answers.iter_mut().zip(tasks) {
            let (own, begun, ended) = task.await.unwrap();
            *answer = own;
            times.push(begun..ended);
        }
        let overlapped = times[0].start < times[1].end && times[1].start < times[0].end;
        (self.end(answers), overlapped)
    }

    /// Removes the pictures that are no longer referenced, and reads the rows and pictures of all trials.
    async fn outcomes(self, database: &TestDatabase) -> HashMap<u32, Outcome> {
        while remove_orphaned_pictures(&self.env.ports).await.unwrap().handled > 0 {}
        let mut rows = rows::rows_by_trial(&database.raw().await, &self.names).await;
        for key in self.env.pictures.stored() {
            let picture = self.names.read(&format!("a stored picture: {key}"));
            rows.entry(picture.trial.unwrap()).or_default().push(picture.text);
        }
        let outcome = |(trial, answers)| {
            let mut rows = rows.remove(&trial).unwrap_or_default();
            // An event that is recorded during the deletion of its account is erased later.
            if !rows.iter().any(|row| is_account(row)) {
                rows.retain(|row| !row.starts_with("audit_events: "));
            }
            rows.sort();
            (trial, Outcome { answers, rows })
        };
        self.answers.into_iter().map(outcome).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the service")]
fn repeats() -> u32 {
    std::env::var("PAIR_REPEATS").map_or(REPEATS, |repeats| repeats.parse().unwrap())
}

/// Waits for a time that may be shorter than the resolution of the timer.
async fn wait_exactly(time: Duration) {
    let begun = Instant::now();
    tokio::time::sleep(time.saturating_sub(TIMER_RESOLUTION)).await;
    while begun.elapsed() < time {
        tokio::task::yield_now().await;
    }
}

/// True for the row of the account of a trial, which has a number in its name, unlike a new account. SQLite shows an id in
/// quotes.
fn is_account(row: &str) -> bool {
    let id = row.strip_prefix("users: ").and_then(|row| row.split_once(" id="));
    let name = id.and_then(|(_, id)| id.trim_start_matches(['X', '\'']).strip_prefix('<'));
    name.is_some_and(|name| name.starts_with(|digit: char| digit.is_ascii_digit()))
}
