//! Tests of the deadlines of a connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Wake, Waker},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    deadlines::{Deadlines, MissedDeadline},
    progress::{Progress, Readable},
};

const SECOND: Duration = Duration::from_secs(1);

/// Number of times that a reader was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Woken {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Connection with a simulated clock.
struct Connection {
    progress: Progress,
    at: Instant,
}

impl Connection {
    fn new() -> Self {
        let (at, seconds) = (Instant::now(), Duration::from_secs);
        let deadlines = Deadlines {
            head: seconds(10),
            body: seconds(30),
            idle: seconds(75),
            closing: seconds(2),
            write: seconds(30),
        };
        Self { progress: Progress::new(deadlines, at), at }
    }

    /// Advances the clock; returns the state whose deadline has passed.
    fn after(&mut self, seconds: u32) -> Option<MissedDeadline> {
        self.at += seconds * SECOND;
        self.progress.deadline(self.at).err()
    }

    fn record<T>(&self, event: impl FnOnce(&Progress, Instant) -> T) -> T {
        event(&self.progress, self.at)
    }
}

#[test]
fn trickling_head_is_overdue_after_ten_seconds() {
    let mut first = Connection::new();
    for _ in 0..9 {
        assert_eq!(first.after(1), None);
        first.record(Progress::read_some);
    }
    assert_eq!(first.after(1), Some(MissedDeadline::Head));

    let mut second = Connection::new();
    second.record(Progress::request_began);
    second.record(Progress::response_began);
    second.record(|progress, at| progress.response_ended(false, at));
    assert_eq!(second.after(74), None);
    second.record(Progress::read_some);
    for _ in 0..9 {
        assert_eq!(second.after(1), None);
        second.record(Progress::read_some);
    }
    assert_eq!(second.after(1), Some(MissedDeadline::Head));
}

#[test]
fn every_state_except_a_running_handler_has_a_deadline() {
    let mut connection = Connection::new();
    connection.record(Progress::request_began);
    assert_eq!(connection.after(3600), None);
    connection.record(Progress::awaits_body);
    assert_eq!(connection.after(29), None);
    connection.record(Progress::body_moved);
    assert_eq!(connection.after(3600), None);
    connection.record(Progress::awaits_body);
    assert_eq!(connection.after(30), Some(MissedDeadline::Body));
    connection.record(Progress::response_began);
    assert_eq!(connection.after(3600), None);
    connection.record(|progress, at| progress.response_ended(false, at));
    assert_eq!(connection.after(74), None);
    assert_eq!(connection.after(1), Some(MissedDeadline::Idle));
    connection.record(|progress, at| progress.response_ended(true, at));
    assert_eq!(connection.after(2), Some(MissedDeadline::Closing));
}

#[test]
fn client_that_reads_nothing_is_overdue_in_every_state() {
    let mut connection = Connection::new();
    connection.record(Progress::request_began);
    connection.record(Progress::response_began);
    connection.record(Progress::write_blocked);
    assert_eq!(connection.after(29), None);
    // The rest of the response is in buffers, so the write window still applies.
    connection.record(|progress, at| progress.response_ended(true, at));
    assert_eq!(connection.after(1), Some(MissedDeadline::Write));
}

#[test]
fn slow_reader_is_overdue_and_steady_reader_is_not() {
    for (bytes_a_second, missed) in [(1000, Some(MissedDeadline::Write)), (2500, None)] {
        let mut connection = Connection::new();
        connection.record(Progress::response_began);
        let mut end = None;
        for _ in 0..300 {
            connection.record(Progress::write_blocked);
            end = end.or(connection.after(1));
            connection.record(|progress, at| progress.wrote(bytes_a_second, at));
        }
        assert_eq!(end, missed, "{bytes_a_second}");
    }
}

#[test]
fn closing_time_starts_when_the_response_is_written() {
    let mut connection = Connection::new();
    connection.record(Progress::response_began);
    connection.record(Progress::write_blocked);
    connection.record(|progress, at| progress.response_ended(true, at));
    assert!(!connection.progress.is_at_rest());
    assert_eq!(connection.after(20), None);
    connection.record(|progress, at| progress.wrote(100_000, at));
    assert!(connection.progress.is_at_rest());
    assert_eq!(connection.after(1), None);
    assert_eq!(connection.after(1), Some(MissedDeadline::Closing));
}

#[test]
fn few_bytes_are_read_while_a_request_is_answered() {
    let connection = Connection::new();
    let readable = || connection.progress.readable();
    let read = |bytes| {
        connection.progress.received(bytes);
        connection.record(Progress::read_some);
    };
    assert_eq!(readable(), Readable::Now(1024));
    read(1024);
    assert_eq!(readable(), Readable::NextTurn, "actix parses what was read");
    connection.progress.begin_turn();
    assert_eq!(readable(), Readable::Now(1024), "the head goes on");
    connection.record(Progress::request_began);
    read(1000);
    assert_eq!(readable(), Readable::Now(24));
    read(24);
    connection.progress.begin_turn();
    assert_eq!(readable(), Readable::Later);
    connection.record(Progress::response_began);
    assert_eq!(readable(), Readable::Later);
    // The next request was read before.
    connection.record(|progress, at| progress.response_ended(false, at));
    connection.record(Progress::request_began);
    assert_eq!(readable(), Readable::Later, "as long as requests wait");
    connection.record(|progress, at| progress.response_ended(false, at));
    assert_eq!(readable(), Readable::Now(1024));
    read(100);
    connection.record(Progress::request_began);
    connection.progress.begin_turn();
    assert_eq!(readable(), Readable::Now(1024));
}

#[test]
fn body_is_read_while_its_handler_waits() {
    let connection = Connection::new();
    let woken = Arc::new(Woken::default());
    let reader = Waker::from(Arc::clone(&woken));
    connection.record(Progress::request_began);
    connection.progress.received(1024);
    connection.progress.wait(&reader);
    for _ in 0..1000 {
        connection.record(Progress::awaits_body);
        connection.progress.begin_turn();
        assert_eq!(connection.progress.readable(), Readable::Now(1024));
        connection.progress.received(1024);
        connection.record(Progress::body_moved);
    }
    assert_eq!(woken.count(), 1);
    // A handler that looks for more, and then uses what it has.
    connection.record(Progress::awaits_body);
    for _ in 0..8 {
        connection.progress.begin_turn();
        connection.progress.received(1024);
    }
    connection.progress.begin_turn();
    assert_eq!(connection.progress.readable(), Readable::Later);
    connection.record(Progress::awaits_body);
    assert_eq!(connection.progress.readable(), Readable::Now(1024), "it looks again");
    connection.record(Progress::body_moved);
    assert_eq!(connection.progress.readable(), Readable::Now(1024), "what follows the body");
    connection.progress.received(1024);
    assert_eq!(connection.progress.readable(), Readable::Later);
    connection.progress.wait(&reader);
    connection.record(|progress, at| progress.response_ended(true, at));
    connection.progress.begin_turn();
    assert_eq!((woken.count(), connection.progress.readable()), (2, Readable::Now(1024)));
}
