//! New contacts on SQLite that share a commit.
//!
//! A commit waits for the disk. So the request that gets the write lock also creates the contacts of the requests that wait
//! for the lock, in one transaction. Other writes do not share: they may answer what they have read of a write that is
//! not yet committed.

use std::iter;

use domain::{error::StoreError, store::UnitOfWork as _};
use sea_orm::{ActiveValue, ConnectionTrait as _, EntityTrait as _};
use tokio::{
    select,
    sync::{OwnedMutexGuard, oneshot},
};
use tracing::Instrument as _;

use crate::{
    entities::contacts::{ActiveModel, Entity},
    error::{Failure, backend, unavailable},
    store::SqlStore,
    unit::SqlUnit,
    waiting_creations::{Draft, Outcome, WaitingCreation, WaitingCreations},
};

/// Creates a contact, with those of other requests.
pub(super) async fn create(store: &SqlStore, waiting: &WaitingCreations, draft: Draft) -> Outcome {
    let (sender, mut outcome) = oneshot::channel();
    let queued = waiting.add(WaitingCreation { draft, outcome: sender });
    let lock = select! {
        biased;
        outcome = &mut outcome => return received(outcome),
        lock = store.lock_writer() => lock,
    };
    match lock {
        Err(error) if queued.remove() => return Err(error),
        Err(_) => {}
        Ok(lock) => {
            let creations = queued.take_with_others();
            if !creations.is_empty() {
                // In a separate task: the other requests need it even when this one is cancelled.
                tokio::spawn(create_all(store.clone(), lock, creations).in_current_span());
            }
        }
    }
    received(outcome.await)
}

fn received(outcome: Result<Outcome, oneshot::error::RecvError>) -> Outcome {
    outcome.unwrap_or_else(|_| Err(backend("the task that creates contacts was cancelled")))
}

/// Creates contacts in one transaction, and reports the outcome of each.
async fn create_all(store: SqlStore, lock: Option<OwnedMutexGuard<()>>, creations: Vec<WaitingCreation>) {
    let (drafts, outcomes): (Vec<_>, Vec<_>) =
        creations.into_iter().map(|WaitingCreation { draft, outcome }| (draft, outcome)).unzip();
    match inserted(&store, lock, &drafts).await {
        Ok((unit, changes)) => match Box::new(unit).commit().await {
            Ok(()) => outcomes.into_iter().zip(changes).for_each(|(outcome, change)| report(outcome, Ok(change))),
            Err(error) => report_to_all(outcomes, error),
        },
        // More attempts would make the last request wait for the time of all.
        Err(error @ StoreError::Unavailable(_)) => report_to_all(outcomes, error),
        Err(error) if drafts.len() == 1 => report_to_all(outcomes, error),
        // The contact of one request must not fail those of the others.
        Err(_) => {
            for (draft, outcome) in drafts.iter().zip(outcomes) {
                report(outcome, create_alone(&store, draft).await);
            }
        }
    }
}

async fn create_alone(store: &SqlStore, draft: &Draft) -> Outcome {
    let unit = store.begin_unit().await?;
    let change = insert(&unit, draft).await?;
    Box::new(unit).commit().await?;
    Ok(change)
}

/// Inserts contacts in one unit, which is not yet committed.
async fn inserted(
    store: &SqlStore,
    lock: Option<OwnedMutexGuard<()>>,
    drafts: &[Draft],
) -> Result<(SqlUnit, Vec<Option<i64>>), StoreError> {
    let unit = store.begin_locked(lock).await?;
    let mut changes = Vec::with_capacity(drafts.len());
    for draft in drafts {
        changes.push(insert(&unit, draft).await?);
    }
    Ok((unit, changes))
}

async fn insert(unit: &SqlUnit, Draft { take, columns }: &Draft) -> Outcome {
    let Some(row) = unit.run(unit.transaction().query_one(take)).await? else { return Ok(None) };
    let change = row.try_get_by_index(0).map_err(Failure::Database)?;
    let contact = ActiveModel { change: ActiveValue::Set(change), ..columns.clone() };
    unit.run(Entity::insert(contact).exec_without_returning(unit.transaction())).await?;
    Ok(Some(change))
}

/// A request that has ended meanwhile needs no outcome.
fn report(sender: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _ = sender.send(outcome);
}

/// Reports an error to the first, and one of the same kind to the others.
fn report_to_all(outcomes: Vec<oneshot::Sender<Outcome>>, error: StoreError) {
    let same: fn() -> StoreError = match error {
        StoreError::Unavailable(_) => || unavailable("the transaction of several contacts failed"),
        StoreError::Conflict(_) | StoreError::Backend(_) => || backend("the transaction of several contacts failed"),
    };
    let errors = iter::once(error).chain(iter::repeat_with(same));
    outcomes.into_iter().zip(errors).for_each(|(outcome, error)| report(outcome, Err(error)));
}
