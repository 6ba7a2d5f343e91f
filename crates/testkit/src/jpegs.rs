//! JPEGs that no encoder at hand writes.

/// A grey square of this many pixels a side, progressive; its colours have as many, or half as many for a shrinkage of
/// two. The side is a multiple of 8 times that. It is small, but a decoder that keeps all its coefficients keeps three
/// bytes a pixel, or six.
#[must_use]
pub fn progressive(side: u16, shrinkage: u8) -> Vec<u8> {
    /// As long as a run of empty blocks can be told.
    const LONGEST_RUN: usize = 0x7FFF;
    let mut jpeg = vec![0xFF, 0xD8];
    let [high, low] = side.to_be_bytes();
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let factors = shrinkage << 4 | shrinkage;
    segment(&mut jpeg, 0xC2, &[8, high, low, high, low, 3, 1, factors, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code of one bit each: no difference to the block before; and a run of empty blocks, in 14 more bits.
    segment(&mut jpeg, 0xC4, &[&[0, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xC4, &[&[0x10, 1], [0; 15].as_slice(), &[0xE0]].concat());

    let groups = usize::from(side / 8 / u16::from(shrinkage)).pow(2);
    let of_light = usize::from(shrinkage).pow(2);
    segment(&mut jpeg, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
    jpeg.extend(vec![0; ((of_light + 2) * groups).div_ceil(8)]);
    for (component, blocks) in [(1, of_light * groups), (2, groups), (3, groups)] {
        segment(&mut jpeg, 0xDA, &[1, component, 0, 1, 63, 0]);
        let bits = "011111111111111".repeat(blocks.div_ceil(LONGEST_RUN));
        entropy(&mut jpeg, &bits);
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// A progressive picture of this size in four inks, empty but for this many rows of blocks in the middle: there no
/// coefficient is zero.
#[must_use]
pub fn inks(width: u16, height: u16, noisy_rows: usize) -> Vec<u8> {
    const INKS: u8 = 4;
    let mut jpeg = vec![0xFF, 0xD8];
    let ([h1, h2], [w1, w2]) = (height.to_be_bytes(), width.to_be_bytes());
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let components: Vec<u8> = (1..=INKS).flat_map(|id| [id, 0x11, 0]).collect();
    segment(&mut jpeg, 0xC2, &[&[8, h1, h2, w1, w2, INKS], components.as_slice()].concat());
    // One code of one bit: no difference to the block before. Of the others one of one bit, a number of seven, so each
    // is a byte; and one of two bits, a run of empty blocks in 14 more.
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

/// So many, in runs of 2^14 and more: a code of two bits and 14 more each.
fn empty_blocks(jpeg: &mut Vec<u8>, blocks: usize) {
    const SHORTEST: usize = 1 << 14;
    let runs = blocks.div_ceil(2 * SHORTEST - 1);
    for run in 0..runs {
        let length = blocks * (run + 1) / runs - blocks * run / runs;
        for byte in u16::try_from(SHORTEST + length).unwrap().to_be_bytes() {
            jpeg.push(byte);
            if byte == 0xFF {
                jpeg.push(0);
            }
        }
    }
}

/// A grey picture of this size, in one scan, its colours in full.
#[must_use]
pub fn sequential(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    let ([h1, h2], [w1, w2]) = (height.to_be_bytes(), width.to_be_bytes());
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    segment(&mut jpeg, 0xC0, &[8, h1, h2, w1, w2, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code of one bit each: no difference to the block before; and nothing more in this one.
    segment(&mut jpeg, 0xC4, &[&[0, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xC4, &[&[0x10, 1], [0; 15].as_slice(), &[0]].concat());
    segment(&mut jpeg, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let blocks = 3 * usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8));
    jpeg.extend(vec![0; (2 * blocks).div_ceil(8)]);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// A marker with its data.
pub fn segment(jpeg: &mut Vec<u8>, marker: u8, data: &[u8]) {
    jpeg.extend([0xFF, marker]);
    jpeg.extend(u16::try_from(2 + data.len()).unwrap().to_be_bytes());
    jpeg.extend(data);
}

/// Bits of a scan, filled up with ones, no marker among them.
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
