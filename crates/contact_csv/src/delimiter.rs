//! Finds the delimiter of a file.

/// Character between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, in countries with a decimal comma.
    Semicolon,
    /// TAB
    Tab,
}

impl Delimiter {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// Returns the delimiter with this name or character: `comma` or `,`, `semicolon` or `;`, `tab` or TAB.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is_name = |own: &Self| own.name() == name || name.as_bytes() == [own.byte()];
        Self::ALL.into_iter().find(is_name)
    }

    /// Returns the name, such as `comma`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// Returns the delimiter of a first line `sep=;`, which Excel writes before the first row.
    pub(crate) fn declared_in(line: &[u8]) -> Option<Self> {
        let (name, delimiter) = line.split_at_checked(4)?;
        let is_declaration = name.eq_ignore_ascii_case(b"sep=");
        let delimiter = delimiter.first().filter(|_| is_declaration && line.len() <= "sep=;\r\n".len())?;
        Self::ALL.into_iter().find(|own| own.byte() == *delimiter)
    }

    /// Returns the most frequent delimiter of the first row, outside of quotes.
    pub(crate) fn most_frequent_in(row: &[u8]) -> Self {
        let mut counts = [0_usize; 3];
        let mut is_quoted = false;
        for byte in row {
            is_quoted ^= *byte == b'"';
            for (delimiter, count) in Self::ALL.iter().zip(&mut counts) {
                *count += usize::from(!is_quoted && delimiter.byte() == *byte);
            }
        }
        let pairs = Self::ALL.into_iter().zip(counts);
        // The first one of equal counts: max_by_key returns the last one.
        pairs.rev().max_by_key(|(_, count)| *count).map_or(Self::Comma, |(delimiter, _)| delimiter)
    }
}
