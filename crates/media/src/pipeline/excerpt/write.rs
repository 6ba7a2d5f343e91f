//! A JPEG of what was kept, coded as simply as can be: each code is its symbol.

use super::{
    Component, Extent,
    plane::{Plane, Window},
};

/// Bits of a code for the size of a first coefficient, and of the others.
const FIRST_BITS: u32 = 4;
const OTHER_BITS: u32 = 8;
const END_OF_BLOCK: u32 = 0;
const SIXTEEN_ZEROS: u32 = 0xF0;
/// More blocks must not be interleaved (T.81, B.2.3).
const MOST_INTERLEAVED: usize = 10;

/// A JPEG that grows.
pub(super) struct JpegWriter {
    bytes: Vec<u8>,
    /// Bits that make no byte yet, the last one lowest.
    held: u32,
    count: u32,
}

impl JpegWriter {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0xFF, 0xD8], held: 0, count: 0 }
    }

    pub(super) fn segment(&mut self, marker: u8, data: &[u8]) -> Option<()> {
        self.bytes.extend([0xFF, marker]);
        self.bytes.extend(u16::try_from(2 + data.len()).ok()?.to_be_bytes());
        self.bytes.extend(data);
        Some(())
    }

    /// Everything behind the metadata: a picture of this extent, whose groups of blocks are those in the window.
    pub(super) fn picture(mut self, extent: &Extent, window: &Window, components: &[Component]) -> Option<Vec<u8>> {
        let side = |side| u16::try_from(side).map(u16::to_be_bytes).ok();
        let ([w1, w2], [h1, h2]) = (side(extent.width)?, side(extent.height)?);
        let mut frame = vec![8, h1, h2, w1, w2, u8::try_from(components.len()).ok()?];
        for (number, component) in (0..).zip(components) {
            let steps = component.quantization?;
            let steps = steps.iter().flat_map(|step| step.to_be_bytes());
            self.segment(0xDB, &std::iter::once(0x10 | number).chain(steps).collect::<Vec<u8>>())?;
            frame.extend([component.id, u8::try_from(component.across << 4 | component.down).ok()?, number]);
        }
        // Extended sequential, as the steps may have 16 bits.
        self.segment(0xC1, &frame)?;
        self.segment(0xC4, &every_symbol(0, FIRST_BITS, 12))?;
        self.segment(0xC4, &every_symbol(0x10, OTHER_BITS, 255))?;
        self.bytes.reserve(components.iter().map(|component| longest(&component.plane)).sum());
        let blocks: usize = components.iter().map(|component| component.across * component.down).sum();
        if components.len() > 1 && blocks <= MOST_INTERLEAVED {
            self.interleaved(window, components)?;
        } else {
            components.iter().try_for_each(|component| self.alone(extent, window, component))?;
        }
        self.bytes.extend([0xFF, 0xD9]);
        Some(self.bytes)
    }

    fn interleaved(&mut self, window: &Window, components: &[Component]) -> Option<()> {
        self.scan_header(components)?;
        let mut predictors = [0; 4];
        for row in window.rows.clone() {
            for column in window.columns.clone() {
                for (component, predictor) in components.iter().zip(&mut predictors) {
                    for down in 0..component.down {
                        for across in 0..component.across {
                            let at = (column * component.across + across, row * component.down + down);
                            self.block(&component.plane, at, predictor);
                        }
                    }
                }
            }
        }
        self.end_scan();
        Some(())
    }

    fn alone(&mut self, extent: &Extent, window: &Window, component: &Component) -> Option<()> {
        self.scan_header(std::slice::from_ref(component))?;
        let (columns, rows) = extent.blocks(component.across, component.down);
        let first = window.finer(component.across, component.down);
        let mut predictor = 0;
        for row in (first.rows.start..).take(rows) {
            for column in (first.columns.start..).take(columns) {
                self.block(&component.plane, (column, row), &mut predictor);
            }
        }
        self.end_scan();
        Some(())
    }

    fn scan_header(&mut self, components: &[Component]) -> Option<()> {
        let mut header = vec![u8::try_from(components.len()).ok()?];
        components.iter().for_each(|component| header.extend([component.id, 0]));
        header.extend([0, 63, 0]);
        self.segment(0xDA, &header)
    }

    /// Ones up to the byte's end.
    fn end_scan(&mut self) {
        self.bits(0x7F, 7);
        (self.held, self.count) = (0, 0);
    }

    fn block(&mut self, plane: &Plane, (column, row): (usize, usize), predictor: &mut i16) {
        let mut next = 1;
        for (index, value) in plane.coefficients(column, row) {
            if index == 0 {
                // Beyond that no picture of 8 bits has any.
                let value = value.clamp(-1024, 1023);
                self.number(0, value - *predictor, FIRST_BITS);
                *predictor = value;
            } else if value != 0 {
                let zeros = u32::from(index) - next;
                (0..zeros / 16).for_each(|_| self.bits(SIXTEEN_ZEROS, OTHER_BITS));
                self.number(zeros % 16, value.clamp(-1023, 1023), OTHER_BITS);
                next = u32::from(index) + 1;
            }
        }
        if next < 64 {
            self.bits(END_OF_BLOCK, OTHER_BITS);
        }
    }

    /// A number behind the code of its size, and of the zeros before it.
    fn number(&mut self, zeros: u32, value: i16, code_bits: u32) {
        let value = i32::from(value);
        let size = u32::BITS - value.unsigned_abs().leading_zeros();
        self.bits(zeros << 4 | size, code_bits);
        let bits = if value < 0 { value - 1 } else { value };
        self.bits(bits.cast_unsigned() & ((1 << size) - 1), size);
    }

    /// At most 16 bits.
    fn bits(&mut self, value: u32, count: u32) {
        self.held = self.held << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = u8::try_from(self.held >> self.count & 0xFF).unwrap_or_default();
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }
}

/// Bytes that the blocks of a component take at the most. What is not written to is no memory yet, while a vector that
/// has to grow is there twice.
fn longest(plane: &Plane) -> usize {
    const LONGEST_NUMBER: u32 = 11;
    let (coefficients, blocks) = plane.size();
    let bits = coefficients * (OTHER_BITS + LONGEST_NUMBER) as usize + blocks * OTHER_BITS as usize;
    // Every byte may be one that a zero is stuffed behind.
    bits.div_ceil(8) * 2
}

/// A Huffman table in which the first so many symbols are their own codes, of so many bits.
fn every_symbol(number: u8, bits: u32, symbols: u8) -> Vec<u8> {
    let counts = (1..=16).map(|length| if length == bits { symbols } else { 0 });
    std::iter::once(number).chain(counts).chain(0..symbols).collect()
}
