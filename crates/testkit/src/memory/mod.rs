//! In-memory store. It has one writer at a time, from `begin` to the end of the unit, like SQLite. Reads see committed
//! data only.

mod accounts;
mod administration;
mod app_passwords;
mod audit;
mod card_resources;
mod changes;
mod contacts;
mod idempotency;
mod known_devices;
mod orphaned_pictures;
mod outbox;
mod received_cards;
mod sessions;
mod state;
mod trash;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use domain::{
    account::User,
    audit::AuditEvent,
    contact::ChangeNumber,
    error::StoreError,
    ids::UserId,
    store::{Store, UnitOfWork},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::state::State;

/// Counts the open units of work, so that fakes can reject slow work meanwhile.
#[derive(Clone, Default)]
pub struct OpenUnits(Arc<AtomicUsize>);

impl OpenUnits {
    /// Panics while a unit is open.
    pub fn assert_none(&self, work: &str) {
        assert_eq!(self.0.load(Ordering::SeqCst), 0, "{work} while a unit of work is open");
    }
}

/// Subject of a counting statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// All contacts that a filter selects.
    Contacts,
    /// Those after a position.
    ContactsAfter,
    /// The trash.
    Trash,
}

/// A change of a user by another process.
pub type UserChange = fn(&mut User);

/// The store.
#[derive(Clone, Default)]
pub struct MemoryStore {
    committed: Arc<RwLock<State>>,
    writer: Arc<Mutex<()>>,
    open_units: OpenUnits,
    failing_commits: Arc<AtomicUsize>,
    lost_answers: Arc<AtomicUsize>,
    session_lookups: Arc<AtomicUsize>,
    app_password_reads: Arc<AtomicUsize>,
    caches_app_passwords: Arc<AtomicBool>,
    scrubs: Arc<AtomicUsize>,
    begun_units: Arc<AtomicUsize>,
    counts: Arc<RwLock<Vec<Count>>>,
    busy_owner: Arc<RwLock<Option<UserId>>>,
    changes_before_lock: Arc<RwLock<BTreeMap<UserId, UserChange>>>,
}

impl MemoryStore {
    /// Returns the counter of this store's open units.
    #[must_use]
    pub fn open_units(&self) -> OpenUnits {
        self.open_units.clone()
    }

    /// Returns the last error of each waiting or parked mail.
    #[must_use]
    pub fn mail_errors(&self) -> Vec<String> {
        self.read(|state| state.outbox.values().filter_map(|waiting| waiting.last_error.clone()).collect())
    }

    /// Returns the audit trail, oldest event first.
    #[must_use]
    pub fn audit_events(&self) -> Vec<AuditEvent> {
        self.read(|state| state.audit_events.values().cloned().collect())
    }

    /// Returns the number of orphaned pictures, due or not.
    #[must_use]
    pub fn orphaned_pictures(&self) -> usize {
        self.read(|state| state.orphaned_pictures.len())
    }

    /// Returns the number of sessions that were looked up, with their user, since the last call.
    #[must_use]
    pub fn take_session_lookups(&self) -> usize {
        self.session_lookups.swap(0, Ordering::SeqCst)
    }

    /// Returns the number of digests that were looked up among the app passwords since the last call, without those in
    /// the cache.
    #[must_use]
    pub fn take_app_password_reads(&self) -> usize {
        self.app_password_reads.swap(0, Ordering::SeqCst)
    }

    /// Lets the cache have every app password, or none.
    pub fn cache_app_passwords(&self, all: bool) {
        self.caches_app_passwords.store(all, Ordering::SeqCst);
    }

    /// Returns the number of calls of [`Store::scrub`] since the last call.
    #[must_use]
    pub fn take_scrubs(&self) -> usize {
        self.scrubs.swap(0, Ordering::SeqCst)
    }

    /// Makes one commit fail, after `good` successful ones.
    pub fn fail_commit_after(&self, good: usize) {
        self.failing_commits.store(good + 1, Ordering::SeqCst);
    }

    /// Makes one commit return an error although its writes are committed, after `good` successful ones. That happens when
    /// the connection to a database server is lost before its answer arrives.
    pub fn lose_answer_of_commit_after(&self, good: usize) {
        self.lost_answers.store(good + 1, Ordering::SeqCst);
    }

    /// Returns the number of units that were begun since the last call.
    pub fn take_begun_units(&self) -> usize {
        self.begun_units.swap(0, Ordering::SeqCst)
    }

    /// Returns what was counted since the last call.
    pub fn take_counts(&self) -> Vec<Count> {
        std::mem::take(&mut self.counts.write().unwrap())
    }

    /// Takes a change number of the owner before each unit begins, as another program that writes all the time.
    pub fn write_before_each_unit(&self, owner: UserId) {
        *self.busy_owner.write().unwrap() = Some(owner);
    }

    /// Changes a user when a unit is about to lock it, as another process can between a read and the lock.
    pub fn change_before_lock(&self, user: UserId, change: UserChange) {
        self.changes_before_lock.write().unwrap().insert(user, change);
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.committed.read().unwrap())
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        self.open_units.0.fetch_add(1, Ordering::SeqCst);
        self.begun_units.fetch_add(1, Ordering::SeqCst);
        if let Some(owner) = *self.busy_owner.read().unwrap() {
            *self.committed.write().unwrap().contact_changes.entry(owner).or_default() += 1;
        }
        let state = self.read(State::clone);
        let (store, taken) = (self.clone(), BTreeSet::new());
        Ok(Box::new(MemoryUnit { state, store, taken, has_locked_contacts: false, is_broken: false, _writer: writer }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        self.scrubs.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }
}

struct MemoryUnit {
    state: State,
    store: MemoryStore,
    /// Change numbers that were taken for an owner and not written yet.
    taken: BTreeSet<(UserId, ChangeNumber)>,
    has_locked_contacts: bool,
    /// True after a write that a database rejects.
    is_broken: bool,
    _writer: OwnedMutexGuard<()>,
}

impl MemoryUnit {
    /// Returns the error of a write that a constraint of a database rejects. After it the unit can only be dropped.
    fn rejection(&mut self, reason: &'static str) -> StoreError {
        self.is_broken = true;
        StoreError::Backend(reason.into())
    }

    /// Rejects a row of a user who does not exist, like a foreign key.
    fn require_user(&mut self, user: UserId) -> Result<(), StoreError> {
        let exists = self.state.users.contains_key(&user);
        if exists { Ok(()) } else { Err(self.rejection("the user of a new row does not exist")) }
    }

    /// Rejects a row whose key another row has, like a unique index.
    fn require_unique(&mut self, is_unique: bool) -> Result<(), StoreError> {
        if is_unique { Ok(()) } else { Err(self.rejection("another row has the key of a new row")) }
    }
}

impl Drop for MemoryUnit {
    fn drop(&mut self) {
        self.store.open_units.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.is_broken {
            return Err(StoreError::Backend("a unit of work with a rejected write cannot be committed".into()));
        }
        self.state.assert_contact_counts();
        if is_chosen(&self.store.failing_commits) {
            return Err(StoreError::Unavailable("the commit failed".into()));
        }
        *self.store.committed.write().unwrap() = std::mem::take(&mut self.state);
        if is_chosen(&self.store.lost_answers) {
            return Err(StoreError::Unavailable("the answer to the commit was lost".into()));
        }
        Ok(())
    }
}

/// Counts a commit. Returns true for the one that a test has chosen.
fn is_chosen(countdown: &AtomicUsize) -> bool {
    let left = countdown.load(Ordering::SeqCst);
    countdown.store(left.saturating_sub(1), Ordering::SeqCst);
    left == 1
}
