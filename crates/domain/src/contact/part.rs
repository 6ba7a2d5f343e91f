//! Parts of long lists. A list is read in several statements, so that only a small part of it is in memory at once.

use super::Contact;

/// Usual text of a part in bytes. A page of a hundred usual contacts is one part.
const PART_BYTES: usize = 96 * 1024;
/// Text of a contact beside its card, in bytes: its id, the URL of its photo and its times.
const BESIDE_CARD: usize = 200;
/// Maximum number of contacts of a short read: a page of fifty, and the contact that shows whether there is another one.
/// The number of connections to the database bounds the short reads, so they need no other limit.
pub const SHORT_READ: u64 = 51;
/// Number of contacts of the first part. Their size is not known before they are read.
const FIRST: u64 = 100;
/// The same for a page that needs several parts anyway. Large contacts then need little memory.
const FIRST_OF_LONG_PAGE: u64 = 25;
/// Maximum number of contacts of a further part.
const MAX_CONTACTS: u64 = 200;

/// Progress of a page that is read in parts.
#[derive(Debug, Clone)]
pub(crate) struct PageProgress {
    remaining: u64,
    size: PartSize,
}

/// State of a page after one of its parts was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageState {
    /// The page has more parts. The next one begins after the last contact.
    Unfinished,
    /// The page is complete.
    Complete {
        /// True when another page follows.
        has_next: bool,
    },
}

impl PageProgress {
    pub(crate) fn new(limit: u64) -> Self {
        Self { remaining: limit, size: PartSize::default() }
    }

    /// Returns the number of contacts to read for the next part. The last part of a page has one extra contact, which
    /// shows whether there is a next page.
    pub(crate) fn limit(&self) -> u64 {
        let is_first = self.size.read_contacts == 0;
        let part = if is_first && self.remaining > FIRST { FIRST_OF_LONG_PAGE } else { self.size.contacts() };
        if part < self.remaining { part } else { self.remaining.saturating_add(1) }
    }

    /// Accepts the contacts that were read with the limit. Drops those that do not belong to the part.
    pub(crate) fn accept<T>(&mut self, items: &mut Vec<T>, contact: impl Fn(&T) -> Option<&Contact>) -> PageState {
        let (limit, read) = (self.limit(), length(items));
        let has_next = read > self.remaining;
        items.truncate(usize::try_from(self.remaining).unwrap_or(usize::MAX));
        let is_cut = self.size.cut(items, contact);
        self.remaining = self.remaining.saturating_sub(length(items));
        let has_more_parts = is_cut || (read >= limit && !has_next);
        if has_more_parts { PageState::Unfinished } else { PageState::Complete { has_next } }
    }
}

/// Size of the parts of one list. The number of contacts of a part follows from the average size of those before.
#[derive(Debug, Clone)]
pub(crate) struct PartSize {
    /// Number of contacts of the first part.
    first: u64,
    /// Number of contacts of the parts so far.
    read_contacts: usize,
    /// Their size.
    read_bytes: usize,
}

impl Default for PartSize {
    fn default() -> Self {
        Self { first: FIRST, read_contacts: 0, read_bytes: 0 }
    }
}

impl PartSize {
    /// Returns the size of a list that is usually complete after one short read.
    pub(crate) fn short() -> Self {
        Self { first: SHORT_READ, ..Self::default() }
    }

    /// Returns the number of contacts of the next part.
    pub(crate) fn contacts(&self) -> u64 {
        match self.read_bytes.checked_div(self.read_contacts) {
            None => self.first,
            Some(average) => {
                let fitting = PART_BYTES.checked_div(average).unwrap_or_default();
                u64::try_from(fitting).unwrap_or(MAX_CONTACTS).clamp(1, MAX_CONTACTS)
            }
        }
    }

    /// Drops the contacts beyond the size of a part, which are read again later. The first one always remains. Returns
    /// true when some were dropped.
    pub(crate) fn cut<T>(&mut self, items: &mut Vec<T>, contact: impl Fn(&T) -> Option<&Contact>) -> bool {
        self.cut_texts(items, |item| contact(item).map_or(0, |contact| contact.card.as_str().len()))
    }

    /// Does the same for items whose texts have these sizes.
    pub(crate) fn cut_texts<T>(&mut self, items: &mut Vec<T>, text_bytes: impl Fn(&T) -> usize) -> bool {
        let (mut bytes, mut fitting) = (0, 0);
        for item in &*items {
            if bytes >= PART_BYTES {
                break;
            }
            bytes += text_bytes(item) + BESIDE_CARD;
            fitting += 1;
        }
        let is_cut = fitting < items.len();
        items.truncate(fitting);
        self.read_contacts += fitting;
        self.read_bytes += bytes;
        is_cut
    }
}

/// Returns the number of items.
pub(crate) fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
