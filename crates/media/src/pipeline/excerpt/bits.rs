//! Bit reader for entropy-coded data, and Huffman decoding.

/// Maximum length of a code in the look-up table, in bits.
const QUICK_BITS: u32 = 9;
/// Maximum length of a code, in bits.
const MAX_CODE: u32 = 16;

/// Reader of entropy-coded data up to the next marker. Missing bits are an error; decoders would fill in grey.
pub(super) struct Bits<'file> {
    rest: &'file [u8],
    /// The next bits, most significant first, followed by zeros.
    held: u64,
    count: u32,
}

impl<'file> Bits<'file> {
    pub(super) fn new(rest: &'file [u8]) -> Self {
        Self { rest, held: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= u64::BITS - 8 {
            let (byte, rest) = match self.rest {
                // A zero is stuffed after each FF that is not a marker.
                [0xFF, 0, rest @ ..] => (0xFF, rest),
                [0xFF, ..] | [] => return,
                [byte, rest @ ..] => (*byte, rest),
            };
            self.held |= u64::from(byte) << (u64::BITS - 8 - self.count);
            self.count += 8;
            self.rest = rest;
        }
    }

    fn drop_bits(&mut self, count: u32) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        self.held <<= count;
        Some(())
    }

    /// Reads `count` bits, at most 16, as a number.
    pub(super) fn take(&mut self, count: u32) -> Option<u16> {
        if count == 0 {
            return Some(0);
        }
        if self.count < count {
            self.fill();
        }
        let value = u16::try_from(self.held >> (u64::BITS - count)).ok()?;
        self.drop_bits(count)?;
        Some(value)
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        self.take(1).map(|bit| bit == 1)
    }

    /// Reads a signed number of `count` bits, at most 15, without a sign bit (T.81, F.2.2.1).
    pub(super) fn signed(&mut self, count: u32) -> Option<i16> {
        let value = i32::from(self.take(count)?);
        let is_negative = count > 0 && value < 1 << (count - 1);
        i16::try_from(if is_negative { value - (1 << count) + 1 } else { value }).ok()
    }

    pub(super) fn symbol(&mut self, table: &HuffmanTable) -> Option<u8> {
        if self.count < MAX_CODE {
            self.fill();
        }
        let (symbol, length) = table.find(u16::try_from(self.held >> (u64::BITS - MAX_CODE)).ok()?)?;
        self.drop_bits(length)?;
        Some(symbol)
    }

    /// Continues after the restart marker, which MUST have this number.
    pub(super) fn restart(&mut self, number: u8) -> Option<()> {
        (self.held, self.count) = (0, 0);
        loop {
            match self.rest {
                [0xFF, marker, rest @ ..] if !matches!(marker, 0 | 0xFF) => {
                    self.rest = rest;
                    return (*marker == 0xD0 + number).then_some(());
                }
                [_, rest @ ..] => self.rest = rest,
                [] => return None,
            }
        }
    }
}

/// A Huffman table (T.81, annex C).
pub(super) struct HuffmanTable {
    /// Symbol and length of its code, by the first bits; length 0 for longer codes.
    quick: Vec<(u8, u8)>,
    /// For each length: the end of its codes, extended to 16 bits, and the offset from a code to its index in
    /// `symbols`.
    lengths: [(u32, i32); MAX_CODE as usize],
    symbols: Vec<u8>,
}

impl HuffmanTable {
    /// Reads one table of a DHT segment, after its number. Returns the rest of the segment too.
    pub(super) fn read(segment: &[u8]) -> Option<(Self, &[u8])> {
        let (counts, rest) = segment.split_first_chunk::<{ MAX_CODE as usize }>()?;
        let (symbols, rest) = rest.split_at_checked(counts.iter().map(|count| usize::from(*count)).sum())?;
        let mut table = Self {
            quick: vec![(0, 0); 1 << QUICK_BITS],
            lengths: [(0, 0); MAX_CODE as usize],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut index) = (0_u32, 0_u32);
        for (length, (count, bounds)) in (1..).zip(counts.iter().zip(&mut table.lengths)) {
            let (first, count) = (code, u32::from(*count));
            code += count;
            if code > 1 << length {
                return None;
            }
            *bounds = (code << (MAX_CODE - length), i32::try_from(index).ok()? - i32::try_from(first).ok()?);
            if let Some(unused) = QUICK_BITS.checked_sub(length) {
                let cells = table.quick.chunks_exact_mut(1 << unused).skip(usize::try_from(first).ok()?);
                let symbols = symbols.iter().skip(usize::try_from(index).ok()?).take(usize::try_from(count).ok()?);
                for (cells, symbol) in cells.zip(symbols) {
                    cells.fill((*symbol, u8::try_from(length).ok()?));
                }
            }
            index += count;
            code <<= 1;
        }
        Some((table, rest))
    }

    /// Returns the symbol of the code at the start of these bits, and the length of the code.
    fn find(&self, bits: u16) -> Option<(u8, u32)> {
        let quick = self.quick.get(usize::from(bits >> (MAX_CODE - QUICK_BITS)))?;
        if quick.1 > 0 {
            return Some((quick.0, u32::from(quick.1)));
        }
        let lengths = (1..).zip(&self.lengths).skip(usize::try_from(QUICK_BITS).ok()?);
        let (length, (_, offset)) = lengths.into_iter().find(|(_, (end, _))| u32::from(bits) < *end)?;
        let index = i32::from(bits >> (MAX_CODE - length)) + offset;
        Some((*self.symbols.get(usize::try_from(index).ok()?)?, length))
    }
}
