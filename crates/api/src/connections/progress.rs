//! State of one connection, and the deadline of each state. This module uses no sockets and no timers.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

/// Deadlines of the states of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// Time from the first byte of a head, or from the start of the connection, to the end of the head.
    pub(crate) head: Duration,
    /// Time without a byte of a body while the handler waits for it.
    pub(crate) body: Duration,
    /// Time between two requests.
    pub(crate) idle: Duration,
    /// Time between the last response and the end of the connection.
    pub(crate) closing: Duration,
    /// Window in which a client that blocks writing must read [`Deadlines::least_bytes`].
    pub(crate) write: Duration,
}

impl Deadlines {
    /// Minimum rate of reading, in bytes per second.
    const LEAST_RATE: u64 = 2 * 1024;

    fn least_bytes(&self) -> u64 {
        Self::LEAST_RATE * self.write.as_secs().max(1)
    }
}

/// State of a connection whose deadline has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    Head,
    Body,
    Idle,
    Closing,
    Write,
    Pipeline,
}

impl Overdue {
    pub(crate) const ALL: [Self; 6] = [Self::Head, Self::Body, Self::Idle, Self::Closing, Self::Write, Self::Pipeline];

    /// Returns the label in the metric.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Idle => "idle",
            Self::Closing => "closing",
            Self::Write => "write",
            Self::Pipeline => "pipeline",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A head is arriving.
    Head,
    /// The handler runs. This state has no deadline, because the handler may wait in a queue.
    Working,
    /// The handler waits for more of the body.
    AwaitingBody,
    /// The response has begun.
    Responding,
    /// The connection waits for the next request.
    Idle,
    /// The last response was produced.
    Closing,
}

/// Time window in which the client must read a minimum of bytes.
#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    written: u64,
}

#[derive(Debug, Clone, Copy)]
struct Snapshot {
    state: State,
    since: Instant,
    written: u64,
    is_blocked: bool,
    window: Option<Window>,
}

/// Progress of one connection, recorded by its stream and its requests, which run on one thread.
#[derive(Debug)]
pub(crate) struct Progress {
    now: Cell<Snapshot>,
    deadlines: Deadlines,
    /// Bytes of heads that have arrived since the connection was idle.
    ahead: Cell<u64>,
    has_body: Cell<bool>,
}

/// Maximum number of bytes of further requests that may arrive while one is answered. With more, actix fills its buffer
/// and polls the connection without a pause.
const MAX_AHEAD: u64 = 96 * 1024;

impl Progress {
    /// Returns the progress of a connection that was just accepted and waits for its first head.
    pub(crate) fn new(deadlines: Deadlines, at: Instant) -> Self {
        let first = Snapshot { state: State::Head, since: at, written: 0, is_blocked: false, window: None };
        Self { now: Cell::new(first), deadlines, ahead: Cell::new(0), has_body: Cell::new(false) }
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut now = self.now.get();
        change(&mut now);
        self.now.set(now);
    }

    fn enter(&self, state: State, at: Instant) {
        self.change(|now| (now.state, now.since) = (state, at));
    }

    /// Counts bytes that have arrived, except those of a body.
    pub(super) fn received(&self, bytes: usize) {
        if self.now.get().state == State::Idle {
            self.ahead.set(0);
        }
        if !self.has_body.get() {
            self.ahead.set(self.ahead.get() + bytes as u64);
        }
    }

    /// Notes whether the request that has begun has a body.
    pub(super) fn expects_body(&self, has_body: bool) {
        self.has_body.set(has_body);
    }

    /// Records that bytes arrived.
    pub(super) fn read_some(&self, at: Instant) {
        if self.now.get().state == State::Idle {
            self.enter(State::Head, at);
        }
    }

    /// Records that the client, or the buffers in between, accepted bytes.
    pub(super) fn wrote(&self, bytes: usize, at: Instant) {
        self.change(|now| {
            now.written += bytes as u64;
            // The time after a response starts when the response was written.
            if std::mem::take(&mut now.is_blocked) && matches!(now.state, State::Idle | State::Closing) {
                now.since = at;
            }
        });
    }

