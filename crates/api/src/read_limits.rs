//! Limits on the reads of lists: the contacts in memory, and one long list of a user at a time.

use std::{thread::available_parallelism, time::Duration};

use domain::{contact::SHORT_READ, ids::UserId};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    concurrency::{Turn, Turns},
    problem::{Code, Problem},
};

/// Maximum number of contacts that all long reads of the process have in memory, for each core. A contact has at most
/// 64 KiB of text, and drivers need up to five times that. The size of a contact is unknown before it is read.
const CONTACTS_PER_CORE: u32 = 256;
/// Maximum time that a read waits for other reads of its user, and for memory.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Limits of the long reads of this process.
pub(crate) struct ReadLimits {
    further_parts: Turns,
    whole_lists: Turns,
    contacts: Semaphore,
    max_contacts: u32,
    max_wait: Duration,
}

/// Permission to read. Must be held until the contacts are written into the response.
pub(crate) struct Reading<'a> {
    _turn: Option<Turn>,
    _contacts: Option<SemaphorePermit<'a>>,
}

impl Default for ReadLimits {
    fn default() -> Self {
        let cores = available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok()).unwrap_or(1);
        Self::new(CONTACTS_PER_CORE.saturating_mul(cores), MAX_WAIT)
    }
}

impl ReadLimits {
    fn new(max_contacts: u32, max_wait: Duration) -> Self {
        let [further_parts, whole_lists] = [(); 2].map(|()| Turns::new(max_wait));
        Self { further_parts, whole_lists, contacts: Semaphore::new(max_contacts as usize), max_contacts, max_wait }
    }

    /// Waits until the user may read the first part of a list, of at most `contacts` contacts.
    ///
    /// # Errors
    /// Returns `Busy` after [`MAX_WAIT`].
    pub(crate) async fn first_part(&self, contacts: u64) -> Result<Reading<'_>, Problem> {
        self.read(None, contacts).await
    }

    /// Waits until the user may read a further part. Those of one user are read one after the other, so that their long
    /// lists do not delay other users.
    ///
    /// # Errors
    /// Returns `Busy` after [`MAX_WAIT`], for the turn and again for the memory.
    pub(crate) async fn further_part(&self, user: UserId, contacts: u64) -> Result<Reading<'_>, Problem> {
        let turn = self.further_parts.take(user).await?;
        self.read(Some(turn), contacts).await
    }

    /// Waits until the user may read a list that is written as a whole. The turn must be held until the response is
    /// written, so that one user has at most one such response in memory.
    ///
    /// # Errors
    /// Returns `Busy` after [`MAX_WAIT`].
    pub(crate) async fn whole_list(&self, user: UserId) -> Result<Turn, Problem> {
        self.whole_lists.take(user).await
    }

    async fn read(&self, turn: Option<Turn>, contacts: u64) -> Result<Reading<'_>, Problem> {
        if contacts <= SHORT_READ {
            return Ok(Reading { _turn: turn, _contacts: None });
        }
        let contacts = u32::try_from(contacts).unwrap_or(u32::MAX).min(self.max_contacts);
        let permit = timeout(self.max_wait, self.contacts.acquire_many(contacts)).await.ok().and_then(Result::ok);
        Ok(Reading { _turn: turn, _contacts: Some(permit.ok_or_else(|| Problem::new(Code::Busy))?) })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[actix_web::test]
    async fn further_parts_wait_per_user_and_all_parts_wait_for_memory() {
        let limits = ReadLimits::new(500, Duration::from_millis(10));
        let [olena, petro] = [1, 2].map(|number| UserId(Uuid::from_u128(number)));
        let first = limits.further_part(olena, 250).await.unwrap();
        assert!(limits.further_part(olena, 1).await.is_err(), "a second long list of one user");
        drop(limits.first_part(100).await.unwrap());
        let second = limits.further_part(petro, 250).await.unwrap();
        assert!(limits.first_part(SHORT_READ + 1).await.is_err(), "more contacts than may be in memory");
        drop(limits.first_part(SHORT_READ).await.unwrap());
        drop(first);
        let third = limits.further_part(olena, 250).await.unwrap();
        drop((second, third));
        assert!(limits.first_part(u64::MAX).await.is_ok(), "the largest part is read alone");
    }

    #[actix_web::test]
    async fn whole_lists_wait_per_user() {
        let limits = ReadLimits::new(500, Duration::from_millis(10));
        let [olena, petro] = [1, 2].map(|number| UserId(Uuid::from_u128(number)));
        let turn = limits.whole_list(olena).await.unwrap();
        assert!(limits.whole_list(olena).await.is_err());
        limits.whole_list(petro).await.unwrap();
        limits.further_part(olena, 1).await.unwrap();
        drop(turn);
        limits.whole_list(olena).await.unwrap();
    }
}
