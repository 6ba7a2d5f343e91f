//! The value type of a charset.

use std::fmt;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A charset that the Encoding Standard knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

/// Charset of a file as far as the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CharsetChoice {
    /// Charset that the user has chosen. Only a byte order mark has precedence over it.
    pub declared: Option<Charset>,
    /// Locale of the user, such as `uk` or `ja-JP`: a hint where several charsets are possible.
    pub locale: Option<String>,
}

impl Charset {
    /// UTF-8.
    pub const UTF_8: Self = Self(UTF_8);
    /// UTF-16, the first byte is the low one.
    pub const UTF_16LE: Self = Self(UTF_16LE);
    /// UTF-16, the first byte is the high one.
    pub const UTF_16BE: Self = Self(UTF_16BE);

    /// Returns the charset with this name or alias, such as `windows-1251` or `cp1251`.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        Encoding::for_label_no_replacement(label.as_bytes()).map(Self)
    }

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Returns true for both forms of UTF-16.
    pub(crate) fn is_utf_16(self) -> bool {
        self == Self::UTF_16LE || self == Self::UTF_16BE
    }

    /// Decodes bytes. Wrong ones become U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        self.0.decode_without_bom_handling(bytes).0.into_owned()
    }

    /// Returns a decoder of a stream.
    pub(crate) fn stream_decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_with_bom_removal()
    }

    /// Finds UTF-16 at the start of a stream: by its byte order mark, by the choice of the user, or by the zeros beside
    /// ASCII characters. `start` has at least 3 bytes, except in a shorter stream.
    pub(crate) fn utf_16_of(start: &[u8], declared: Option<Self>) -> Option<Self> {
        let declared = declared.filter(|charset| charset.is_utf_16());
        match start {
            [0xff, 0xfe, ..] => Some(Self::UTF_16LE),
            [0xfe, 0xff, ..] => Some(Self::UTF_16BE),
            [0xef, 0xbb, 0xbf, ..] => None,
            _ if declared.is_some() => declared,
            [0, low, ..] if *low != 0 => Some(Self::UTF_16BE),
            [low, 0, ..] if *low != 0 => Some(Self::UTF_16LE),
            _ => None,
        }
    }

    /// Maximum number of bytes by which a charset is guessed.
    pub(super) const SAMPLE: usize = 65_536;

    /// Returns the most probable charset of bytes that are not UTF-8, by a sample of them.
    pub(crate) fn guess(bytes: &[u8]) -> Self {
        let mut detector = Self::new_detector();
        detector.feed(bytes.get(..Self::SAMPLE).unwrap_or(bytes), true);
        Self::guess_of(&detector, None)
    }

    pub(super) fn new_detector() -> EncodingDetector {
        EncodingDetector::new(Iso2022JpDetection::Allow)
    }

    pub(super) fn guess_of(detector: &EncodingDetector, domain: Option<&[u8]>) -> Self {
        Self(detector.guess(domain, Utf8Detection::Deny))
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
