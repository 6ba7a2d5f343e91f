//! Who may send what costs much: one at a time for each user, and so many at once in all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as Lock, PoisonError, Weak},
    time::Duration,
};

use domain::account::UserId;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, Semaphore, SemaphorePermit},
    time::timeout,
};

/// The places of this process.
pub(super) struct Places {
    in_all: Semaphore,
    turns: Lock<Option<HashMap<UserId, Weak<Mutex<()>>>>>,
}

/// One of them; free again when this is dropped.
pub(super) struct Place<'places> {
    _turn: OwnedMutexGuard<()>,
    _place: SemaphorePermit<'places>,
}

impl Places {
    /// So many in all.
    pub(super) const fn new(in_all: usize) -> Self {
        Self { in_all: Semaphore::const_new(in_all), turns: Lock::new(None) }
    }

    /// Waits for the user's own turn, then for a place. Who sends much waits for themself first, so they hold one
    /// place and stand in the common queue once, however many requests they send. `None` when that takes too long.
    pub(super) async fn enter(&self, user: UserId, patience: Duration) -> Option<Place<'_>> {
        let entering = async {
            let turn = self.turn_of(user).lock_owned().await;
            let place = self.in_all.acquire().await.ok()?;
            Some(Place { _turn: turn, _place: place })
        };
        timeout(patience, entering).await.ok().flatten()
    }

    fn turn_of(&self, user: UserId) -> Arc<Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = turns.get_or_insert_default();
        if let Some(turn) = turns.get(&user).and_then(Weak::upgrade) {
            return turn;
        }
        // Those who have gone are forgotten here, so that only requests under way are kept.
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

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn one_user_takes_one_place_and_leaves_the_others_to_the_rest() {
        let places = Places::new(2);
        let first = places.enter(user(1), SHORT).await.unwrap();
        assert!(places.enter(user(1), SHORT).await.is_none(), "the second waits until its patience ends");
        let second = places.enter(user(2), SHORT).await.unwrap();
        assert!(places.enter(user(3), SHORT).await.is_none(), "every place is taken");
        drop(first);
        assert!(places.enter(user(3), SHORT).await.is_some());
        assert!(places.enter(user(2), SHORT).await.is_none());
        drop(second);
        assert!(places.enter(user(2), SHORT).await.is_some());
    }

    #[tokio::test]
    async fn who_waits_comes_next_and_who_has_gone_is_forgotten() {
        let places = Arc::new(Places::new(1));
        let first = places.enter(user(1), SHORT).await.unwrap();
        let waiting = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.enter(user(1), Duration::from_secs(60)).await.is_some() }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert!(waiting.await.unwrap());
        for number in 2..100 {
            assert!(places.enter(user(number), SHORT).await.is_some());
        }
        assert!(places.turns.lock().unwrap().as_ref().unwrap().len() <= 2);
    }
}