    /// Records that writing would block.
    pub(super) fn write_blocked(&self, at: Instant) {
        self.change(|now| {
            now.is_blocked = true;
            now.window.get_or_insert(Window { since: at, written: now.written });
        });
    }

    /// Records that a head is complete.
    pub(super) fn request_began(&self, at: Instant) {
        self.enter(State::Working, at);
    }

    /// Records that the handler waits for more of the body.
    pub(super) fn awaits_body(&self, at: Instant) {
        if self.now.get().state == State::Working {
            self.enter(State::AwaitingBody, at);
        }
    }

    /// Records that a part of the body, or its end, arrived.
    pub(super) fn body_moved(&self, at: Instant) {
        if self.now.get().state == State::AwaitingBody {
            self.enter(State::Working, at);
        }
    }

    /// Records that the head of the response is known.
    pub(super) fn response_began(&self, at: Instant) {
        self.enter(State::Responding, at);
    }

    /// Records that all of the response was produced. A part of it may still wait to be written.
    pub(super) fn response_ended(&self, closes: bool, at: Instant) {
        self.enter(if closes { State::Closing } else { State::Idle }, at);
        self.change(|now| {
            if !now.is_blocked {
                now.window = None;
            }
        });
    }

    /// True when writing is blocked because the client does not read.
    pub(super) fn is_blocked(&self) -> bool {
        self.now.get().is_blocked
    }

    /// True when the connection can end now without losing data.
    pub(super) fn is_at_rest(&self) -> bool {
        let now = self.now.get();
        !now.is_blocked && matches!(now.state, State::Head | State::Idle | State::Closing)
    }

    /// Returns the next deadline; `None` when there is none.
    ///
    /// # Errors
    /// When a deadline has passed.
    pub(super) fn deadline(&self, at: Instant) -> Result<Option<Instant>, Overdue> {
        self.roll_window(at)?;
        let now = self.now.get();
        let is_answering = matches!(now.state, State::Working | State::Responding);
        if is_answering && !self.has_body.get() && self.ahead.get() > MAX_AHEAD {
            return Err(Overdue::Pipeline);
        }
        let of_state = self.deadline_of_state(&now);
        if let Some((deadline, overdue)) = of_state
            && deadline <= at
        {
            return Err(overdue);
        }
        let of_window = now.window.map(|window| window.since + self.deadlines.write);
        Ok(of_state.map(|(deadline, _)| deadline).into_iter().chain(of_window).min())
    }

    /// Ends an expired window, and begins the next one when writing is still blocked.
    fn roll_window(&self, at: Instant) -> Result<(), Overdue> {
        let now = self.now.get();
        let Some(window) = now.window.filter(|window| window.since + self.deadlines.write <= at) else {
            return Ok(());
        };
        if now.is_blocked && now.written - window.written < self.deadlines.least_bytes() {
            return Err(Overdue::Write);
        }
        let next = now.is_blocked.then_some(Window { since: at, written: now.written });
        self.change(|now| now.window = next);
        Ok(())
    }

