//! What a file says of itself, found by walking its markers: whether it is whole, and for a JPEG what reading it
//! will cost. Decoders fill what is missing with grey and report success, and take what memory they need.

const PNG_SIGNATURE_LENGTH: usize = 8;
/// Length, type and checksum of a chunk.
const PNG_CHUNK_OVERHEAD: usize = 12;

/// More scans than any encoder writes. Each is a pass over the whole picture, however few bytes it has.
const MOST_SCANS: usize = 100;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const BLOCK_SIDE: u64 = 8;
const COEFFICIENTS: u64 = 64;

/// What the headers of a JPEG say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JpegStructure {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) is_progressive: bool,
    pub(crate) components: Vec<Component>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) id: u8,
    pub(crate) across: u8,
    pub(crate) down: u8,
    /// Which table of steps.
    pub(crate) quantization: u8,
    /// Which coefficients have come to their last bit.
    finished: u64,
}

/// Why a JPEG is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JpegFault {
    /// It is cut off, or contradicts itself.
    Damaged,
    /// Arithmetic, lossless or hierarchical coding, 12 bits, or two components: no browser shows it either.
    Unsupported,
}

impl JpegStructure {
    /// Walks the markers up to the end of the image. What follows it does not matter.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, JpegFault> {
        const START_OF_SCAN: u8 = 0xDA;
        let (mut structure, mut scans) = (Self::default(), 0);
        for (marker, segment, _) in Segments(bytes) {
            match marker {
                END_OF_IMAGE => {
                    return if structure.is_complete() { Ok(structure) } else { Err(JpegFault::Damaged) };
                }
                0xC0..=0xC2 => structure.frame(segment, marker == 0xC2)?,
                // Huffman tables; every other code of this row is a frame we do not take.
                0xC4 => {}
                0xC3..=0xCF => return Err(JpegFault::Unsupported),
                START_OF_SCAN => {
                    scans += 1;
                    structure.scan(segment).filter(|()| scans <= MOST_SCANS).ok_or(JpegFault::Damaged)?;
                }
                _ => {}
            }
        }
        Err(JpegFault::Damaged)
    }

    /// Bytes that a decoder takes at the worst when it shrinks each side to this many eighths.
    pub(crate) fn cost(&self, eighths: u8) -> u64 {
        let eighths = u64::from(eighths);
        let (across, down) = self.most();
        let columns = u64::from(self.width).div_ceil(BLOCK_SIDE * u64::from(across));
        let rows = u64::from(self.height).div_ceil(BLOCK_SIDE * u64::from(down));
        let blocks: u64 = self.components.iter().map(|each| u64::from(each.across) * u64::from(each.down)).sum();
        let blocks = columns * rows * blocks;
        // All coefficients of a progressive picture wait for the last scan, two bytes each.
        let waiting = if self.is_progressive { blocks * COEFFICIENTS * 2 } else { 0 };
        let planes = blocks * eighths * eighths;
        let shrunk = |side: u16| (u64::from(side) * eighths).div_ceil(8);
        let channels = u64::try_from(self.components.len()).unwrap_or(u64::MAX);
        waiting + planes + shrunk(self.width) * shrunk(self.height) * channels
    }

    /// The greatest sampling factors, across and down.
    pub(crate) fn most(&self) -> (u8, u8) {
        self.components.iter().fold((1, 1), |(across, down), each| (across.max(each.across), down.max(each.down)))
    }

    /// A frame header (ITU-T T.81, B.2.2).
    fn frame(&mut self, segment: &[u8], is_progressive: bool) -> Result<(), JpegFault> {
        let [precision, h1, h2, w1, w2, count, components @ ..] = segment else { return Err(JpegFault::Damaged) };
        if *precision != 8 || !matches!(count, 1 | 3 | 4) || !self.components.is_empty() {
            return Err(JpegFault::Unsupported);
        }
        (self.height, self.width) = (u16::from_be_bytes([*h1, *h2]), u16::from_be_bytes([*w1, *w2]));
        self.is_progressive = is_progressive;
        let (components, _) = components.as_chunks::<3>();
        self.components = components
            .iter()
            .take(usize::from(*count))
            .map(|[id, factors, quantization]| Component {
                id: *id,
                across: factors >> 4,
                down: factors & 15,
                quantization: *quantization,
                finished: 0,
            })
            .collect();
        let are_sane =
            self.components.iter().all(|each| (1..=4).contains(&each.across) && (1..=4).contains(&each.down));
        let is_sane = are_sane && self.components.len() == usize::from(*count) && self.width > 0 && self.height > 0;
        if is_sane { Ok(()) } else { Err(JpegFault::Damaged) }
    }

    /// A scan header (B.2.3): which coefficients of which components it brings, and whether to the last bit.
    fn scan(&mut self, segment: &[u8]) -> Option<()> {
        let (count, rest) = segment.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let [first, last, bits, ..] = rest else { return None };
        let brought = match (self.is_progressive, bits & 15) {
            (false, _) => u64::MAX,
            (true, 0) if first <= last && *last < 64 => (u64::MAX >> (63 - last)) & (u64::MAX << first),
            (true, _) => 0,
        };
        for [id, _] in selectors.as_chunks::<2>().0 {
            self.components.iter_mut().find(|component| component.id == *id)?.finished |= brought;
        }
        Some(())
    }

    /// Whether each component has come whole. What has not would be decoded all the same, at twice the cost.
    fn is_complete(&self) -> bool {
        !self.components.is_empty() && self.components.iter().all(|component| component.finished == u64::MAX)
    }
}

/// The segments of a JPEG up to its end: the marker, the data, and all that follows it.
pub(crate) struct Segments<'file>(pub(crate) &'file [u8]);

impl<'file> Iterator for Segments<'file> {
    type Item = (u8, &'file [u8], &'file [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut marker, mut after) = next_jpeg_marker(self.0)?;
        while marker == START_OF_IMAGE {
            (marker, after) = next_jpeg_marker(after)?;
        }
        if marker == END_OF_IMAGE {
            self.0 = &[];
            return Some((marker, &[], &[]));
        }
        // A segment is skipped by its length, so that a thumbnail's own end inside it does not count.
        let (segment, next) = after.split_at_checked(usize::from(u16::from_be_bytes(*after.first_chunk()?)))?;
        self.0 = next;
        Some((marker, segment.get(2..)?, next))
    }
}

/// The next marker outside entropy-coded data, and the bytes after it.
fn next_jpeg_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let prefix = rest.iter().position(|byte| *byte == 0xFF)?;
        rest = rest.get(prefix + 1..)?;
        match *rest.first()? {
            // Fill bytes, stuffed zeros, TEM and restart markers stand alone.
            0xFF | 0x00 | 0x01 | 0xD0..=0xD7 => {}
            marker => return Some((marker, rest.get(1..)?)),
        }
    }
}

/// Whether a PNG reaches the end of its IEND chunk. What follows does not matter.
pub(crate) fn png_is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(PNG_SIGNATURE_LENGTH..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let end = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).saturating_add(PNG_CHUNK_OVERHEAD);
        let Some(next) = rest.get(end..) else { return false };
        if after.starts_with(b"IEND") {
            return true;
        }
        rest = next;
    }
    false
}
