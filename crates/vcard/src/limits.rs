//! Bounds of the input.

/// Bounds of one card. A card outside of them is an error; the cards after it are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of bytes of a card.
    pub card_bytes: usize,
    /// Maximum number of bytes of a content line with its continuation lines.
    pub line_bytes: usize,
    /// Maximum number of content lines of a card.
    pub lines: usize,
}

impl Limits {
    /// Maximum number of categories that are read from a card. The others stay in its text.
    pub(crate) const CATEGORIES: usize = 1_000;
}

impl Default for Limits {
    /// 8 MiB for a card and for a line, which is enough for a photo of 6 MB; 10,000 lines.
    fn default() -> Self {
        Self { card_bytes: 8 << 20, line_bytes: 8 << 20, lines: 10_000 }
    }
}
