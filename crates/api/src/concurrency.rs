//! Concurrency limits of expensive requests: one at a time for each user, and few at once in the process.
//!
//! Not run by a model checker: the turn of a user is found or created while the mutex is held once. A turn is replaced only
//! after its last owner has dropped it, because a `Weak` without an owner never gets one again. So two requests never have
//! different turns of one user. The waiting is that of tokio, whose locks loom cannot replace, and loom has no `Weak`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as Lock, PoisonError, Weak},
    time::Duration,
};

use domain::ids::UserId;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::problem::{Code, Problem};

/// Maximum time that a request waits for its turn, and again for its slot.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// The same for an import, and for each part of it.
const MAX_WAIT_OF_IMPORTS: Duration = Duration::from_secs(30);

/// Batches and exports of accounts at once.
pub(crate) static BATCHES_AND_EXPORTS: Slots = Slots::new(4, MAX_WAIT);
/// Parts of imports at once.
pub(crate) static IMPORTS: Slots = Slots::new(2, MAX_WAIT_OF_IMPORTS);
/// Completely received pictures that are processed at once.
pub(crate) static UPLOADS: Slots = Slots::new(8, MAX_WAIT);
/// Heavy searches at once. A worker has more connections, so that one remains for other requests.
pub(crate) static HEAVY_SEARCHES: Slots = Slots::new(3, MAX_WAIT);
/// Turns of the users who send large bodies. Their memory is bounded apart.
pub(crate) static LARGE_BODIES: Turns = Turns::new(MAX_WAIT);

/// Slots of this process for one kind of request, shared by all workers. Each user has at most one.
pub(crate) struct Slots {
    turns: Turns,
    free: Semaphore,
    max_wait: Duration,
}

/// A slot, with the turn of its user. Dropping it frees both.
pub(crate) struct Slot<'slots> {
    turn: Turn,
    _permit: SemaphorePermit<'slots>,
}

impl Slots {
    /// Creates `count` slots. A request waits at most `max_wait` for its turn, and again at most `max_wait` for its slot.
    const fn new(count: usize, max_wait: Duration) -> Self {
        Self { turns: Turns::new(max_wait), free: Semaphore::const_new(count), max_wait }
    }

    /// Waits for the turn of the user. A turn occupies no slot: a body that arrives slowly delays only requests of the
    /// same user.
    ///
    /// # Errors
    /// `Busy` after the maximum wait.
    pub(crate) async fn turn(&self, user: UserId) -> Result<Turn, Problem> {
        self.turns.take(user).await
    }

    /// Waits for a slot. Each user is in this queue at most once, because the turn is taken first.
    ///
    /// # Errors
    /// `Busy` after the maximum wait.
    pub(crate) async fn enter(&self, turn: Turn) -> Result<Slot<'_>, Problem> {
        let permit = self.slot(&turn).await?;
        Ok(Slot { turn, _permit: permit })
    }

    /// Waits for a slot, for one step of a request that retains its turn.
    ///
    /// # Errors
    /// `Busy` after the maximum wait.
    pub(crate) async fn slot(&self, _turn: &Turn) -> Result<SemaphorePermit<'_>, Problem> {
        let permit = timeout(self.max_wait, self.free.acquire()).await.ok().and_then(Result::ok);
        permit.ok_or_else(|| Problem::new(Code::Busy))
    }
}

impl Slot<'_> {
    /// Frees the slot, but not the turn of the user.
    pub(crate) fn into_turn(self) -> Turn {
        self.turn
    }
}

/// Turns for one kind of request: each user has one.
pub(crate) struct Turns {
    by_user: Lock<Option<HashMap<UserId, Weak<Mutex<()>>>>>,
    max_wait: Duration,
}

/// The turn of one user. Their other requests of the kind wait until it is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "held for its drop")] OwnedMutexGuard<()>);

impl Turns {
    /// Creates the turns. A request waits at most `max_wait` for its turn.
    pub(crate) const fn new(max_wait: Duration) -> Self {
        Self { by_user: Lock::new(None), max_wait }
    }

    /// Waits for the turn of the user.
    ///
    /// # Errors
    /// `Busy` after the maximum wait.
    pub(crate) async fn take(&self, user: UserId) -> Result<Turn, Problem> {
        let turn = timeout(self.max_wait, self.of(user).lock_owned()).await;
        turn.map(Turn).map_err(|_| Problem::new(Code::Busy))
    }

    fn of(&self, user: UserId) -> Arc<Mutex<()>> {
        let mut turns = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = turns.get_or_insert_default();
        if let Some(turn) = turns.get(&user).and_then(Weak::upgrade) {
            return turn;
        }
        // Removes the users without a request in progress.
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(user, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    async fn enter(slots: &Slots, user: u128) -> Option<Slot<'_>> {
        let turn = slots.turn(UserId(Uuid::from_u128(user))).await.ok()?;
        slots.enter(turn).await.ok()
    }

    #[tokio::test]
    async fn one_user_takes_only_one_slot() {
        let slots = Slots::new(2, SHORT);
        let first = enter(&slots, 1).await.unwrap();
        assert!(enter(&slots, 1).await.is_none(), "the second request waits until its time is over");
        let second = enter(&slots, 2).await.unwrap();
        assert!(enter(&slots, 3).await.is_none(), "every slot is taken");
        drop(first);
        assert!(enter(&slots, 3).await.is_some());
        assert!(enter(&slots, 2).await.is_none());
        drop(second);
        assert!(enter(&slots, 2).await.is_some());
    }

    #[tokio::test]
    async fn waiting_for_a_turn_occupies_no_slot() {
        let slots = Slots::new(1, SHORT);
        let mut turns = Vec::new();
        for user in 1..10 {
            turns.push(slots.turn(UserId(Uuid::from_u128(user))).await.unwrap());
        }
        assert!(enter(&slots, 1).await.is_none(), "the next request of the same user waits");
        assert!(enter(&slots, 10).await.is_some(), "a request of another user does not wait");
    }

    #[tokio::test]
    async fn waiting_request_runs_next_and_finished_users_are_removed() {
        let slots = Arc::new(Slots::new(1, Duration::from_secs(60)));
        let first = enter(&slots, 1).await.unwrap();
        let waiting = tokio::spawn({
            let slots = Arc::clone(&slots);
            async move { enter(&slots, 1).await.is_some() }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert!(waiting.await.unwrap());
        for number in 2..100 {
            assert!(enter(&slots, number).await.is_some());
        }
        assert!(slots.turns.by_user.lock().unwrap().as_ref().unwrap().len() <= 2);
    }
}
