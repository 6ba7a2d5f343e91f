//! Hand-written JPEGs that common encoders do not produce.

/// Returns a progressive grey square of `side` pixels. Its chroma has full resolution, or half for a `shrinkage` of
/// two. The side must be a multiple of 8 times `shrinkage`. The file is small, but a decoder that retains all
/// coefficients needs three or six bytes for each pixel.
#[must_use]
pub fn progressive(side: u16, shrinkage: u8) -> Vec<u8> {
    /// Maximum length of a run of empty blocks.
    const MAX_RUN: usize = 0x7FFF;
    let mut jpeg = vec![0xFF, 0xD8];
    let [high, low] = side.to_be_bytes();
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let factors = shrinkage << 4 | shrinkage;
    segment(&mut jpeg, 0xC2, &[8, high, low, high, low, 3, 1, factors, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code of one bit each: no difference to the previous block; and a run of empty blocks, with 14 more bits.
    segment(&mut jpeg, 0xC4, &[&[0, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xC4, &[&[0x10, 1], [0; 15].as_slice(), &[0xE0]].concat());

    let groups = usize::from(side / 8 / u16::from(shrinkage)).pow(2);
    let luma_blocks = usize::from(shrinkage).pow(2);
    segment(&mut jpeg, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
    jpeg.extend(vec![0; ((luma_blocks + 2) * groups).div_ceil(8)]);
    for (component, blocks) in [(1, luma_blocks * groups), (2, groups), (3, groups)] {
        segment(&mut jpeg, 0xDA, &[1, component, 0, 1, 63, 0]);
        let bits = "011111111111111".repeat(blocks.div_ceil(MAX_RUN));
        entropy(&mut jpeg, &bits);
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// Returns a progressive CMYK picture of this size. It is empty except for `noisy_rows` rows of blocks in the centre,
/// which have no zero coefficient.
#[must_use]
pub fn inks(width: u16, height: u16, noisy_rows: usize) -> Vec<u8> {
    const INKS: u8 = 4;
    let mut jpeg = vec![0xFF, 0xD8];
    let ([h1, h2], [w1, w2]) = (height.to_be_bytes(), width.to_be_bytes());
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let components: Vec<u8> = (1..=INKS).flat_map(|id| [id, 0x11, 0]).collect();
    segment(&mut jpeg, 0xC2, &[&[8, h1, h2, w1, w2, INKS], components.as_slice()].concat());
    // One DC code of one bit: no difference to the previous block. Two AC codes: one of one bit with a number of seven
    // bits, which makes a byte; and one of two bits with 14 more, a run of empty blocks.
    segment(&mut jpeg, 0xC4, &[&[0, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xC4, &[&[0x10, 1, 1], [0; 14].as_slice(), &[7, 0xE0]].concat());

    let (columns, rows) = (usize::from(width.div_ceil(8)), usize::from(height.div_ceil(8)));
    segment(&mut jpeg, 0xDA, &[INKS, 1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0]);
    jpeg.extend(vec![0; (usize::from(INKS) * columns * rows).div_ceil(8)]);
    let above = columns * ((rows - noisy_rows) / 2);
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 25).unwrap()
    });
    let noise: Vec<u8> = noise.take(63 * columns * noisy_rows).collect();
    for id in 1..=INKS {
        segment(&mut jpeg, 0xDA, &[1, id, 0, 1, 63, 0]);
        empty_blocks(&mut jpeg, above);
        jpeg.extend(&noise);
        empty_blocks(&mut jpeg, columns * (rows - noisy_rows) - above);
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// Writes `blocks` empty blocks, in runs of at least 2^14: a code of two bits and 14 more each.
fn empty_blocks(jpeg: &mut Vec<u8>, blocks: usize) {
    const MIN_RUN: usize = 1 << 14;
    let runs = blocks.div_ceil(2 * MIN_RUN - 1);
    for run in 0..runs {
        let length = blocks * (run + 1) / runs - blocks * run / runs;
        for byte in u16::try_from(MIN_RUN + length).unwrap().to_be_bytes() {
            jpeg.push(byte);
            if byte == 0xFF {
                jpeg.push(0);
            }
        }
    }
}

/// Returns a sequential grey picture of this size in one scan, with chroma in full resolution.
#[must_use]
pub fn sequential(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    let ([h1, h2], [w1, w2]) = (height.to_be_bytes(), width.to_be_bytes());
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    segment(&mut jpeg, 0xC0, &[8, h1, h2, w1, w2, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code of one bit each: no difference to the previous block; and the end of the block.
    segment(&mut jpeg, 0xC4, &[&[0, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xC4, &[&[0x10, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let blocks = 3 * usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8));
    jpeg.extend(vec![0; (2 * blocks).div_ceil(8)]);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
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
