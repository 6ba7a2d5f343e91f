//! State of one connection, and the next deadline. This module uses no sockets and no timers.

use std::{
    cell::{Cell, RefCell},
    task::Waker,
};

use tokio::time::Instant;

use super::deadlines::{Deadlines, MissedDeadline};

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
    /// Bytes that may be read before the connection is polled again.
    turn: Cell<usize>,
    /// Bytes that were read while a request is answered, since its handler was last given, or found no more of, a body.
    ahead: Cell<usize>,
    /// Reader that waits for the end of a response, or for a handler that wants more of a body.
    waiting: RefCell<Option<Waker>>,
}

/// Maximum number of bytes that are read at once. actix parses all requests in what it has read: up to 57 in these, of about
/// 7 KiB each.
const TURN: usize = 1024;
/// Maximum number of bytes of further requests that are read while one is answered.
const MAX_AHEAD: usize = 1024;
/// Maximum number of bytes that are read after a handler has found no more of a body. Some handlers look for more before
/// they use what they have. Chunks may have extensions that no handler gets.
const MAX_AHEAD_OF_BODY: usize = 8 * 1024;

/// Number of bytes that may be read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readable {
    /// At most this number.
    Now(usize),
    /// None until the connection is polled again.
    NextTurn,
    /// None until the state of the request changes.
    Later,
}

impl Progress {
    /// Returns the progress of a connection that was just accepted and waits for its first head.
    pub(crate) fn new(deadlines: Deadlines, at: Instant) -> Self {
        let first = Snapshot { state: State::Head, since: at, written: 0, is_blocked: false, window: None };
        let (turn, ahead, waiting) = (Cell::new(TURN), Cell::new(0), RefCell::default());
        Self { now: Cell::new(first), deadlines, turn, ahead, waiting }
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut now = self.now.get();
        change(&mut now);
        self.now.set(now);
    }

    fn enter(&self, state: State, at: Instant) {
        self.change(|now| (now.state, now.since) = (state, at));
    }

    /// Maximum number of bytes that are read ahead; `None` while no request is answered.
    fn max_ahead(&self) -> Option<usize> {
        match self.now.get().state {
            State::Working | State::Responding => Some(MAX_AHEAD),
            State::AwaitingBody => Some(MAX_AHEAD_OF_BODY),
            State::Head | State::Idle | State::Closing => None,
        }
    }

    /// Records that the connection is polled.
    pub(super) fn begin_turn(&self) {
        self.turn.set(TURN);
    }

    /// Returns the number of bytes that may be read now.
    pub(super) fn readable(&self) -> Readable {
        let rest = self.max_ahead().map_or(usize::MAX, |max| max.saturating_sub(self.ahead.get()));
        match (rest, self.turn.get()) {
            (0, _) => Readable::Later,
            (_, 0) => Readable::NextTurn,
            (rest, turn) => Readable::Now(rest.min(turn)),
        }
    }

    /// Counts bytes that were read.
    pub(super) fn received(&self, bytes: usize) {
        self.turn.set(self.turn.get().saturating_sub(bytes));
        self.ahead.set(if self.max_ahead().is_some() { self.ahead.get() + bytes } else { 0 });
    }

    /// True when bytes were read that actix may not parse before the response has ended.
    pub(super) fn has_read_ahead(&self) -> bool {
        self.ahead.get() > 0
    }

    /// Wakes this reader when a response has ended, or a handler has found no more of a body.
    pub(super) fn wait(&self, reader: &Waker) {
        self.waiting.replace(Some(reader.clone()));
    }

    fn wake(&self) {
        if let Some(reader) = self.waiting.take() {
            reader.wake();
        }
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
        if self.now.get().state == State::AwaitingBody {
            self.ahead.set(0);
            self.wake();
        }
    }

    /// Records that a part of the body, or its end, arrived.
    pub(super) fn body_moved(&self, at: Instant) {
        if self.now.get().state == State::AwaitingBody {
            self.enter(State::Working, at);
            self.ahead.set(0);
        }
    }

    /// Records that the head of the response is known.
    pub(super) fn response_began(&self, at: Instant) {
        self.enter(State::Responding, at);
    }

    /// Records that all of the response was produced. A part of it may still wait to be written.
    pub(super) fn response_ended(&self, closes: bool, at: Instant) {
        self.enter(if closes { State::Closing } else { State::Idle }, at);
        self.wake();
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
    pub(super) fn deadline(&self, at: Instant) -> Result<Option<Instant>, MissedDeadline> {
        self.roll_window(at)?;
        let now = self.now.get();
        let of_state = self.deadline_of_state(&now);
        if let Some((deadline, missed)) = of_state
            && deadline <= at
        {
            return Err(missed);
        }
        let of_window = now.window.map(|window| window.since + self.deadlines.write);
        Ok(of_state.map(|(deadline, _)| deadline).into_iter().chain(of_window).min())
    }

    /// Ends an expired window, and begins the next one when writing is still blocked.
    fn roll_window(&self, at: Instant) -> Result<(), MissedDeadline> {
        let now = self.now.get();
        let Some(window) = now.window.filter(|window| window.since + self.deadlines.write <= at) else {
            return Ok(());
        };
        if now.is_blocked && now.written - window.written < self.deadlines.least_bytes() {
            return Err(MissedDeadline::Write);
        }
        let next = now.is_blocked.then_some(Window { since: at, written: now.written });
        self.change(|now| now.window = next);
        Ok(())
    }

    fn deadline_of_state(&self, now: &Snapshot) -> Option<(Instant, MissedDeadline)> {
        let (timeout, missed) = match now.state {
            State::Working | State::Responding => return None,
            State::AwaitingBody => (self.deadlines.body, MissedDeadline::Body),
            // Until the previous response is written, the write window applies.
            State::Head | State::Idle | State::Closing if now.is_blocked => return None,
            State::Head => (self.deadlines.head, MissedDeadline::Head),
            State::Idle => (self.deadlines.idle, MissedDeadline::Idle),
            State::Closing => (self.deadlines.closing, MissedDeadline::Closing),
        };
        Some((now.since + timeout, missed))
    }
}
