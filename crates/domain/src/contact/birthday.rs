//! Birthdays: a month and a day, and the year if known.

use std::{fmt, str::FromStr};

use chrono::{Datelike as _, Duration, NaiveDate};

use crate::{invisible::trimmed, text::Invalid, time::Timestamp};

/// Day of the year, including 29 February. Ordered by month and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// 1 January.
    pub const FIRST: Self = Self { month: 1, day: 1 };
    /// 31 December.
    pub const LAST: Self = Self { month: 12, day: 31 };
    /// 29 February.
    pub const LEAP_DAY: Self = Self { month: 2, day: 29 };
    /// 1 March.
    pub const FIRST_OF_MARCH: Self = Self { month: 3, day: 1 };

    /// Returns the month and day of a date.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self { month: date.month(), day: date.day() }
    }

    /// Parses the output of [`MonthDay::ordinal`].
    #[must_use]
    pub fn from_ordinal(ordinal: u32) -> Option<Self> {
        Birthday::new(None, ordinal / 100, ordinal % 100).ok().map(Birthday::month_day)
    }

    /// Returns the day before; `None` for 1 January.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        (Self::FIRST.ordinal()..self.ordinal()).rev().find_map(Self::from_ordinal)
    }

    /// Returns `month * 100 + day`, the form that is stored and compared.
    #[must_use]
    pub fn ordinal(self) -> u32 {
        self.month * 100 + self.day
    }

    /// Returns the date of this day in a year. In years without 29 February it is observed on 28 February. Returns
    /// `None` only for years that the calendar does not support.
    #[must_use]
    pub fn observed_in(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, self.month, self.day)
            .or_else(|| if self == Self::LEAP_DAY { NaiveDate::from_ymd_opt(year, 2, 28) } else { None })
    }
}

/// Birthday. An unknown year is `None`, never a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Birthday {
    year: Option<i32>,
    month_day: MonthDay,
}

impl Birthday {
    /// Creates a birthday from its parts.
    ///
    /// # Errors
    /// `NotABirthday` for a day that does not exist in the year, or in any year if none is given. Years range from 1 to
    /// 9999.
    pub fn new(year: Option<i32>, month: u32, day: u32) -> Result<Self, Invalid> {
        const ANY_LEAP_YEAR: i32 = 2000;
        let exists = NaiveDate::from_ymd_opt(year.unwrap_or(ANY_LEAP_YEAR), month, day).is_some();
        if !exists || year.is_some_and(|year| !(1..=9999).contains(&year)) {
            return Err(Invalid::NotABirthday);
        }
        Ok(Self { year, month_day: MonthDay { month, day } })
    }

    /// Creates a birthday whose year is unknown.
    #[must_use]
    pub fn without_year(month_day: MonthDay) -> Self {
        Self { year: None, month_day }
    }

    /// Returns the year, if known.
    #[must_use]
    pub fn year(self) -> Option<i32> {
        self.year
    }

    /// Returns the month and day.
    #[must_use]
    pub fn month_day(self) -> MonthDay {
        self.month_day
    }

    /// Returns the latest valid date of birth: today in UTC+14, where each day begins first. So a child born
    /// today can be added in every time zone.
    #[must_use]
    pub fn latest(now: Timestamp) -> NaiveDate {
        (now + Duration::hours(14)).date_naive()
    }

    /// Returns the birthday if it is not in the future; `latest` is [`Birthday::latest`]. Without a year it never is.
    ///
    /// # Errors
    /// `InTheFuture`.
    pub fn not_after(self, latest: NaiveDate) -> Result<Self, Invalid> {
        let Self { year, month_day: MonthDay { month, day } } = self;
        let born = year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        if born.is_some_and(|born| born > latest) { Err(Invalid::InTheFuture) } else { Ok(self) }
    }
}

/// Parses, trimmed, `1990-02-28` (ISO 8601) or, without the year, `--02-28` (as in vCard, RFC 6350, 4.3.1).
impl FromStr for Birthday {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let raw = trimmed(raw);
        let (year, rest) = match raw.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => {
                let (year, rest) = raw.split_once('-').ok_or(Invalid::NotABirthday)?;
                (Some(number::<i32>(year, 4)?), rest)
            }
        };
        let (month, day) = rest.split_once('-').ok_or(Invalid::NotABirthday)?;
        Self::new(year, number(month, 2)?, number(day, 2)?)
    }
}

fn number<T: FromStr>(text: &str, width: usize) -> Result<T, Invalid> {
    if text.len() != width || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Invalid::NotABirthday);
    }
    text.parse().map_err(|_| Invalid::NotABirthday)
}

impl fmt::Display for Birthday {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(formatter, "{year:04}")?,
            None => formatter.write_str("-")?,
        }
        write!(formatter, "-{:02}-{:02}", self.month_day.month, self.month_day.day)
    }
}
