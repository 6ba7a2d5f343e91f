//! Blocks of one component: stored coefficients, and the positions of non-zero coefficients.

use std::ops::Range;

/// Position in the block, row by row, of each coefficient in zigzag order (T.81, figure 5).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// Slot of a coefficient that is not stored.
const NOT_STORED: u8 = u8::MAX;

/// Part of a grid.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) columns: Range<usize>,
    pub(super) rows: Range<usize>,
}

impl Window {
    /// Returns the same part of a grid that is finer by these factors.
    pub(super) fn finer(&self, across: usize, down: usize) -> Self {
        let times = |range: &Range<usize>, factor: usize| range.start * factor..range.end * factor;
        Self { columns: times(&self.columns, across), rows: times(&self.rows, down) }
    }

    fn block_index(&self, column: usize, row: usize) -> Option<usize> {
        let is_inside = self.columns.contains(&column) && self.rows.contains(&row);
        is_inside.then(|| (row - self.rows.start) * self.columns.len() + column - self.columns.start)
    }
}

/// Grid of blocks, of which those in a window are stored.
pub(super) struct Plane {
    /// Number of blocks in a row.
    stride: usize,
    window: Window,
    /// Number of stored coefficients of a block.
    depth: usize,
    /// Slot of each coefficient, by zigzag index.
    slots: [u8; 64],
    /// Zigzag index and slot of each stored coefficient.
    order: Vec<(u8, usize)>,
    stored: Vec<i16>,
    /// Bit set of the non-zero coefficients of each block, which later scans of a progressive picture require.
    known: Vec<u64>,
}

impl Plane {
    /// Creates a plane that stores the first `eighths` columns of the first `eighths` rows of each block in the window.
    pub(super) fn new((stride, rows): (usize, usize), window: Window, eighths: u8, is_progressive: bool) -> Self {
        let depth = usize::from(eighths) * usize::from(eighths);
        let slots = ZIGZAG.map(|at| {
            let (row, column) = (at / 8, at % 8);
            if row < eighths && column < eighths { row * eighths + column } else { NOT_STORED }
        });
        let order = (0..).zip(slots).filter(|(_, slot)| *slot != NOT_STORED);
        Self {
            stride,
            depth,
            slots,
            order: order.map(|(index, slot)| (index, usize::from(slot))).collect(),
            stored: vec![0; window.columns.len() * window.rows.len() * depth],
            known: vec![0; if is_progressive { stride * rows } else { 0 }],
            window,
        }
    }

    /// Returns a block for reading a scan.
    pub(super) fn block(&mut self, column: usize, row: usize) -> Block<'_> {
        let first = self.window.block_index(column, row).map(|index| index * self.depth);
        let stored = first.and_then(|first| self.stored.get_mut(first..first + self.depth));
        Block {
            slots: &self.slots,
            stored: stored.unwrap_or_default(),
            known: self.known.get_mut(row * self.stride + column),
        }
    }

    /// Frees the data that only further scans need.
    pub(super) fn free_known(&mut self) {
        self.known = Vec::new();
    }

    /// Returns the number of stored coefficients and the number of their blocks.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.stored.len(), self.stored.len() / self.depth)
    }

    /// Returns the stored coefficients of a block with their zigzag index.
    pub(super) fn coefficients(&self, column: usize, row: usize) -> impl Iterator<Item = (u8, i16)> {
        let first = self.window.block_index(column, row).map(|index| index * self.depth);
        let stored = first.and_then(|first| self.stored.get(first..first + self.depth)).unwrap_or_default();
        self.order.iter().filter_map(|(index, slot)| Some((*index, *stored.get(*slot)?)))
    }
}

/// Block that a scan updates. Coefficients are identified by their zigzag index.
pub(super) struct Block<'plane> {
    slots: &'plane [u8; 64],
    /// Empty outside the window.
    stored: &'plane mut [i16],
    known: Option<&'plane mut u64>,
}

impl Block<'_> {
    fn at(&mut self, index: u8) -> Option<&mut i16> {
        self.stored.get_mut(usize::from(*self.slots.get(usize::from(index))?))
    }

    pub(super) fn put(&mut self, index: u8, value: i16) {
        if let Some(known) = &mut self.known {
            **known |= 1 << index;
        }
        if let Some(stored) = self.at(index) {
            *stored = value;
        }
    }

    /// Adds one bit to the DC coefficient, independent of its sign.
    pub(super) fn refine_first(&mut self, bit: i16) {
        if let Some(stored) = self.at(0) {
            *stored |= bit;
        }
    }

    /// Adds one bit to the magnitude of an AC coefficient.
    pub(super) fn refine(&mut self, index: u8, bit: i16) {
        if let Some(stored) = self.at(index).filter(|stored| **stored & bit == 0) {
            *stored = if *stored > 0 { stored.saturating_add(bit) } else { stored.saturating_sub(bit) };
        }
    }

    /// Returns the bit set of non-zero coefficients.
    pub(super) fn known(&self) -> u64 {
        self.known.as_deref().copied().unwrap_or_default()
    }
}
