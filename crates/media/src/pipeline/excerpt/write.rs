//! JPEG encoder for the stored coefficients, with the simplest coding: each code is its symbol.

use super::{
    Component, Extent,
    plane::{Plane, Window},
};

/// Code lengths of DC sizes and AC symbols, in bits.
const FIRST_BITS: u32 = 4;
const OTHER_BITS: u32 = 8;
const END_OF_BLOCK: u32 = 0;
const SIXTEEN_ZEROS: u32 = 0xF0;
/// Maximum number of interleaved blocks (T.81, B.2.3).
const MAX_INTERLEAVED: usize = 10;

/// Writer of a JPEG.
pub(super) struct JpegWriter {
    bytes: Vec<u8>,
    /// Bits of an incomplete byte, least significant last.
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

    /// Writes everything after the metadata: a picture of this size, with the groups of blocks in the window.
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
        // Extended sequential, since quantization steps may have 16 bits.
        self.segment(0xC1, &frame)?;
        self.segment(0xC4, &every_symbol(0, FIRST_BITS, 12))?;
        self.segment(0xC4, &every_symbol(0x10, OTHER_BITS, 255))?;
        self.bytes.reserve(components.iter().map(|component| max_bytes(&component.plane)).sum());
        let blocks: usize = components.iter().map(|component| component.across * component.down).sum();
        if components.len() > 1 && blocks <= MAX_INTERLEAVED {
            self.interleaved(window, components)?;
        } else {
            components.iter().try_for_each(|component| self.single_component(extent, window, component))?;
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

    fn single_component(&mut self, extent: &Extent, window: &Window, component: &Component) -> Option<()> {
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

    /// Pads the last byte with ones.
    fn end_scan(&mut self) {
        self.bits(0x7F, 7);
        (self.held, self.count) = (0, 0);
    }

    fn block(&mut self, plane: &Plane, (column, row): (usize, usize), predictor: &mut i16) {
        let mut next = 1;
        for (index, value) in plane.coefficients(column, row) {
            if index == 0 {
                // The range of 8-bit pictures.
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

    /// Writes the code of the number of zeros and the size, then the number.
    fn number(&mut self, zeros: u32, value: i16, code_bits: u32) {
        let value = i32::from(value);
        let size = u32::BITS - value.unsigned_abs().leading_zeros();
        self.bits(zeros << 4 | size, code_bits);
        let bits = if value < 0 { value - 1 } else { value };
        self.bits(bits.cast_unsigned() & ((1 << size) - 1), size);
    }

    /// Writes at most 16 bits.
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

/// Returns the maximum size of the blocks of a component, in bytes. Reserved memory is not used until it is written,
/// while a growing vector needs twice its memory.
fn max_bytes(plane: &Plane) -> usize {
    const MAX_NUMBER_BITS: u32 = 11;
    let (coefficients, blocks) = plane.size();
    let bits = coefficients * (OTHER_BITS + MAX_NUMBER_BITS) as usize + blocks * OTHER_BITS as usize;
    // A zero may be stuffed after every byte.
    bits.div_ceil(8) * 2
}

/// Returns a Huffman table in which each of the first `symbols` symbols is its own code of `bits` bits.
fn every_symbol(number: u8, bits: u32, symbols: u8) -> Vec<u8> {
    let counts = (1..=16).map(|length| if length == bits { symbols } else { 0 });
    std::iter::once(number).chain(counts).chain(0..symbols).collect()
}
