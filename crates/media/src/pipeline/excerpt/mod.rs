//! Excerpt of a JPEG: the blocks in the centre, with only the coefficients that scaling uses.
//!
//! A decoder retains all coefficients of a progressive picture until the last scan, and all pixels of any picture. This
//! module retains only the visible part, and eight bytes for each block. It computes no pixels: the excerpt contains the
//! original coefficients in a simple coding, so it decodes exactly like the picture.

mod bits;
mod plane;
mod scan;
mod write;

use self::{
    bits::{Bits, HuffmanTable},
    plane::{Plane, Window},
    scan::{Band, Carried, Tables, read_block},
    write::JpegWriter,
};
use crate::structure::{JpegStructure, Segments};

const BLOCK_SIDE: usize = 8;

/// Component that is being read.
struct Component {
    id: u8,
    across: usize,
    down: usize,
    table: usize,
    /// Quantization table at the start of the component's first scan (T.81, B.2.4.1).
    quantization: Option<[u16; 64]>,
    plane: Plane,
}

/// State after the segments read so far.
struct Reader {
    is_progressive: bool,
    components: Vec<Component>,
    extent: Extent,
    quantization: [Option<[u16; 64]>; 4],
    /// DC tables and AC tables.
    tables: [[Option<HuffmanTable>; 4]; 2],
    restart_every: usize,
}

/// Size of a picture, and the grouping of its blocks.
#[derive(Debug, Clone)]
struct Extent {
    width: usize,
    height: usize,
    /// Maximum sampling factors.
    across: usize,
    down: usize,
}

impl Extent {
    /// Returns the number of groups of blocks, including incomplete ones.
    fn groups(&self) -> (usize, usize) {
        (self.width.div_ceil(BLOCK_SIDE * self.across), self.height.div_ceil(BLOCK_SIDE * self.down))
    }

    /// Returns the number of blocks of a component with these factors (T.81, A.1.1 and A.2.2).
    fn blocks(&self, across: usize, down: usize) -> (usize, usize) {
        let blocks = |side: usize, part: usize, max: usize| (side * part).div_ceil(max).div_ceil(BLOCK_SIDE);
        (blocks(self.width, across, self.across), blocks(self.height, down, self.down))
    }

    /// Returns the size and the groups of the square in the centre with a small margin.
    fn middle(&self) -> (Self, Window) {
        let short = self.width.min(self.height);
        // One group beside the square is included, since colours are interpolated with their neighbours.
        let margin = |side: usize, max: usize| ((side - short) / 2 / (BLOCK_SIDE * max)).saturating_sub(1);
        let (left, top) = (margin(self.width, self.across), margin(self.height, self.down));
        // The same margin on both sides, so that the centre is unchanged.
        let middle = Self {
            width: self.width - 2 * left * BLOCK_SIDE * self.across,
            height: self.height - 2 * top * BLOCK_SIDE * self.down,
            ..*self
        };
        let (columns, rows) = middle.groups();
        (middle, Window { columns: left..left + columns, rows: top..top + rows })
    }
}

/// Returns the square in the centre with a small margin, for scaling to `eighths` / 8. Returns `None` if the file is
/// damaged.
pub(super) fn excerpt(jpeg: &[u8], structure: &JpegStructure, eighths: u8) -> Option<Vec<u8>> {
    let (across, down) = structure.max_factors();
    let [width, height] = [structure.width, structure.height].map(usize::from);
    let whole = Extent { width, height, across: across.into(), down: down.into() };
    let (middle, window) = whole.middle();
    let mut reader = Reader::new(structure, whole, &window, eighths);
    let mut writer = JpegWriter::new();
    for (marker, segment, after) in Segments(jpeg) {
        match marker {
            // Metadata are valid at any position.
            0xE0..=0xEF => writer.segment(marker, segment)?,
            0xDB => reader.quantization(segment)?,
            0xC4 => reader.huffman(segment)?,
            0xDD => reader.restart_every = usize::from(u16::from_be_bytes(*segment.first_chunk()?)),
            0xDA => reader.scan(segment, after)?,
            _ => {}
        }
    }
    reader.components.iter_mut().for_each(|component| component.plane.free_known());
    writer.picture(&middle, &window, &reader.components)
}

