//! The days that are searched for upcoming birthdays.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};

use super::MonthDay;

/// Number of days after today to search for birthdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaysAhead(u64);

impl DaysAhead {
    /// Maximum number of days.
    pub const MAX: u64 = 366;
    /// Default number of days.
    pub const DEFAULT: Self = Self(7);

    /// Returns `None` beyond [`DaysAhead::MAX`].
    #[must_use]
    pub fn new(days: u64) -> Option<Self> {
        (days <= Self::MAX).then_some(Self(days))
    }
}

/// Inclusive range of days, from today, that is searched for birthdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthdayWindow {
    first: NaiveDate,
    last: NaiveDate,
}

impl BirthdayWindow {
    /// Returns the window from `today` to `days` later.
    #[must_use]
    pub fn new(today: NaiveDate, days: DaysAhead) -> Self {
        Self { first: today, last: today.checked_add_days(Days::new(days.0)).unwrap_or(NaiveDate::MAX) }
    }

    /// Returns the days of the year whose birthdays are observed within the window: one range, or two across New Year.
    /// In a year without 29 February, a window that ends on 28 February also contains 29 February, which is observed on
    /// that day.
    #[must_use]
    pub fn ranges(self) -> Vec<RangeInclusive<MonthDay>> {
        let (from, to) = (MonthDay::of(self.first), MonthDay::of(self.last));
        let to = if MonthDay::LEAP_DAY.kept_in(self.last.year()) == Some(self.last) { MonthDay::LEAP_DAY } else { to };
        match self.last.year() - self.first.year() {
            0 => vec![from..=to],
            1 if to < from => vec![from..=MonthDay::LAST, MonthDay::FIRST..=to],
            _ => vec![MonthDay::FIRST..=MonthDay::LAST],
        }
    }

    /// Returns the first date in the window on which a birthday is observed.
    #[must_use]
    pub fn next(self, birthday: MonthDay) -> Option<NaiveDate> {
        (self.first.year()..=self.last.year())
            .filter_map(|year| birthday.kept_in(year))
            .find(|date| (self.first..=self.last).contains(date))
    }

    /// Returns the number of days from today to a date.
    #[must_use]
    pub fn days_until(self, date: NaiveDate) -> i64 {
        (date - self.first).num_days()
    }
}
