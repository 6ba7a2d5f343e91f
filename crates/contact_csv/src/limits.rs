//! Bounds of the input.

/// Bounds of one row. A row outside of them is an error; the rows after it are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of bytes of a row, with quotes and delimiters.
    pub row_bytes: usize,
    /// Maximum number of bytes of a cell.
    pub cell_bytes: usize,
    /// Maximum number of cells of a row.
    pub columns: usize,
}

impl Default for Limits {
    /// 1 MiB for a row, 256 KiB for a cell, 1,000 cells.
    fn default() -> Self {
        Self { row_bytes: 1 << 20, cell_bytes: 256 << 10, columns: 1_000 }
    }
}
