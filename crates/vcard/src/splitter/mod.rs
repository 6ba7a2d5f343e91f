//! Splits a stream of bytes into cards.
//!
//! `transcoder.rs` makes the stream a superset of ASCII, `frame.rs` finds the cards in it.

mod frame;
mod transcoder;

use self::{
    frame::{Found, Frame},
    transcoder::Transcoder,
};
use crate::{
    charset::{Charset, CharsetChoice, Decoder},
    error::{Problem, ReadError},
    limits::Limits,
};

/// One card of a file, or a part of it that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Position in the file, from 0. Errors have a position, too.
    pub index: usize,
    /// Number of the first line, from 1.
    pub line: usize,
    /// Text of the card.
    pub card: Result<Received, ReadError>,
}

/// Text of a card, and its charset in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The text, from BEGIN:VCARD to END:VCARD, without characters that XML forbids.
    pub text: String,
    /// The charset of the lines that do not declare one.
    pub charset: Charset,
}

/// Splits a stream into cards. It stores at most one card.
///
/// ```
/// # use vcard::{CharsetChoice, Limits, Splitter};
/// let mut splitter = Splitter::new(Limits::default(), &CharsetChoice::default());
/// let mut entries = Vec::new();
/// for chunk in ["BEGIN:VCARD\nVERSION:3.0\nFN:Le", "sia\nEND:VCARD"] {
///     let mut rest = chunk.as_bytes();
///     while let Some(entry) = splitter.next(&mut rest) {
///         entries.push(entry);
///     }
/// }
/// while let Some(entry) = splitter.finish() {
///     entries.push(entry);
/// }
/// assert_eq!(entries.len(), 1);
/// ```
pub struct Splitter {
    limits: Limits,
    transcoder: Transcoder,
    frame: Frame,
    decoder: Decoder,
    entries: usize,
}

impl Splitter {
    /// Creates a splitter of one file.
    #[must_use]
    pub fn new(limits: Limits, charset: &CharsetChoice) -> Self {
        Self {
            limits,
            transcoder: Transcoder::new(charset.declared),
            frame: Frame::new(limits.card_bytes),
            decoder: Decoder::new(charset),
            entries: 0,
        }
    }

    /// Reads from the front of `input` until a card is complete. Returns `None` when `input` is read, and more is
    /// needed.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Entry> {
        loop {
            if let Some(found) = self.frame.advance(self.transcoder.ready()) {
                return Some(self.entry(found));
            }
            if !self.transcoder.refill(input) {
                return None;
            }
        }
    }

    /// Ends the stream. To be called until it returns `None`.
    pub fn finish(&mut self) -> Option<Entry> {
        self.transcoder.finish();
        let found = self.frame.advance(self.transcoder.ready()).or_else(|| self.frame.finish())?;
        Some(self.entry(found))
    }

    fn entry(&mut self, found: Found) -> Entry {
        let index = self.entries;
        self.entries += 1;
        let Found { line, card } = found;
        let card = match card {
            Ok(bytes) => {
                let (text, charset) = self.decoder.decode(bytes);
                // A text can be longer than its bytes.
                let max = self.limits.card_bytes;
                let fits = text.len() <= max;
                fits.then_some(Received { text, charset }).ok_or(Problem::CardTooLarge { max })
            }
            Err(problem) => Err(problem),
        };
        Entry { index, line, card: card.map_err(|problem| ReadError { line, problem }) }
    }
}

/// Splits a whole file into cards.
pub fn split<'a>(file: &'a [u8], limits: Limits, charset: &CharsetChoice) -> impl Iterator<Item = Entry> + use<'a> {
    let mut splitter = Splitter::new(limits, charset);
    let mut rest = file;
    std::iter::from_fn(move || splitter.next(&mut rest).or_else(|| splitter.finish()))
}
