//! Finds the cards in a stream of lines.

use super::transcoder::Ready;
use crate::{
    error::Problem,
    lexer::{is_begin, is_end},
};

/// Maximum number of bytes that are stored of a line outside of cards.
const MAX_LINE_OUTSIDE: usize = 1024;

/// A card, or lines that are none.
pub(super) struct Found {
    /// Number of the first line.
    pub line: usize,
    /// Bytes of the card.
    pub card: Result<Vec<u8>, Problem>,
}

/// Position in the stream, and the bytes of the card that is not complete yet.
pub(super) struct Frame {
    max: usize,
    buffer: Vec<u8>,
    /// Start of the current line in the buffer.
    line_start: usize,
    /// True when the start of the current line is no longer in the buffer.
    is_line_cut: bool,
    /// Number of the current line.
    line: usize,
    /// Number of the first line of the card.
    first: usize,
    /// Number of BEGIN without END: more than 1 inside of the card of an AGENT, 0 outside of cards.
    depth: usize,
    /// True for a card that is too large: the rest of it is skipped. Without meaning outside of cards.
    is_skipped: bool,
    /// True after lines outside of cards, which are reported once.
    is_reported: bool,
    is_after_agent: bool,
    is_after_return: bool,
}

impl Frame {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            buffer: Vec::new(),
            line_start: 0,
            is_line_cut: false,
            line: 1,
            first: 1,
            depth: 0,
            is_skipped: false,
            is_reported: false,
            is_after_agent: false,
            is_after_return: false,
        }
    }

    /// Reads bytes until a card or an error is found.
    pub(super) fn advance(&mut self, mut ready: Ready<'_>) -> Option<Found> {
        while !ready.bytes().is_empty() {
            let bytes = ready.bytes();
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (piece, _) = bytes.split_at_checked(end.map_or(bytes.len(), |end| end + 1)).unwrap_or((bytes, &[]));
            self.buffer.extend_from_slice(piece);
            ready.take(piece.len());
            let too_large = self.check_size();
            let found = if end.is_some() { self.end_line(piece.ends_with(b"\r")) } else { None };
            if too_large.is_some() || found.is_some() {
                return too_large.or(found);
            }
        }
        None
    }

    /// Ends the stream. To be called until it returns `None`.
    pub(super) fn finish(&mut self) -> Option<Found> {
        // Without a line this closes a blank one.
        let found = self.close_line();
        if found.is_some() {
            return found;
        }
        let is_open = self.is_stored();
        self.depth = 0;
        self.next_line();
        is_open.then_some(Found { line: self.first, card: Err(Problem::NoEnd) })
    }

    /// Returns true inside of a card that is not skipped.
    fn is_stored(&self) -> bool {
        self.depth > 0 && !self.is_skipped
    }

    /// Drops the bytes of a card that is too large, and of a long line outside of cards.
    fn check_size(&mut self) -> Option<Found> {
        let is_stored = self.is_stored();
        if self.buffer.len() <= if is_stored { self.max } else { MAX_LINE_OUTSIDE } {
            return None;
        }
        self.is_line_cut = true;
        self.is_skipped = true;
        self.buffer = Vec::new();
        self.next_line();
        is_stored.then_some(Found { line: self.first, card: Err(Problem::CardTooLarge { max: self.max }) })
    }

    /// Ends a line at CR or LF. Further ones of `CR CR LF` belong to the same line end.
    fn end_line(&mut self, is_return: bool) -> Option<Found> {
        let is_second = self.is_after_return && !self.is_line_cut && self.buffer.len() == self.line_start + 1;
        self.is_after_return = is_return;
        if is_second {
            self.next_line();
            return None;
        }
        let found = self.close_line();
        self.line += 1;
        found
    }

    fn next_line(&mut self) {
        if !self.is_stored() {
            self.buffer.clear();
        }
        self.line_start = self.buffer.len();
    }

    /// Reads the current line, and begins the next one.
    fn close_line(&mut self) -> Option<Found> {
        let line = self.buffer.get(self.line_start..).unwrap_or_default();
        let kind = if std::mem::take(&mut self.is_line_cut) { LineKind::Other } else { LineKind::of(line) };
        let is_after_agent = std::mem::replace(&mut self.is_after_agent, kind == LineKind::Agent);
        let found = match kind {
            LineKind::Begin if is_after_agent && self.depth > 0 => {
                self.depth += 1;
                None
            }
            LineKind::Begin => self.begin_card(),
            LineKind::End | LineKind::EndAndBegin if self.depth > 1 => {
                self.depth -= 1;
                None
            }
            LineKind::End if self.depth == 1 => self.end_card(),
            LineKind::EndAndBegin => {
                let begin = self.buffer.split_off(self.line_start + END.len());
                let found = self.end_card();
                self.buffer = begin;
                self.begin_card();
                found
            }
            LineKind::Blank => None,
            _ if self.depth == 0 => self.report(),
            _ => None,
        };
        self.next_line();
        found
    }

    /// Begins a card with the current line. Returns the error of a card without end before it.
    fn begin_card(&mut self) -> Option<Found> {
        let is_open = self.is_stored();
        let error = Found { line: self.first, card: Err(Problem::NoEnd) };
        self.buffer.drain(..self.line_start.min(self.buffer.len()));
        self.first = self.line;
        self.depth = 1;
        self.is_skipped = false;
        self.is_reported = false;
        is_open.then_some(error)
    }

    /// Ends a card with the current line.
    fn end_card(&mut self) -> Option<Found> {
        let is_stored = self.is_stored();
        self.depth = 0;
        let mut card = std::mem::take(&mut self.buffer);
        self.line_start = 0;
        if card.ends_with(b"\r") {
            // The LF, which is not read yet.
            card.push(b'\n');
        }
        is_stored.then_some(Found { line: self.first, card: Ok(card) })
    }

    /// Returns the error for the first of several lines outside of cards.
    fn report(&mut self) -> Option<Found> {
        let is_first = !std::mem::replace(&mut self.is_reported, true);
        is_first.then_some(Found { line: self.line, card: Err(Problem::OutsideCard) })
    }
}

const END: &str = "END:VCARD";

/// Part of a line in the structure of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Begin,
    End,
    /// The end of a file and the begin of the next one, joined without a line end.
    EndAndBegin,
    /// AGENT without a value: the card that follows belongs to it.
    Agent,
    Blank,
    Other,
}

impl LineKind {
    fn of(line: &[u8]) -> Self {
        let end = line.get(..END.len()).is_some_and(|start| start.eq_ignore_ascii_case(END.as_bytes()));
        if is_begin(line) {
            Self::Begin
        } else if is_end(line) {
            Self::End
        } else if end && line.get(END.len()..).is_some_and(is_begin) {
            Self::EndAndBegin
        } else if is_agent(line) {
            Self::Agent
        } else if line.iter().all(|byte| byte.is_ascii_whitespace() || matches!(*byte, 0 | DOS_END_OF_FILE)) {
            Self::Blank
        } else {
            Self::Other
        }
    }
}

/// Ctrl-Z, the last character of files from DOS.
const DOS_END_OF_FILE: u8 = 0x1a;

fn is_agent(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let name = line.get(..5).unwrap_or_default();
    name.eq_ignore_ascii_case(b"AGENT") && line.iter().position(|byte| *byte == b':') == Some(line.len() - 1)
}
