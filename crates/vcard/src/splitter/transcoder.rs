//! Makes a stream of bytes a superset of ASCII: UTF-16 becomes UTF-8, other charsets pass.

use crate::charset::Charset;

/// Number of bytes that are read at once.
const CHUNK: usize = 16_384;

pub(super) struct Transcoder {
    /// First bytes of the stream, until the charset is known.
    start: Vec<u8>,
    declared: Option<Charset>,
    state: State,
    /// Bytes that are ready, and the number of them that are already read.
    chunk: Vec<u8>,
    position: usize,
}

enum State {
    Start,
    Pass,
    Utf16(encoding_rs::Decoder),
}

/// Bytes that are ready. [`Ready::take`] removes them from the front.
pub(super) struct Ready<'a> {
    bytes: &'a [u8],
    position: &'a mut usize,
}

impl<'a> Ready<'a> {
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes.get(*self.position..).unwrap_or_default()
    }

    pub(super) fn take(&mut self, number: usize) {
        *self.position += number;
    }
}

impl Transcoder {
    pub(super) fn new(declared: Option<Charset>) -> Self {
        Self { start: Vec::new(), declared, state: State::Start, chunk: Vec::new(), position: 0 }
    }

    pub(super) fn ready(&mut self) -> Ready<'_> {
        Ready { bytes: &self.chunk, position: &mut self.position }
    }

    /// Replaces the chunk by the next one. Returns false when `input` is empty.
    pub(super) fn refill(&mut self, input: &mut &[u8]) -> bool {
        const LONGEST_MARK: usize = 3;
        if input.is_empty() {
            return false;
        }
        if matches!(self.state, State::Start) {
            let missing = LONGEST_MARK.saturating_sub(self.start.len());
            self.start.extend_from_slice(take(input, missing));
            if self.start.len() < LONGEST_MARK {
                return false;
            }
            self.begin();
            return true;
        }
        self.set_chunk(take(input, CHUNK), false);
        true
    }

    /// Makes the last bytes ready. Without effect when called again.
    pub(super) fn finish(&mut self) {
        match self.state {
            State::Start => self.begin(),
            State::Utf16(_) => self.set_chunk(&[], true),
            State::Pass => {}
        }
    }

    fn begin(&mut self) {
        let start = std::mem::take(&mut self.start);
        let utf_16 = Charset::utf_16_of(&start, self.declared);
        self.state = utf_16.map_or(State::Pass, |charset| State::Utf16(charset.stream_decoder()));
        self.set_chunk(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start), false);
    }

    fn set_chunk(&mut self, bytes: &[u8], is_last: bool) {
        self.chunk.clear();
        self.position = 0;
        let State::Utf16(decoder) = &mut self.state else {
            self.chunk.extend_from_slice(bytes);
            return;
        };
        // There is a length: the bytes of a chunk are far fewer than the address space.
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or_default());
        let _ = decoder.decode_to_string(bytes, &mut text, is_last);
        self.chunk = text.into_bytes();
        if is_last {
            self.state = State::Pass;
        }
    }
}

fn take<'a>(input: &mut &'a [u8], number: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(number).unwrap_or((input, &[]));
    *input = rest;
    taken
}
