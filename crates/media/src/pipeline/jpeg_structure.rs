//! Structure of a JPEG, read from its markers (ITU-T T.81): the frame header, and the completeness of the scans. A
//! decoder fills missing parts with grey and reports success.

use domain::picture::PictureError;

/// Maximum number of scans, more than any encoder writes. Each scan is a pass over the whole picture, even if it has
/// few bytes.
const MAX_SCANS: usize = 100;

pub(super) const BLOCK_SIDE: u64 = 8;

/// Number of coefficients of a block.
const COEFFICIENTS: usize = 64;
/// Number of missing bits of a coefficient that no scan has sent. A scan leaves out 13 bits at most.
const NOT_SENT: u8 = 14;

const MARKER_LENGTH: usize = 2;
const PROGRESSIVE_FRAME: u8 = 0xC2;
const HUFFMAN_TABLES: u8 = 0xC4;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// Frame header.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) is_progressive: bool,
    pub(super) components: Vec<Component>,
}

/// Component with its sampling factors.
#[derive(Debug)]
pub(super) struct Component {
    id: u8,
    pub(super) across: u8,
    pub(super) down: u8,
}

impl Frame {
    /// Reads the markers up to the frame header.
    ///
    /// # Errors
    /// `UnsupportedFormat` for arithmetic, lossless and hierarchical coding, 12 bits, and two components. Browsers do
    /// not support these either.
    pub(super) fn read(jpeg: &[u8]) -> Result<Self, PictureError> {
        for (marker, segment) in Segments(jpeg) {
            match marker {
                0xC0..=PROGRESSIVE_FRAME => return Self::parse(segment, marker == PROGRESSIVE_FRAME),
                HUFFMAN_TABLES => {}
                0xC3..=0xCF => return Err(PictureError::UnsupportedFormat),
                START_OF_SCAN | END_OF_IMAGE => break,
                _ => {}
            }
        }
        Err(PictureError::Damaged)
    }

    /// Parses a frame header (B.2.2).
    fn parse(segment: &[u8], is_progressive: bool) -> Result<Self, PictureError> {
        let [precision, h1, h2, w1, w2, count, components @ ..] = segment else { return Err(PictureError::Damaged) };
        if *precision != 8 || !matches!(count, 1 | 3 | 4) {
            return Err(PictureError::UnsupportedFormat);
        }
        let (height, width) = (u16::from_be_bytes([*h1, *h2]), u16::from_be_bytes([*w1, *w2]));
        let components = components.as_chunks::<3>().0.iter().take(usize::from(*count));
        let components =
            components.map(|[id, factors, _]| Component { id: *id, across: factors >> 4, down: factors & 15 });
        let components: Vec<_> = components.collect();
        let has_factors = |each: &Component| (1..=4).contains(&each.across) && (1..=4).contains(&each.down);
        let is_whole = components.len() == usize::from(*count) && components.iter().all(has_factors);
        if is_whole && width > 0 && height > 0 {
            Ok(Self { width, height, is_progressive, components })
        } else {
            Err(PictureError::Damaged)
        }
    }

    /// Checks that the scans complete every component and have enough data, up to the end of the image. Ignores the
    /// bytes after it.
    pub(super) fn check_scans(&self, jpeg: &[u8]) -> Result<(), PictureError> {
        let mut sent = vec![Coefficients::default(); self.components.len()];
        let (mut frames, mut scans, mut data) = (0, 0, 0);
        let mut segments = Segments(jpeg);
        while let Some((marker, segment)) = segments.next() {
            match marker {
                HUFFMAN_TABLES => {}
                0xC0..=0xCF => {
                    frames += 1;
                    if frames > 1 {
                        return Err(PictureError::UnsupportedFormat);
                    }
                }
                START_OF_SCAN => {
                    scans += 1;
                    let scan = self.scan(segment, &mut sent).filter(|()| scans <= MAX_SCANS);
                    scan.ok_or(PictureError::Damaged)?;
                    data += segments.bytes_to_next_marker();
                }
                END_OF_IMAGE => {
                    let is_complete = data >= self.min_bytes() && sent.iter().all(Coefficients::are_complete);
                    return if is_complete { Ok(()) } else { Err(PictureError::Damaged) };
                }
                _ => {}
            }
        }
        Err(PictureError::Damaged)
    }

