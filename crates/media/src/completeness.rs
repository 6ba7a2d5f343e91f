//! Tells a whole file from one that was cut off.
//!
//! The JPEG decoder fills missing rows with grey and reports success, so truncation is found here.

const PNG_SIGNATURE_LENGTH: usize = 8;
/// Length, type and checksum of a chunk.
const PNG_CHUNK_OVERHEAD: usize = 12;

/// Whether a JPEG reaches its end-of-image marker. What follows the marker does not matter.
pub(crate) fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const START_OF_IMAGE: u8 = 0xD8;
    const END_OF_IMAGE: u8 = 0xD9;
    let mut rest = bytes;
    while let Some((marker, after)) = next_jpeg_marker(rest) {
        rest = match marker {
            END_OF_IMAGE => return true,
            START_OF_IMAGE => after,
            // A segment is skipped by its length, so that a thumbnail's own end inside it does not count.
            _ => match after.first_chunk::<2>().map(|length| usize::from(u16::from_be_bytes(*length))) {
                Some(length) => after.get(length..).unwrap_or_default(),
                None => return false,
            },
        };
    }
    false
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