    fn deadline_of_state(&self, now: &Snapshot) -> Option<(Instant, Overdue)> {
        let (timeout, overdue) = match now.state {
            State::Working | State::Responding => return None,
            State::AwaitingBody => (self.deadlines.body, Overdue::Body),
            // Until the previous response is written, the write window applies.
            State::Head | State::Idle | State::Closing if now.is_blocked => return None,
            State::Head => (self.deadlines.head, Overdue::Head),
            State::Idle => (self.deadlines.idle, Overdue::Idle),
            State::Closing => (self.deadlines.closing, Overdue::Closing),
        };
        Some((now.since + timeout, overdue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

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
        fn after(&mut self, seconds: u32) -> Option<Overdue> {
            self.at += seconds * SECOND;
            self.progress.deadline(self.at).err()
        }

        fn note<T>(&self, event: impl FnOnce(&Progress, Instant) -> T) -> T {
            event(&self.progress, self.at)
        }
    }

    #[test]
    fn trickling_head_is_overdue_ten_seconds_after_its_first_byte() {
        let mut first = Connection::new();
        for _ in 0..9 {
            assert_eq!(first.after(1), None);
            first.note(Progress::read_some);
        }
        assert_eq!(first.after(1), Some(Overdue::Head));

        let mut second = Connection::new();
        second.note(Progress::request_began);
        second.note(Progress::response_began);
        second.note(|progress, at| progress.response_ended(false, at));
        assert_eq!(second.after(74), None);
        second.note(Progress::read_some);
        for _ in 0..9 {
            assert_eq!(second.after(1), None);
            second.note(Progress::read_some);
        }
        assert_eq!(second.after(1), Some(Overdue::Head));
    }

    #[test]
    fn each_state_has_its_deadline_and_a_running_handler_has_none() {
        let mut connection = Connection::new();
        connection.note(Progress::request_began);
        assert_eq!(connection.after(3600), None);
        connection.note(Progress::awaits_body);
        assert_eq!(connection.after(29), None);
        connection.note(Progress::body_moved);
        assert_eq!(connection.after(3600), None);
        connection.note(Progress::awaits_body);
        assert_eq!(connection.after(30), Some(Overdue::Body));
        connection.note(Progress::response_began);
        assert_eq!(connection.after(3600), None);
        connection.note(|progress, at| progress.response_ended(false, at));
        assert_eq!(connection.after(74), None);
        assert_eq!(connection.after(1), Some(Overdue::Idle));
        connection.note(|progress, at| progress.response_ended(true, at));
        assert_eq!(connection.after(2), Some(Overdue::Closing));
    }

    #[test]
    fn client_that_reads_nothing_is_overdue_in_every_state() {
        let mut connection = Connection::new();
        connection.note(Progress::request_began);
        connection.note(Progress::response_began);
        connection.note(Progress::write_blocked);
        assert_eq!(connection.after(29), None);
        // The rest of the response is in buffers, so the write window still applies.
        connection.note(|progress, at| progress.response_ended(true, at));
        assert_eq!(connection.after(1), Some(Overdue::Write));
    }

    #[test]
    fn client_that_reads_too_slowly_is_overdue_and_a_steady_one_is_not() {
        for (bytes_a_second, overdue) in [(1000, Some(Overdue::Write)), (2500, None)] {
            let mut connection = Connection::new();
            connection.note(Progress::response_began);
            let mut end = None;
            for _ in 0..300 {
                connection.note(Progress::write_blocked);
                end = end.or(connection.after(1));
                connection.note(|progress, at| progress.wrote(bytes_a_second, at));
            }
            assert_eq!(end, overdue, "{bytes_a_second}");
        }
    }

    #[test]
    fn closing_time_starts_when_the_response_is_written() {
        let mut connection = Connection::new();
        connection.note(Progress::response_began);
        connection.note(Progress::write_blocked);
        connection.note(|progress, at| progress.response_ended(true, at));
        assert!(!connection.progress.is_at_rest());
        assert_eq!(connection.after(20), None);
        connection.note(|progress, at| progress.wrote(100_000, at));
        assert!(connection.progress.is_at_rest());
        assert_eq!(connection.after(1), None);
        assert_eq!(connection.after(1), Some(Overdue::Closing));
    }

    #[test]
    fn requests_ahead_of_the_answer_are_limited_and_bodies_are_not() {
        let connection = Connection::new();
        connection.progress.received(100);
        connection.note(Progress::request_began);
        connection.progress.expects_body(true);
        connection.progress.received(5 * 1024 * 1024);
        assert!(connection.progress.deadline(connection.at).is_ok(), "a body");

        let connection = Connection::new();
        for _ in 0..3 {
            connection.progress.received(60 * 1024);
            connection.note(Progress::read_some);
            connection.note(Progress::request_began);
            connection.progress.expects_body(false);
            assert!(connection.progress.deadline(connection.at).is_ok(), "one request after the other");
            connection.progress.response_ended(false, connection.at);
        }
        connection.progress.received(60 * 1024);
        connection.note(Progress::request_began);
        connection.progress.received(40 * 1024);
        assert_eq!(connection.progress.deadline(connection.at), Err(Overdue::Pipeline));
    }
}
