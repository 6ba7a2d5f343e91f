//! Birthdays in all forms that programs write.

/// Month and day of birth, and the year if known. The day exists in the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Birthday {
    year: Option<u16>,
    month: u8,
    day: u8,
}

impl Birthday {
    /// Year that Apple writes for an unknown one. It is a leap year.
    pub(crate) const APPLE_UNKNOWN_YEAR: u16 = 1604;

    /// Creates a birthday. Returns `None` for a day that does not exist, in the year or in any year. Years range from 1
    /// to 9999, and 1604 is an unknown year.
    #[must_use]
    pub fn new(year: Option<u16>, month: u8, day: u8) -> Option<Self> {
        let year = year.filter(|year| *year != Self::APPLE_UNKNOWN_YEAR);
        let is_leap = |year: u16| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(year.is_none_or(is_leap)),
            _ => return None,
        };
        let exists = (1..=days).contains(&day) && year.is_none_or(|year| (1..=9999).contains(&year));
        exists.then_some(Self { year, month, day })
    }

    /// Returns the year, if known.
    #[must_use]
    pub fn year(self) -> Option<u16> {
        self.year
    }

    /// Returns the month, from 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Returns the day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// Parses a value of BDAY: `19900228`, `1990-02-28`, `--0228`, `--02-28`, each also with a time, and
    /// `28.02.1990`. The year `omitted` (X-APPLE-OMIT-YEAR) is unknown, and so is 0. A value without month or day is
    /// none.
    #[must_use]
    pub fn parse(value: &str, omitted: Option<u16>) -> Option<Self> {
        let value = value.trim();
        let date = value.split_once(['T', 't', ' ']).map_or(value, |(date, _)| date);
        let (year, month, day) = parts(date)?;
        let year = if year.is_empty() { None } else { Some(number(year, 4)?) };
        let year = year.filter(|year| *year != 0 && Some(*year) != omitted);
        Self::new(year, number(month, 2)?.try_into().ok()?, number(day, 2)?.try_into().ok()?)
    }
}

/// Returns year, month and day of a date. The year is empty when it is unknown.
fn parts(date: &str) -> Option<(&str, &str, &str)> {
    if let Some(date) = date.strip_prefix("--") {
        let (month, day) = date.split_once('-').or_else(|| halves(date, 4, 2))?;
        return Some(("", month, day));
    }
    if let Some((day, rest)) = date.split_once('.') {
        let (month, year) = rest.split_once('.')?;
        return (year.len() == 4).then_some((year, month, day));
    }
    let (year, rest) = match date.split_once('-') {
        Some(parts) => parts,
        None => halves(date, 8, 4)?,
    };
    let (month, day) = rest.split_once('-').or_else(|| halves(rest, 4, 2))?;
    (year.len() == 4).then_some((year, month, day))
}

/// Splits a text of exactly `length` bytes.
fn halves(text: &str, length: usize, position: usize) -> Option<(&str, &str)> {
    text.split_at_checked(position).filter(|_| text.len() == length)
}

/// Parses a number of at most `width` digits.
fn number(text: &str, width: usize) -> Option<u16> {
    let is_number = (1..=width).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}
