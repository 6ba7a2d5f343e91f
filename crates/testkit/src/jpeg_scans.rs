//! JPEG encoder for tests: sequential and progressive, with all features of scans. The blocks contain noise.

use std::collections::BTreeMap;

use crate::jpeg_encoder::{entropy, segment};

/// Maximum length of a run of empty blocks.
const MAX_RUN: u16 = 0x7FFF;

/// Parameters of a picture.
pub struct Scanned {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Blocks of each component in a group, across and down.
    pub factors: Vec<(u8, u8)>,
    /// Number of groups between two restart markers; 0 for no markers.
    pub restart_every: u16,
}

/// Coefficients and bits of one scan.
#[derive(Clone, Copy)]
struct Band {
    first: u8,
    last: u8,
    high: u8,
    low: u8,
}

impl Scanned {
    /// Encodes everything in one scan.
    #[must_use]
    pub fn sequential(&self) -> Vec<u8> {
        let mut jpeg = self.head(0xC1);
        let all: Vec<_> = (0..self.factors.len()).collect();
        self.scan(&mut jpeg, &all, Band { first: 0, last: 63, high: 0, low: 0 });
        jpeg.extend([0xFF, 0xD9]);
        jpeg
    }

    /// Encodes several scans with spectral selection and successive approximation.
    #[must_use]
    pub fn progressive(&self) -> Vec<u8> {
        let mut jpeg = self.head(0xC2);
        let all: Vec<_> = (0..self.factors.len()).collect();
        let mut each = |first, last, high, low| {
            let band = Band { first, last, high, low };
            if first == 0 {
                self.scan(&mut jpeg, &all, band);
            } else {
                all.iter().for_each(|component| self.scan(&mut jpeg, &[*component], band));
            }
        };
        each(0, 0, 0, 1);
        each(1, 5, 0, 2);
        each(6, 63, 0, 2);
        each(1, 63, 2, 1);
        each(0, 0, 1, 0);
        each(1, 63, 1, 0);
        jpeg.extend([0xFF, 0xD9]);
        jpeg
    }

    fn head(&self, frame: u8) -> Vec<u8> {
        let mut jpeg = vec![0xFF, 0xD8];
        segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[3; 64]].concat());
        let ([h1, h2], [w1, w2]) = (self.height.to_be_bytes(), self.width.to_be_bytes());
        let mut header = vec![8, h1, h2, w1, w2, u8::try_from(self.factors.len()).unwrap()];
        (1..).zip(&self.factors).for_each(|(id, (across, down))| header.extend([id, across << 4 | down, 0]));
        segment(&mut jpeg, frame, &header);
        // DC codes of four bits for each size, AC codes of eight or twelve bits for each symbol.
        segment(&mut jpeg, 0xC4, &[&[0, 0, 0, 0, 12], [0; 12].as_slice(), &Vec::from_iter(0..12)].concat());
        let counts = [0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 127, 0, 0, 0, 0];
        segment(&mut jpeg, 0xC4, &[[0x10].as_slice(), &counts, &Vec::from_iter(0..255)].concat());
        segment(&mut jpeg, 0xDD, &self.restart_every.to_be_bytes());
        jpeg
    }

    fn scan(&self, jpeg: &mut Vec<u8>, components: &[usize], band: Band) {
        let mut header = vec![u8::try_from(components.len()).unwrap()];
        components.iter().for_each(|component| header.extend([u8::try_from(component + 1).unwrap(), 0]));
        header.extend([band.first, band.last, band.high << 4 | band.low]);
        segment(jpeg, 0xDA, &header);
        let mut writer = ScanWriter {
            band,
            bits: String::new(),
            predictors: BTreeMap::new(),
            empty: 0,
            corrections_of_run: String::new(),
        };
        for (number, group) in self.groups(components).into_iter().enumerate() {
            let restart = usize::from(self.restart_every);
            if restart > 0 && number > 0 && number % restart == 0 {
                writer.end(jpeg);
                jpeg.extend([0xFF, 0xD0 + u8::try_from((number / restart - 1) % 8).unwrap()]);
            }
            group.into_iter().for_each(|(component, block)| writer.block(component, &block));
        }
        writer.end(jpeg);
    }

    /// Returns the blocks of a scan, in order.
    fn groups(&self, components: &[usize]) -> Vec<Vec<(usize, [i16; 64])>> {
        let most = |each: fn(&(u8, u8)) -> u8| usize::from(self.factors.iter().map(each).max().unwrap());
        let (most_across, most_down) = (most(|(across, _)| *across), most(|(_, down)| *down));
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        let blocks = |side: usize, factor: u8, most: usize| (side * usize::from(factor)).div_ceil(most).div_ceil(8);
        let (columns, rows) = if let [component] = components {
            let (across, down) = self.factors[*component];
            (blocks(width, across, most_across), blocks(height, down, most_down))
        } else {
            (width.div_ceil(8 * most_across), height.div_ceil(8 * most_down))
        };
        let group = |row: usize, column: usize| {
            let mut group = Vec::new();
            for component in components.iter().copied() {
                let (across, down) = if components.len() == 1 { (1, 1) } else { self.factors[component] };
                let (across, down) = (usize::from(across), usize::from(down));
                for y in row * down..(row + 1) * down {
                    (column * across..(column + 1) * across)
                        .for_each(|x| group.push((component, noise(component, x, y))));
                }
            }
            group
        };
        (0..rows).flat_map(|row| (0..columns).map(move |column| group(row, column))).collect()
    }
}