impl Reader {
    fn new(structure: &JpegStructure, extent: Extent, window: &Window, eighths: u8) -> Self {
        let (columns, rows) = extent.groups();
        let components = structure.components.iter().map(|component| {
            let (across, down) = (usize::from(component.across), usize::from(component.down));
            let all = (columns * across, rows * down);
            Component {
                id: component.id,
                across,
                down,
                table: usize::from(component.quantization),
                quantization: None,
                plane: Plane::new(all, window.finer(across, down), eighths, structure.is_progressive),
            }
        });
        Self {
            is_progressive: structure.is_progressive,
            components: components.collect(),
            extent,
            quantization: [None; 4],
            tables: Default::default(),
            restart_every: 0,
        }
    }

    /// Reads quantization tables (T.81, B.2.4.1).
    fn quantization(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = segment.split_first() {
            let table = self.quantization.get_mut(usize::from(kind & 15))?.insert([0; 64]);
            segment = if kind >> 4 == 0 {
                let (steps, rest) = rest.split_first_chunk::<64>()?;
                *table = steps.map(u16::from);
                rest
            } else {
                let (steps, rest) = rest.split_first_chunk::<128>()?;
                table.iter_mut().zip(steps.as_chunks().0).for_each(|(step, bytes)| *step = u16::from_be_bytes(*bytes));
                rest
            };
        }
        Some(())
    }

    /// Reads Huffman tables (B.2.4.2).
    fn huffman(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = segment.split_first() {
            let slot = self.tables.get_mut(usize::from(kind >> 4))?.get_mut(usize::from(kind & 15))?;
            let (table, rest) = HuffmanTable::read(rest)?;
            *slot = Some(table);
            segment = rest;
        }
        Some(())
    }

    /// Reads a scan header (B.2.3) and the data of the scan.
    fn scan(&mut self, header: &[u8], data: &[u8]) -> Option<()> {
        let (count, rest) = header.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let band = Band::read(rest, self.is_progressive)?;
        let [firsts, others] = &self.tables;
        let mut parts = Vec::new();
        // Components have the order of the frame.
        let mut components = self.components.iter_mut();
        for [id, tables] in selectors.as_chunks::<2>().0 {
            let component = components.find(|component| component.id == *id)?;
            if component.quantization.is_none() {
                component.quantization = *self.quantization.get(component.table)?;
            }
            let first = firsts.get(usize::from(tables >> 4))?.as_ref();
            parts.push((component, Tables { first, others: others.get(usize::from(tables & 15))?.as_ref() }));
        }
        if parts.is_empty() || band.first > 0 && parts.len() > 1 {
            return None;
        }
        read_scan(data, band, &self.extent, self.restart_every, &mut parts)
    }
}

/// Reads the data of a scan. The blocks of a single component are not grouped.
fn read_scan(
    data: &[u8],
    band: Band,
    extent: &Extent,
    restart_every: usize,
    parts: &mut [(&mut Component, Tables<'_>)],
) -> Option<()> {
    let (columns, rows) = match &*parts {
        [(component, _)] => extent.blocks(component.across, component.down),
        _ => extent.groups(),
    };
    let is_grouped = parts.len() > 1;
    let (mut bits, mut carried) = (Bits::new(data), Carried::default());
    let (mut left, mut restarts) = (restart_every, 0);
    for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        if restart_every > 0 && left == 0 {
            bits.restart(restarts % 8)?;
            (left, restarts, carried) = (restart_every, restarts.wrapping_add(1), Carried::default());
        }
        left = left.saturating_sub(1);
        for (number, (component, tables)) in parts.iter_mut().enumerate() {
            let (across, down) = if is_grouped { (component.across, component.down) } else { (1, 1) };
            for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
                let mut block = component.plane.block(column * across + x, row * down + y);
                read_block(&mut bits, band, *tables, &mut carried, number, &mut block)?;
            }
        }
    }
    Some(())
}
