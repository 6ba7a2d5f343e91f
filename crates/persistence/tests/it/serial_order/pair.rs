//! The trials of a pair of operations, compared with both serial orders.

use std::{collections::HashMap, fmt::Write as _};

use super::{on_user::LOCKING_EMAIL, operation::Operation, rows::remove_email_lock};

/// Answers of both operations, and the rows of the account afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) answers: [String; 2],
    pub(super) rows: Vec<String>,
}

impl Outcome {
    /// Lines that differ from a serial outcome: missing ones with a minus, additional ones with a plus.
    fn difference(&self, serial: &Self) -> Vec<String> {
        let lines = |outcome: &Self| -> Vec<String> { outcome.answers.iter().chain(&outcome.rows).cloned().collect() };
        let (own, serial) = (lines(self), lines(serial));
        let missing = serial.iter().filter(|line| !own.contains(line)).map(|line| format!("- {line}"));
        let additional = own.iter().filter(|line| !serial.contains(line)).map(|line| format!("+ {line}"));
        missing.chain(additional).collect()
    }
}

/// Trials of one pair.
pub(super) struct Pair {
    pub(super) operations: [Operation; 2],
    pub(super) serial: [u32; 2],
    pub(super) concurrent: Vec<u32>,
    /// True when the operations overlapped in a trial.
    pub(super) has_overlapped: bool,
}

impl Pair {
    /// Differences from both orders of the first trial at once that equals neither. `None` when each equals one.
    fn differences(&self, outcomes: &HashMap<u32, Outcome>) -> Option<[Vec<String>; 2]> {
        let outcome = |trial: u32| self.compared(&outcomes[&trial]);
        let serial = self.serial.map(outcome);
        let other = self.concurrent.iter().copied().map(outcome).find(|outcome| !serial.contains(outcome))?;
        Some(serial.map(|serial| other.difference(&serial)))
    }

    /// Returns the part of an outcome that is compared: all but the lock of the e-mail in a pair with one of
    /// [`LOCKING_EMAIL`].
    fn compared(&self, outcome: &Outcome) -> Outcome {
        let mut outcome = outcome.clone();
        if self.operations.iter().any(|operation| LOCKING_EMAIL.contains(&operation.name)) {
            outcome.rows.iter_mut().for_each(remove_email_lock);
        }
        outcome
    }
}

/// Returns the pairs with an outcome at once that neither order has, with the differences. Empty when there is none.
pub(super) fn report(pairs: &[Pair], outcomes: &HashMap<u32, Outcome>) -> String {
    let mut report = String::new();
    for pair in pairs {
        if let Some(differences) = pair.differences(outcomes) {
            writeln!(report, "{:?} at once differ from both orders: {differences:#?}", pair.operations).unwrap();
        }
    }
    report
}
