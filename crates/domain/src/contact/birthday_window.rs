//! The days that are searched for upcoming birthdays.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};

use super::{MonthDay, Sort};

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

    /// Returns the days of the year whose birthdays are observed within the window, as ranges in the order of their
    /// dates. No day is in two ranges. The birthdays of each range are ordered by its sort.
    #[must_use]
    pub fn ranges(self) -> Vec<(RangeInclusive<MonthDay>, Sort)> {
        // A window from 31 December to 1 January of the year after next has every day of the year before its end.
        let years = self.first.year()..=std::cmp::min(self.last.year(), self.first.year() + 1);
        years
            .filter_map(|year| Some((year, self.days_of(year)?)))
            .flat_map(|(year, days)| in_order(year, days))
            .collect()
    }

    /// Returns the days whose next birthday is observed in this year.
    fn days_of(self, year: i32) -> Option<RangeInclusive<MonthDay>> {
        let from = MonthDay::of(self.first);
        let to = if year < self.last.year() {
            MonthDay::LAST
        } else if MonthDay::LEAP_DAY.observed_in(year) == Some(self.last) {
            // In a year without 29 February, the window also contains 29 February, which is observed on the 28th.
            MonthDay::LEAP_DAY
        } else {
            MonthDay::of(self.last)
        };
        // The days from `from` on are observed in the first year.
        let days =
            if year == self.first.year() { from..=to } else { MonthDay::FIRST..=std::cmp::min(to, from.before()?) };
        (!days.is_empty()).then_some(days)
    }

    /// Returns the first date in the window on which a birthday is observed.
    #[must_use]
    pub fn next(self, birthday: MonthDay) -> Option<NaiveDate> {
        (self.first.year()..=self.last.year())
            .filter_map(|year| birthday.observed_in(year))
            .find(|date| (self.first..=self.last).contains(date))
    }

    /// Returns the number of days from today to a date.
    #[must_use]
    pub fn days_until(self, date: NaiveDate) -> i64 {
        (date - self.first).num_days()
    }
}

/// Splits a range of days of one year into parts that can be ordered by birthday. A part whose birthdays are all
/// observed on one date is ordered by name.
fn in_order(year: i32, days: RangeInclusive<MonthDay>) -> Vec<(RangeInclusive<MonthDay>, Sort)> {
    let shared = MonthDay::LEAP_DAY.observed_in(year).map(MonthDay::of).filter(|shared| *shared != MonthDay::LEAP_DAY);
    let Some(shared) = shared.filter(|shared| days.contains(shared) && days.contains(&MonthDay::LEAP_DAY)) else {
        return vec![(days, Sort::by_birthday())];
    };
    let (from, to) = days.into_inner();
    let before = shared.before().map(|end| (from..=end, Sort::by_birthday()));
    let after = (MonthDay::FIRST_OF_MARCH..=to, Sort::by_birthday());
    let parts = before.into_iter().chain([(shared..=MonthDay::LEAP_DAY, Sort::default()), after]);
    parts.filter(|(days, _)| !days.is_empty()).collect()
}
