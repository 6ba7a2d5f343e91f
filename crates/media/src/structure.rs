//! Structure of picture files, read from their markers: completeness, and the decoding cost of a JPEG. Decoders fill
//! missing parts with grey and report success, and allocate unlimited memory.

const PNG_SIGNATURE_LENGTH: usize = 8;
/// Bytes of the length, type and checksum of a chunk.
const PNG_CHUNK_OVERHEAD: usize = 12;

/// Maximum number of scans, more than any encoder writes. Each scan is a pass over the whole picture, even if it has
/// few bytes.
const MAX_SCANS: usize = 100;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const BLOCK_SIDE: u64 = 8;
const COEFFICIENTS: u64 = 64;

/// Headers of a JPEG.
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
    /// Number of the quantization table.
    pub(crate) quantization: u8,
    /// Bit set of the completely transmitted coefficients.
    finished: u64,
}

/// Reasons to reject a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JpegError {
    /// Truncated or inconsistent.
    Damaged,
    /// Arithmetic, lossless or hierarchical coding, 12 bits, or two components. Browsers do not support these either.
    Unsupported,
}

impl JpegStructure {
    /// Reads the markers up to the end of the image. Ignores the bytes after it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, JpegError> {
        const START_OF_SCAN: u8 = 0xDA;
        let (mut structure, mut scans) = (Self::default(), 0);
        for (marker, segment, _) in Segments(bytes) {
            match marker {
                END_OF_IMAGE => {
                    return if structure.is_complete() { Ok(structure) } else { Err(JpegError::Damaged) };
                }
                0xC0..=0xC2 => structure.frame(segment, marker == 0xC2)?,
                // Huffman tables. All other markers of this range are unsupported frames.
                0xC4 => {}
                0xC3..=0xCF => return Err(JpegError::Unsupported),
                START_OF_SCAN => {
                    scans += 1;
                    structure.scan(segment).filter(|()| scans <= MAX_SCANS).ok_or(JpegError::Damaged)?;
                }
                _ => {}
            }
        }
        Err(JpegError::Damaged)
    }

    /// Returns the maximum memory of a decoder that scales each side to `eighths` / 8, in bytes.
    pub(crate) fn cost(&self, eighths: u8) -> u64 {
        let eighths = u64::from(eighths);
        let (across, down) = self.max_factors();
        let columns = u64::from(self.width).div_ceil(BLOCK_SIDE * u64::from(across));
        let rows = u64::from(self.height).div_ceil(BLOCK_SIDE * u64::from(down));
        let blocks: u64 = self.components.iter().map(|each| u64::from(each.across) * u64::from(each.down)).sum();
        let blocks = columns * rows * blocks;
        // A decoder retains all coefficients of a progressive picture until the last scan, two bytes each.
        let retained = if self.is_progressive { blocks * COEFFICIENTS * 2 } else { 0 };
        let planes = blocks * eighths * eighths;
        let scaled = |side: u16| (u64::from(side) * eighths).div_ceil(8);
        let channels = u64::try_from(self.components.len()).unwrap_or(u64::MAX);
        retained + planes + scaled(self.width) * scaled(self.height) * channels
    }

    /// Returns the maximum sampling factors, across and down.
    pub(crate) fn max_factors(&self) -> (u8, u8) {
        self.components.iter().fold((1, 1), |(across, down), each| (across.max(each.across), down.max(each.down)))
    }

    /// Reads a frame header (ITU-T T.81, B.2.2).
    fn frame(&mut self, segment: &[u8], is_progressive: bool) -> Result<(), JpegError> {
        let [precision, h1, h2, w1, w2, count, components @ ..] = segment else { return Err(JpegError::Damaged) };
        if *precision != 8 || !matches!(count, 1 | 3 | 4) || !self.components.is_empty() {
            return Err(JpegError::Unsupported);
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
        let are_valid =
            self.components.iter().all(|each| (1..=4).contains(&each.across) && (1..=4).contains(&each.down));
        let is_valid = are_valid && self.components.len() == usize::from(*count) && self.width > 0 && self.height > 0;
        if is_valid { Ok(()) } else { Err(JpegError::Damaged) }
    }

    /// Reads a scan header (B.2.3), and marks the coefficients that the scan completes.
    fn scan(&mut self, segment: &[u8]) -> Option<()> {
        let (count, rest) = segment.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let [first, last, bits, ..] = rest else { return None };
        let completed = match (self.is_progressive, bits & 15) {
            (false, _) => u64::MAX,
            (true, 0) if first <= last && *last < 64 => (u64::MAX >> (63 - last)) & (u64::MAX << first),
            (true, _) => 0,
        };
        for [id, _] in selectors.as_chunks::<2>().0 {
            self.components.iter_mut().find(|component| component.id == *id)?.finished |= completed;
        }
        Some(())
    }

    /// True when every component is complete. Decoders accept incomplete ones, at twice the cost.
    fn is_complete(&self) -> bool {
        !self.components.is_empty() && self.components.iter().all(|component| component.finished == u64::MAX)
    }
}

/// Iterator over the segments of a JPEG: marker, data, and all bytes after the segment.
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
        // Skips a segment by its length, so that an end marker of an embedded thumbnail is ignored.
        let (segment, next) = after.split_at_checked(usize::from(u16::from_be_bytes(*after.first_chunk()?)))?;
        self.0 = next;
        Some((marker, segment.get(2..)?, next))
    }
}

/// Returns the next marker outside entropy-coded data, and the bytes after it.
fn next_jpeg_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
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

/// True when a PNG has a complete IEND chunk. Ignores the bytes after it.
pub(crate) fn is_complete_png(bytes: &[u8]) -> bool {
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
