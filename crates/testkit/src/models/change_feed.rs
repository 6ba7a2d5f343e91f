//! The changes of an address book. Clients follow them with any page size, and pause where they like. A client that has
//! read everything has what the address book has.
//!
//! The model has each contact with its photo, and the names of all cards. It predicts the contacts that a step changes.
//! The changes after the step have these contacts, each once, and no other ones.

mod bulk;
mod cards;
mod checks;
mod contacts;
mod model;
mod stale;
mod walk;

use chrono::Duration;
use domain::{Policy, Ports, contact::Contact, use_cases::background::sweep};
use proptest::prelude::*;

use self::{
    bulk::{BulkStep, bulk_steps},
    cards::{CardStep, card_steps},
    contacts::{ContactStep, contact_steps},
    stale::{StaleWrite, stale_writes},
    walk::{CLIENTS, Walk},
};
use super::Run;
use crate::{TestEnvironment, samples};

/// One step. An index is taken modulo the length of its list.
#[derive(Debug, Clone)]
enum Step {
    Contact(ContactStep),
    Card(CardStep),
    Bulk(BulkStep),
    /// A write that is rejected.
    Stale {
        write: StaleWrite,
        contact: usize,
        name: usize,
    },
    /// Removes what is recorded of permanently deleted contacts, so that old tokens expire.
    ForgetDeletions,
    /// Removes what has been in the trash for too long.
    Age,
    Follow(FollowStep),
}

/// A request of a client.
#[derive(Debug, Clone)]
enum FollowStep {
    Contacts { client: usize, limit: u64, to_the_end: bool },
    Cards { client: usize, limit: Option<u64>, part: u64, to_the_end: bool },
    WithForeignToken { client: usize, is_of_future: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        21 => contact_steps().prop_map(Step::Contact),
        11 => card_steps().prop_map(Step::Card),
        4 => bulk_steps().prop_map(Step::Bulk),
        3 => (stale_writes(), 0usize..12, 0usize..4)
            .prop_map(|(write, contact, name)| Step::Stale { write, contact, name }),
        1 => Just(Step::ForgetDeletions),
        1 => Just(Step::Age),
        13 => follow_steps().prop_map(Step::Follow),
    ];
    prop::collection::vec(step, 1..60)
}

fn follow_steps() -> impl Strategy<Value = FollowStep> {
    let limit = prop_oneof![Just(1u64), 1u64..4, Just(1_000)];
    prop_oneof![
        6 => (0..CLIENTS, limit.clone(), any::<bool>())
            .prop_map(|(client, limit, to_the_end)| FollowStep::Contacts { client, limit, to_the_end }),
        6 => (0..CLIENTS, prop::option::of(limit.clone()), limit, any::<bool>())
            .prop_map(|(client, limit, part, to_the_end)| FollowStep::Cards { client, limit, part, to_the_end }),
        1 => (0..CLIENTS, any::<bool>())
            .prop_map(|(client, is_of_future)| FollowStep::WithForeignToken { client, is_of_future }),
    ]
}

/// Walks through random steps. Clients follow meanwhile, and to the end after the last one.
pub fn brings_each_client_to_the_state_of_the_store(run: &Run<'_>) {
    run.over(&steps(), &async |env: &TestEnvironment, steps| {
        let owner = samples::stored_user(&*env.ports.store).await.id;
        let mut walk = Walk::new(env, owner);
        for step in steps {
            env.clock.advance(Duration::milliseconds(1));
            walk.step(step).await;
        }
        walk.finish().await;
    });
}

impl Walk<'_> {
    async fn step(&mut self, step: Step) {
        let answer: Vec<Contact> = match step {
            Step::Contact(step) => self.contact_step(step).await.into_iter().collect(),
            Step::Card(step) => self.card_step(step).await.into_iter().collect(),
            Step::Bulk(step) => self.bulk_step(step).await,
            Step::Stale { write, contact, name } => {
                self.stale_write(write, contact, name).await;
                Vec::new()
            }
            Step::ForgetDeletions => {
                let policy = Policy { contact_limit: 0, ..self.ports().policy };
                sweep(&Ports { policy, ..self.ports().clone() }).await.unwrap();
                Vec::new()
            }
            Step::Age => {
                self.env.clock.advance(Duration::days(31));
                sweep(self.ports()).await.unwrap();
                self.model.trash.clear();
                Vec::new()
            }
            Step::Follow(step) => {
                self.follow(step).await;
                return;
            }
        };
        self.check_changes().await;
        for contact in answer {
            self.check_contact(&contact).await;
        }
    }

    async fn follow(&mut self, step: FollowStep) {
        let (ports, owner) = (self.ports(), self.owner);
        match step {
            FollowStep::Contacts { client, limit, to_the_end } => {
                self.rest[client].read(ports, owner, limit).await;
                if to_the_end {
                    self.rest[client].read_all(ports, owner, limit).await;
                    self.check_rest(client).await;
                }
            }
            FollowStep::Cards { client, limit, part, to_the_end } => {
                self.cards[client].read(ports, owner, limit, part).await;
                if to_the_end {
                    self.cards[client].read_all(ports, owner, limit, part).await;
                    self.check_cards(client).await;
                }
            }
            FollowStep::WithForeignToken { client, is_of_future } => {
                self.rest[client].read_with_foreign_token(ports, owner, is_of_future).await;
                self.cards[client].read_with_foreign_token(ports, owner, is_of_future).await;
            }
        }
    }
}
