//! An address book in the store, its model, and the clients that follow it.

use domain::{
    Ports,
    contact::{ValidCard, changes::SyncToken},
    ids::UserId,
};

use super::model::Model;
use crate::{
    TestEnvironment,
    models::followers::{CardFollower, RestFollower},
    samples,
};

/// Number of clients of each kind.
pub(super) const CLIENTS: usize = 3;

/// State of a walk through random steps.
pub(super) struct Walk<'a> {
    pub(super) env: &'a TestEnvironment,
    pub(super) owner: UserId,
    pub(super) model: Model,
    /// Token of the changes that the model knows.
    pub(super) token: Option<SyncToken>,
    pub(super) rest: [RestFollower; CLIENTS],
    pub(super) cards: [CardFollower; CLIENTS],
}

impl<'a> Walk<'a> {
    /// Creates the state before the first step.
    pub(super) fn new(env: &'a TestEnvironment, owner: UserId) -> Self {
        Self { env, owner, model: Model::new(), token: None, rest: Default::default(), cards: Default::default() }
    }

    pub(super) fn ports(&self) -> &'a Ports {
        &self.env.ports
    }
}

/// Returns a card with a name only.
pub(super) fn plain_card(name: usize) -> ValidCard {
    samples::valid_card(["Леся", "Іван", "Ольга", "Тарас"][name % 4], "Коваль")
}

/// Returns a picture that the processor of the tests accepts, and does not change.
pub(super) fn picture(index: usize) -> String {
    format!("picture {}", index % 2)
}
