//! New contacts of requests that wait for the write lock of SQLite.

use std::{
    collections::BTreeMap,
    iter,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::error::StoreError;
use sea_orm::sea_query::UpdateStatement;
use tokio::sync::oneshot;

use crate::entities::contacts::ActiveModel;

/// Maximum number of contacts in one transaction. Other writers wait meanwhile.
const SHARING: usize = 100;

/// The change number of a new contact, or `None` when its owner has no free one.
pub(crate) type Outcome = Result<Option<i64>, StoreError>;

/// One new contact.
pub(crate) struct Draft {
    /// Takes its change number.
    pub(crate) take: UpdateStatement,
    /// Its columns, except the change number.
    pub(crate) columns: ActiveModel,
}

/// New contacts of requests that wait for the write lock, in their order.
///
/// Not run by a model checker: a contact is added, or removed, while the mutex is held once. The request that removes it
/// creates it.
#[derive(Default)]
pub(crate) struct WaitingCreations(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    added: u64,
    creations: BTreeMap<u64, WaitingCreation>,
}

/// One new contact, and the request that waits for its outcome.
pub(crate) struct WaitingCreation {
    pub(crate) draft: Draft,
    pub(crate) outcome: oneshot::Sender<Outcome>,
}

impl WaitingCreations {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a contact. It waits until it is taken, or this is dropped.
    pub(crate) fn add(&self, creation: WaitingCreation) -> InQueue<'_> {
        let mut waiting = self.lock();
        waiting.added += 1;
        let number = waiting.added;
        waiting.creations.insert(number, creation);
        InQueue { creations: self, number }
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().creations.len()
    }
}

/// The contact of one request. A request that ends early removes it.
pub(crate) struct InQueue<'a> {
    creations: &'a WaitingCreations,
    number: u64,
}

impl InQueue<'_> {
    /// Removes the contact. Returns false when another request creates it.
    pub(crate) fn remove(&self) -> bool {
        self.creations.lock().creations.remove(&self.number).is_some()
    }

    /// Takes the contact and the others that have waited longest. Returns none when another request creates it.
    pub(crate) fn take_with_others(&self) -> Vec<WaitingCreation> {
        let mut waiting = self.creations.lock();
        let Some(own) = waiting.creations.remove(&self.number) else { return Vec::new() };
        let others = iter::from_fn(|| waiting.creations.pop_first().map(|(_, creation)| creation));
        iter::once(own).chain(others.take(SHARING - 1)).collect()
    }
}

impl Drop for InQueue<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}
