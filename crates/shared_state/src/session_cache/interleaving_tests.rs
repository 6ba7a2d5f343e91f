//! Orders in which readers and writers of a database can use the session cache of their process: all for two threads, and
//! all with at most [`INTERRUPTIONS`] for three.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use domain::{
    account::User,
    ids::UserId,
    session::{CacheLookup, CacheTicket, Credential, SessionCache as _},
};
use loom::{
    model::Builder,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    thread,
};
use testkit::samples;

use super::in_process::InProcessSessionCache;

/// Number of times that a running thread is interrupted in a run of three threads, at most.
const INTERRUPTIONS: usize = 2;

/// The same where a reader stores what another one has stored: fewer interruptions do not reach it.
const STORED_TWICE: usize = 4;

/// Returns the result of a future that never waits.
fn result<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the cache waits"),
    }
}

/// Number of the write of a user.
fn number(user: &User) -> i64 {
    (user.created_at - samples::now()).num_seconds()
}

/// A database with one session, and its cache.
struct Database {
    session: Credential,
    row: Mutex<User>,
    cache: InProcessSessionCache,
    /// Number of the last write whose invalidation has ended.
    invalidated: AtomicI64,
}

impl Database {
    fn new(user: &User, session: &Credential) -> Arc<Self> {
        let cache = InProcessSessionCache::new(Duration::MAX, u64::MAX);
        let (row, session) = (Mutex::new(user.clone()), session.clone());
        Arc::new(Self { session, row, cache, invalidated: AtomicI64::new(0) })
    }

    /// Commits a change of the user, and invalidates what is cached: the order of `persistence::unit`.
    fn write(&self, number: i64) {
        self.row.lock().unwrap().created_at = samples::now() + chrono::Duration::seconds(number);
        result(self.cache.invalidate(&[self.session.user()]));
        self.invalidated.store(number, Ordering::SeqCst);
    }

    /// Returns the number of the write that a request reads: from the cache, or from the row, which it then stores.
    fn read(&self) -> i64 {
        match result(self.cache.look_up(self.session.user(), self.session.id())) {
            CacheLookup::Hit(found) => number(&found.1),
            CacheLookup::Unavailable => panic!("the cache is unavailable"),
            CacheLookup::Miss(ticket) => self.read_row(ticket),
        }
    }

    /// Returns the number of the write that is read from the row, and stores it.
    fn read_row(&self, ticket: CacheTicket) -> i64 {
        let user = self.row.lock().unwrap().clone();
        result(self.cache.store(ticket, &self.session, &user));
        number(&user)
    }

    /// Returns the ticket of a look-up that finds nothing.
    fn miss(&self) -> CacheTicket {
        match result(self.cache.look_up(self.session.user(), self.session.id())) {
            CacheLookup::Miss(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    /// Reads, and checks that the write is not older than the last one that was invalidated before.
    fn read_and_check(&self) {
        let invalidated = self.invalidated.load(Ordering::SeqCst);
        let read = self.read();
        assert!(read >= invalidated, "write {read} was read, {invalidated} was invalidated before");
    }
}

/// Runs a model. Samples are made once, outside of it.
fn check(interruptions: Option<usize>, model: impl Fn(Arc<Database>, UserId) + Send + Sync + 'static) {
    let (user, other) = (samples::user(), UserId(samples::id()));
    let session = Credential::Session(samples::session(user.id));
    let mut builder = Builder::new();
    builder.preemption_bound = interruptions;
    builder.check(move || model(Database::new(&user, &session), other));
}

fn spawn(database: &Arc<Database>, work: impl FnOnce(&Database) + 'static) -> thread::JoinHandle<()> {
    let database = Arc::clone(database);
    thread::spawn(move || work(&database))
}

#[test]
fn reader_overtaken_by_a_write_stores_nothing_that_is_found() {
    check(None, |database, _| {
        let writer = spawn(&database, |database| database.write(1));
        database.read_and_check();
        writer.join().unwrap();
        assert_eq!(database.read(), 1);
        assert_eq!(database.read(), 1);
    });
}

#[test]
fn cached_entry_is_not_found_after_its_invalidation() {
    check(None, |database, _| {
        database.read();
        let writer = spawn(&database, |database| database.write(1));
        database.read_and_check();
        database.read_and_check();
        writer.join().unwrap();
        assert_eq!(database.read(), 1);
    });
}

#[test]
fn two_readers_overtaken_by_a_write_store_nothing_that_is_found() {
    check(Some(INTERRUPTIONS), |database, _| {
        let writer = spawn(&database, |database| database.write(1));
        let reader = spawn(&database, Database::read_and_check);
        database.read_and_check();
        writer.join().unwrap();
        reader.join().unwrap();
        assert_eq!(database.read(), 1);
    });
}

/// A commit is visible before its invalidation. A slower reader must not replace what a faster one has stored meanwhile.
#[test]
fn reader_never_returns_to_an_older_write() {
    check(Some(STORED_TWICE), |database, _| {
        let writer = spawn(&database, |database| database.write(1));
        let reader = spawn(&database, Database::read_and_check);
        let first = database.read();
        let second = database.read();
        assert!(second >= first, "write {second} after {first}");
        writer.join().unwrap();
        reader.join().unwrap();
    });
}

/// The same for a reader whose look-up precedes an invalidation: its data may be newer than what others store after it.
#[test]
fn reader_with_an_outdated_ticket_never_returns_to_an_older_write() {
    check(Some(INTERRUPTIONS), |database, _| {
        let ticket = database.miss();
        result(database.cache.invalidate(&[database.session.user()]));
        let writer = spawn(&database, |database| database.write(1));
        let reader = spawn(&database, Database::read_and_check);
        let first = database.read_row(ticket);
        let second = database.read();
        assert!(second >= first, "write {second} after {first}");
        writer.join().unwrap();
        reader.join().unwrap();
        assert_eq!(database.read(), 1);
        assert_eq!(database.read(), 1);
    });
}

/// Both users share a generation.
#[test]
fn invalidation_of_another_user_never_reverts_one() {
    check(Some(INTERRUPTIONS), |database, other| {
        let invalidating = spawn(&database, move |database| result(database.cache.invalidate(&[other])));
        let writer = spawn(&database, |database| {
            database.write(1);
            database.write(2);
        });
        database.read_and_check();
        invalidating.join().unwrap();
        writer.join().unwrap();
        assert_eq!(database.read(), 2);
    });
}
