//! Pixels of a picture.

/// Pixels with one byte for each channel.
pub(super) struct Samples {
    pub(super) colours: Colours,
    pub(super) pixels: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    Rgb,
    /// Amount of each ink.
    Cmyk,
}

impl Colours {
    pub(super) const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}
