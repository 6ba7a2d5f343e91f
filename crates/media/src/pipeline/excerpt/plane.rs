//! The blocks of one component: what is kept of them, and what is only known.

use std::ops::Range;

/// Where in its block, row after row, each coefficient of the zigzag stands (T.81, figure 5).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// The place of a coefficient that is not kept.
const NOWHERE: u8 = u8::MAX;

/// A part of a grid.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) columns: Range<usize>,
    pub(super) rows: Range<usize>,
}

impl Window {
    /// The same part of a grid that is finer by these factors.
    pub(super) fn finer(&self, across: usize, down: usize) -> Self {
        let times = |range: &Range<usize>, factor: usize| range.start * factor..range.end * factor;
        Self { columns: times(&self.columns, across), rows: times(&self.rows, down) }
    }

    fn place(&self, column: usize, row: usize) -> Option<usize> {
        let is_inside = self.columns.contains(&column) && self.rows.contains(&row);
        is_inside.then(|| (row - self.rows.start) * self.columns.len() + column - self.columns.start)
    }
}

/// A grid of blocks, of which those in a window are kept.
pub(super) struct Plane {
    /// Blocks from one row to the next.
    stride: usize,
    window: Window,
    /// Coefficients of a block that are kept.
    depth: usize,
    /// By place in the zigzag, where among those that are kept.
    places: [u8; 64],
    /// Places in the zigzag, and among those that are kept.
    order: Vec<(u8, usize)>,
    kept: Vec<i16>,
    /// Of each block, which coefficients are not zero: later scans of a progressive picture cannot be read without.
    known: Vec<u64>,
}

impl Plane {
    /// Keeps of each block in the window the first `eighths` columns of its first `eighths` rows.
    pub(super) fn new((stride, rows): (usize, usize), window: Window, eighths: u8, is_progressive: bool) -> Self {
        let depth = usize::from(eighths) * usize::from(eighths);
        let places = ZIGZAG.map(|at| {
            let (row, column) = (at / 8, at % 8);
            if row < eighths && column < eighths { row * eighths + column } else { NOWHERE }
        });
        let order = (0..).zip(places).filter(|(_, place)| *place != NOWHERE);
        Self {
            stride,
            depth,
            places,
            order: order.map(|(index, place)| (index, usize::from(place))).collect(),
            kept: vec![0; window.columns.len() * window.rows.len() * depth],
            known: vec![0; if is_progressive { stride * rows } else { 0 }],
            window,
        }
    }

    /// A block to be read into.
    pub(super) fn block(&mut self, column: usize, row: usize) -> Block<'_> {
        let first = self.window.place(column, row).map(|place| place * self.depth);
        let kept = first.and_then(|first| self.kept.get_mut(first..first + self.depth));
        Block {
            places: &self.places,
            kept: kept.unwrap_or_default(),
            known: self.known.get_mut(row * self.stride + column),
        }
    }

    /// Frees what only further scans would have needed.
    pub(super) fn forget_known(&mut self) {
        self.known = Vec::new();
    }

    /// Coefficients that are kept, of how many blocks.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.kept.len(), self.kept.len() / self.depth)
    }

    /// What was kept of a block, by place in the zigzag, the others left out.
    pub(super) fn coefficients(&self, column: usize, row: usize) -> impl Iterator<Item = (u8, i16)> {
        let first = self.window.place(column, row).map(|place| place * self.depth);
        let kept = first.and_then(|first| self.kept.get(first..first + self.depth)).unwrap_or_default();
        self.order.iter().filter_map(|(index, place)| Some((*index, *kept.get(*place)?)))
    }
}

/// One block while a scan goes over it. Coefficients are told by their place in the zigzag.
pub(super) struct Block<'plane> {
    places: &'plane [u8; 64],
    /// Empty outside the window.
    kept: &'plane mut [i16],
    known: Option<&'plane mut u64>,
}

impl Block<'_> {
    fn at(&mut self, index: u8) -> Option<&mut i16> {
        self.kept.get_mut(usize::from(*self.places.get(usize::from(index))?))
    }

    pub(super) fn put(&mut self, index: u8, value: i16) {
        if let Some(known) = &mut self.known {
            **known |= 1 << index;
        }
        if let Some(kept) = self.at(index) {
            *kept = value;
        }
    }

    /// One more bit of the first coefficient, whatever its sign.
    pub(super) fn refine_first(&mut self, bit: i16) {
        if let Some(kept) = self.at(0) {
            *kept |= bit;
        }
    }

    /// One more bit of another one, away from zero.
    pub(super) fn refine(&mut self, index: u8, bit: i16) {
        if let Some(kept) = self.at(index).filter(|kept| **kept & bit == 0) {
            *kept = if *kept > 0 { kept.saturating_add(bit) } else { kept.saturating_sub(bit) };
        }
    }

    /// Which coefficients are not zero.
    pub(super) fn known(&self) -> u64 {
        self.known.as_deref().copied().unwrap_or_default()
    }
}