/// Returns the coefficients of a block in zigzag order: many small ones, few with a high index.
fn noise(component: usize, x: usize, y: usize) -> [i16; 64] {
    let mut state = u64::try_from((component << 40) + (x << 20) + y).unwrap();
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        i16::try_from((mixed >> 40) % 1000).unwrap()
    };
    let is_flat = next() < 600;
    std::array::from_fn(|index| match index {
        0 => next() / 4 - 125,
        _ if is_flat || next() > 600 / i16::try_from(index).unwrap() + 20 => 0,
        _ => next() % 23 - 11,
    })
}

struct ScanWriter {
    band: Band,
    bits: String,
    predictors: BTreeMap<usize, i16>,
    /// Number of pending empty blocks that are not written yet.
    empty: u16,
    /// Correction bits that follow the run of empty blocks.
    corrections_of_run: String,
}

impl ScanWriter {
    fn end(&mut self, jpeg: &mut Vec<u8>) {
        self.write_empty();
        entropy(jpeg, &self.bits);
        self.bits.clear();
        self.predictors.clear();
    }

    fn block(&mut self, component: usize, block: &[i16; 64]) {
        let Band { first, last, high, low } = self.band;
        if first == 0 {
            let value = block[0] >> low;
            if high == 0 {
                let previous = self.predictors.insert(component, value).unwrap_or_default();
                self.bits += &format!("{:04b}", size(value - previous));
                self.value(value - previous);
            } else {
                self.bits += if value & 1 == 1 { "1" } else { "0" };
            }
        }
        let range = usize::from(first.max(1))..usize::from(last) + 1;
        if !range.is_empty() {
            let shifted: Vec<i16> = block[range].iter().map(|value| value.signum() * (value.abs() >> low)).collect();
            if high == 0 { self.others(&shifted, last == 63 && first == 0) } else { self.refined(&shifted) }
        }
    }

    fn others(&mut self, values: &[i16], is_sequential: bool) {
        let mut zeros = 0;
        for value in values {
            if *value == 0 {
                zeros += 1;
                continue;
            }
            self.write_empty();
            (0..zeros / 16).for_each(|_| self.symbol(0xF0));
            self.symbol((zeros % 16) << 4 | size(*value));
            self.value(*value);
            zeros = 0;
        }
        if zeros > 0 {
            self.empty += 1;
        }
        if self.empty == MAX_RUN || is_sequential {
            self.write_empty();
        }
    }

    fn refined(&mut self, values: &[i16]) {
        let last_new = values.iter().rposition(|value| value.abs() == 1);
        let (mut zeros, mut corrections) = (0, String::new());
        for (index, value) in values.iter().enumerate() {
            if *value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 && last_new.is_some_and(|last| index <= last) {
                self.write_empty();
                self.symbol(0xF0);
                self.bits += &std::mem::take(&mut corrections);
                zeros -= 16;
            }
            if value.abs() > 1 {
                corrections += if value.abs() & 1 == 1 { "1" } else { "0" };
                continue;
            }
            self.write_empty();
            self.symbol(zeros << 4 | 1);
            self.bits += if *value > 0 { "1" } else { "0" };
            self.bits += &std::mem::take(&mut corrections);
            zeros = 0;
        }
        if zeros > 0 || !corrections.is_empty() {
            self.empty += 1;
            self.corrections_of_run += &corrections;
        }
        if self.empty == MAX_RUN {
            self.write_empty();
        }
    }

    fn write_empty(&mut self) {
        if self.empty > 0 {
            let exponent = self.empty.ilog2();
            self.symbol(u16::try_from(exponent << 4).unwrap());
            if exponent > 0 {
                let rest = self.empty - (1 << exponent);
                self.bits += &format!("{rest:0width$b}", width = exponent as usize);
            }
            self.bits += &std::mem::take(&mut self.corrections_of_run);
            self.empty = 0;
        }
    }

    fn symbol(&mut self, symbol: u16) {
        self.bits += &if symbol < 128 { format!("{symbol:08b}") } else { format!("{:012b}", 2048 + symbol - 128) };
    }

    fn value(&mut self, value: i16) {
        let size = size(value);
        if size > 0 {
            let bits = if value < 0 { value - 1 + (1 << size) } else { value };
            self.bits += &format!("{bits:0width$b}", width = usize::from(size));
        }
    }
}

fn size(value: i16) -> u16 {
    u16::try_from(16 - value.unsigned_abs().leading_zeros()).unwrap()
}
