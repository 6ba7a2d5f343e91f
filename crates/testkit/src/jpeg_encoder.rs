//! Hand-written JPEGs that common encoders do not produce. They are grey, and small for their number of pixels.

use std::ops::RangeInclusive;

/// Sampling factors of each component: across and down.
pub type Factors<'components> = &'components [(u8, u8)];

/// One component.
pub const GREY: Factors<'static> = &[(1, 1)];
/// Chroma in full resolution.
pub const FULL_CHROMA: Factors<'static> = &[(1, 1); 3];
/// Chroma in half of the resolution, like the pictures of most cameras.
pub const HALF_CHROMA: Factors<'static> = &[(2, 2), (1, 1), (1, 1)];
/// CMYK.
pub const INKS: Factors<'static> = &[(1, 1); 4];

/// Returns a progressive picture: one scan of all first coefficients, and one of the others for each component.
#[must_use]
pub fn progressive(width: u16, height: u16, factors: Factors<'_>) -> Vec<u8> {
    /// Maximum length of a run of empty blocks.
    const MAX_RUN: usize = 0x7FFF;
    // One code of one bit: a run of empty blocks, with 14 more bits.
    let mut jpeg = head(0xC2, width, height, factors, 0xE0);
    scan_header(&mut jpeg, 1..=factors.len(), (0, 0));
    jpeg.extend(vec![0; blocks(width, height, factors).div_ceil(8)]);
    for component in 1..=factors.len() {
        scan_header(&mut jpeg, component..=component, (1, 63));
        // The last run may be longer than the rest of the blocks.
        entropy(&mut jpeg, &"011111111111111".repeat(blocks(width, height, factors).div_ceil(MAX_RUN)));
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// Returns a sequential picture in one scan.
#[must_use]
pub fn sequential(width: u16, height: u16, factors: Factors<'_>) -> Vec<u8> {
    // One code of one bit: the end of the block.
    let mut jpeg = head(0xC0, width, height, factors, 0);
    scan_header(&mut jpeg, 1..=factors.len(), (0, 63));
    jpeg.extend(vec![0; (2 * blocks(width, height, factors)).div_ceil(8)]);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// Returns everything before the first scan. The only code for a first coefficient is one bit: no difference to the
/// previous block.
fn head(frame: u8, width: u16, height: u16, factors: Factors<'_>, other_coefficients: u8) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let ([h1, h2], [w1, w2]) = (height.to_be_bytes(), width.to_be_bytes());
    let mut header = vec![8, h1, h2, w1, w2, u8::try_from(factors.len()).unwrap()];
    (1..).zip(factors).for_each(|(id, (across, down))| header.extend([id, across << 4 | down, 0]));
    segment(&mut jpeg, frame, &header);
    segment(&mut jpeg, 0xC4, &[&[0, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xC4, &[&[0x10, 1], [0; 15].as_slice(), &[other_coefficients]].concat());
    jpeg
}

fn scan_header(jpeg: &mut Vec<u8>, components: RangeInclusive<usize>, (first, last): (u8, u8)) {
    let mut header = vec![u8::try_from(components.clone().count()).unwrap()];
    components.for_each(|component| header.extend([u8::try_from(component).unwrap(), 0]));
    header.extend([first, last, 0]);
    segment(jpeg, 0xDA, &header);
}

/// Returns the number of blocks of all components.
fn blocks(width: u16, height: u16, factors: Factors<'_>) -> usize {
    let max = |factor: fn(&(u8, u8)) -> u8| usize::from(factors.iter().map(factor).max().unwrap());
    let columns = usize::from(width).div_ceil(8 * max(|(across, _)| *across));
    let rows = usize::from(height).div_ceil(8 * max(|(_, down)| *down));
    columns * rows * factors.iter().map(|(across, down)| usize::from(across * down)).sum::<usize>()
}

/// Appends a marker with its data.
pub fn segment(jpeg: &mut Vec<u8>, marker: u8, data: &[u8]) {
    jpeg.extend([0xFF, marker]);
    jpeg.extend(u16::try_from(2 + data.len()).unwrap().to_be_bytes());
    jpeg.extend(data);
}

/// Appends the bits of a scan, padded with ones and with stuffed zeros after FF.
pub fn entropy(jpeg: &mut Vec<u8>, bits: &str) {
    for byte in bits.as_bytes().chunks(8) {
        let byte = format!("{:1<8}", std::str::from_utf8(byte).unwrap());
        let byte = u8::from_str_radix(&byte, 2).unwrap();
        jpeg.push(byte);
        if byte == 0xFF {
            jpeg.push(0);
        }
    }
}
