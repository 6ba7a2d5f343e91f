//! The square in the centre of a picture, scaled while its pixels are decoded, in any order. So a large picture is
//! never in memory as a whole.

use domain::picture::limits::STORED_SIDE;

/// Sums of the pixels of the square in the centre, with several pixels in each cell. The result has at least
/// [`STORED_SIDE`] cells on each side (or all pixels, if fewer), and less than twice as many.
pub(super) struct Square {
    left: u32,
    top: u32,
    /// Pixels on each side of a cell.
    factor: u32,
    /// Cells on each side.
    side: u32,
    channels: usize,
    sums: Vec<u32>,
}

impl Square {
    /// Creates the square of a picture of this size, with `channels` channels for each pixel.
    pub(super) fn of(width: u32, height: u32, channels: usize) -> Self {
        let whole = width.min(height);
        let factor = (whole / STORED_SIDE).max(1);
        // The remaining pixels are left out on both sides.
        let side = whole / factor;
        let used = side * factor;
        let cells = usize::try_from(u64::from(side) * u64::from(side)).unwrap_or(usize::MAX);
        Self {
            left: (width - used) / 2,
            top: (height - used) / 2,
            factor,
            side,
            channels,
            sums: vec![0; cells.saturating_mul(channels)],
        }
    }

    /// Adds a row. Its pixels are `step` columns apart, the first at `left`. Ignores pixels outside the square.
    pub(super) fn add<'pixel>(
        &mut self,
        y: u32,
        left: u32,
        step: u32,
        pixels: impl Iterator<Item = impl IntoIterator<Item = u8>> + 'pixel,
    ) {
        let Some(row) = self.cell(y, self.top) else { return };
        let row_cells = usize::try_from(self.side).unwrap_or_default() * self.channels;
        let Some(sums) = self.sums.get_mut(row * row_cells..(row + 1) * row_cells) else { return };
        let (first, factor, side) = (self.left, self.factor, self.side);
        let mut x = left;
        for pixel in pixels {
            if let Some(column) = x.checked_sub(first).map(|x| x / factor).filter(|column| *column < side) {
                let at = usize::try_from(column).unwrap_or(usize::MAX).saturating_mul(self.channels);
                for (sum, sample) in sums.iter_mut().skip(at).zip(pixel) {
                    *sum += u32::from(sample);
                }
            }
            x = x.saturating_add(step);
        }
    }

    fn cell(&self, position: u32, first: u32) -> Option<usize> {
        let cell = position.checked_sub(first)? / self.factor;
        usize::try_from(cell).ok().filter(|_| cell < self.side)
    }

    /// Returns the side in cells, and the averages.
    pub(super) fn finish(self) -> (u32, Vec<u8>) {
        let pixels = self.factor * self.factor;
        let average = |sum: &u32| u8::try_from((sum + pixels / 2) / pixels).unwrap_or(u8::MAX);
        (self.side, self.sums.iter().map(average).collect())
    }
}