    /// Reads a scan header (B.2.3), and adds its coefficients to those of its components.
    fn scan(&self, segment: &[u8], sent: &mut [Coefficients]) -> Option<()> {
        let (count, rest) = segment.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let [first, last, bits, ..] = rest else { return None };
        // A sequential scan has all coefficients, whatever its header states.
        let (first, last, bits) = if self.is_progressive { (*first, *last, *bits) } else { (0, 63, 0) };
        for [id, _] in selectors.as_chunks::<2>().0 {
            let component = self.components.iter().position(|component| component.id == *id)?;
            sent.get_mut(component)?.add(first, last, bits)?;
        }
        Some(())
    }

    /// Returns the minimum length of the entropy-coded data, in bytes. Each block has at least two codes, or one in the
    /// first scan of a progressive picture.
    pub(super) fn min_bytes(&self) -> u64 {
        let (max_across, max_down) = self.max_factors();
        let blocks = |side: u16, factor: u8, max: u8| {
            (u64::from(side) * u64::from(factor)).div_ceil(u64::from(max)).div_ceil(BLOCK_SIDE)
        };
        let component =
            |each: &Component| blocks(self.width, each.across, max_across) * blocks(self.height, each.down, max_down);
        let codes = if self.is_progressive { 1 } else { 2 };
        codes * self.components.iter().map(component).sum::<u64>() / 8
    }

    /// Returns the maximum sampling factors, across and down.
    pub(super) fn max_factors(&self) -> (u8, u8) {
        self.components.iter().fold((1, 1), |(across, down), each| (across.max(each.across), down.max(each.down)))
    }
}

/// Coefficients of a component: for each, the number of low bits that no scan has sent.
///
/// A coefficient is sent once, and then refined by scans that leave out fewer bits (G.1.1.1.2). A scan that sends it
/// again is rejected: it costs as much as the first one, and needs no data, because a decoder reads zeros when it meets
/// the next marker. No encoder writes one.
#[derive(Clone)]
struct Coefficients([u8; COEFFICIENTS]);

impl Default for Coefficients {
    fn default() -> Self {
        Self([NOT_SENT; COEFFICIENTS])
    }
}

impl Coefficients {
    /// Adds the coefficients of a scan. `bits` has two numbers of 4 bits each: the low bits that were left out before,
    /// or 0 in a first scan, and those that are left out now. Returns `None` when the scan sends a coefficient again.
    fn add(&mut self, first: u8, last: u8, bits: u8) -> Option<()> {
        let (is_first_scan, left_out) = (bits >> 4 == 0, bits & 15);
        let band = self.0.get_mut(usize::from(first)..=usize::from(last))?;
        let is_new = |missing: &u8| left_out < *missing && (!is_first_scan || *missing == NOT_SENT);
        if !band.iter().all(is_new) {
            return None;
        }
        band.fill(left_out);
        Some(())
    }

    fn are_complete(&self) -> bool {
        self.0.iter().all(|missing| *missing == 0)
    }
}

/// Iterator over the markers of a JPEG and their segments.
struct Segments<'file>(&'file [u8]);

impl<'file> Iterator for Segments<'file> {
    type Item = (u8, &'file [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut marker, mut after) = next_marker(self.0)?;
        while marker == START_OF_IMAGE {
            (marker, after) = next_marker(after)?;
        }
        if marker == END_OF_IMAGE {
            self.0 = &[];
            return Some((marker, &[]));
        }
        // Skips a segment by its length, so that an end marker of an embedded thumbnail is ignored.
        let (segment, rest) = after.split_at_checked(usize::from(u16::from_be_bytes(*after.first_chunk()?)))?;
        self.0 = rest;
        Some((marker, segment.get(2..)?))
    }
}

impl Segments<'_> {
    /// Returns the number of bytes up to the next marker. After a scan header these are its entropy-coded data.
    fn bytes_to_next_marker(&self) -> u64 {
        let bytes = next_marker(self.0).map_or(0, |(_, after)| self.0.len() - after.len() - MARKER_LENGTH);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Returns the next marker outside entropy-coded data, and the bytes after it.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let prefix = rest.iter().position(|byte| *byte == 0xFF)?;
        rest = rest.get(prefix + 1..)?;
        match *rest.first()? {
            // Fill bytes, stuffed zeros, TEM and restart markers have no segment.
            0xFF | 0x00 | 0x01 | 0xD0..=0xD7 => {}
            marker => return Some((marker, rest.get(1..)?)),
        }
    }
}
