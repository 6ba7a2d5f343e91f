//! Decoding of one scan, a pass over the blocks of some components.

use super::{
    bits::{Bits, HuffmanTable},
    plane::Block,
};

const RUN_OF_SIXTEEN: u8 = 15;

/// Coefficients and bits of a scan (T.81, B.2.3).
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    pub(super) first: u8,
    pub(super) last: u8,
    /// Position of the transmitted bit. The first scan also transmits all higher bits.
    pub(super) low: u8,
    pub(super) is_first: bool,
    /// True when runs of end-of-block are allowed (only in progressive scans, G.1.2.2).
    pub(super) has_runs: bool,
}

impl Band {
    /// Reads the end of a scan header.
    pub(super) fn read(header: &[u8], is_progressive: bool) -> Option<Self> {
        let [first, last, bits, ..] = header else { return None };
        let (first, last, high, low) = (*first, *last, bits >> 4, bits & 15);
        if !is_progressive {
            return Some(Self { first: 0, last: 63, low: 0, is_first: true, has_runs: false });
        }
        let is_valid = first <= last && last < 64 && (first > 0 || last == 0);
        let follows = high == 0 || high == low + 1;
        (is_valid && follows && low < 14).then_some(Self { first, last, low, is_first: high == 0, has_runs: true })
    }
}

/// State between blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Carried {
    /// DC coefficient of the previous block, by component.
    pub(super) predictors: [i16; 4],
    /// Remaining blocks of an end-of-block run.
    empty: u32,
}

/// The tables of one component in a scan.
#[derive(Clone, Copy)]
pub(super) struct Tables<'tables> {
    pub(super) first: Option<&'tables HuffmanTable>,
    pub(super) others: Option<&'tables HuffmanTable>,
}

/// Reads the data of the scan for one block.
pub(super) fn read_block(
    bits: &mut Bits<'_>,
    band: Band,
    tables: Tables<'_>,
    carried: &mut Carried,
    component: usize,
    block: &mut Block<'_>,
) -> Option<()> {
    if band.first == 0 {
        if band.is_first {
            let size = bits.symbol(tables.first?)?;
            let difference = if size < 12 { bits.signed(size.into())? } else { return None };
            let predictor = carried.predictors.get_mut(component)?;
            // Overflows only in hostile files.
            *predictor = predictor.wrapping_add(difference);
            block.put(0, *predictor << band.low);
        } else if bits.bit()? {
            block.refine_first(1 << band.low);
        }
    }
    let rest = Band { first: band.first.max(1), ..band };
    if rest.first > rest.last {
        Some(())
    } else if rest.is_first {
        read_others(bits, rest, tables.others?, &mut carried.empty, block)
    } else {
        refine_others(bits, rest, tables.others?, &mut carried.empty, block)
    }
}

/// Reads AC coefficients in their first scan (G.1.2.2).
fn read_others(
    bits: &mut Bits<'_>,
    band: Band,
    table: &HuffmanTable,
    empty: &mut u32,
    block: &mut Block<'_>,
) -> Option<()> {
    if *empty > 0 {
        *empty -= 1;
        return Some(());
    }
    let mut index = band.first;
    while index <= band.last {
        let symbol = bits.symbol(table)?;
        let (zeros, size) = (symbol >> 4, symbol & 15);
        if size > 0 {
            index += zeros;
            let value = bits.signed(size.into())?;
            if index > band.last {
                return None;
            }
            block.put(index, value << band.low);
        } else if zeros < RUN_OF_SIXTEEN {
            if zeros > 0 && !band.has_runs {
                return None;
            }
            *empty = run_of_empty(bits, zeros)? - 1;
            break;
        } else {
            index += zeros;
        }
        index += 1;
    }
    Some(())
}

/// Refines non-zero AC coefficients and adds new ones (G.1.2.3).
fn refine_others(
    bits: &mut Bits<'_>,
    band: Band,
    table: &HuffmanTable,
    empty: &mut u32,
    block: &mut Block<'_>,
) -> Option<()> {
    let bit = 1 << band.low;
    let mut index = band.first;
    while *empty == 0 && index <= band.last {
        let symbol = bits.symbol(table)?;
        let zeros = symbol >> 4;
        let new = match symbol & 15 {
            0 if zeros < RUN_OF_SIXTEEN => {
                *empty = run_of_empty(bits, zeros)?;
                break;
            }
            0 => None,
            1 => Some(if bits.bit()? { bit } else { -bit }),
            _ => return None,
        };
        index = refine_up_to(bits, Band { first: index, ..band }, zeros, block)?;
        if let Some(value) = new {
            if index > band.last {
                return None;
            }
            block.put(index, value);
        }
        index += 1;
    }
    if *empty > 0 {
        *empty -= 1;
        refine_up_to(bits, Band { first: index, ..band }, u8::MAX, block)?;
    }
    Some(())
}

/// Refines non-zero coefficients and skips `zeros` zeros. Returns the index of the next zero.
fn refine_up_to(bits: &mut Bits<'_>, band: Band, zeros: u8, block: &mut Block<'_>) -> Option<u8> {
    let (known, mut zeros) = (block.known(), zeros);
    for index in band.first..=band.last {
        // Shortcut: most blocks have no non-zero coefficients.
        if zeros == u8::MAX && known >> index == 0 {
            break;
        }
        if known >> index & 1 == 1 {
            if bits.bit()? {
                block.refine(index, 1 << band.low);
            }
        } else if zeros == 0 {
            return Some(index);
        } else if zeros < u8::MAX {
            zeros -= 1;
        }
    }
    Some(band.last + 1)
}

/// Reads the length of an end-of-block run, including the current block.
fn run_of_empty(bits: &mut Bits<'_>, exponent: u8) -> Option<u32> {
    Some((1 << exponent) + u32::from(bits.take(exponent.into())?))
}
