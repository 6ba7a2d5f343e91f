//! Upcoming birthdays.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};

use super::{Contact, MonthDay, SortKey, SortValue};
use crate::{
    Ports,
    account::{Timezone, UserId},
    store::StoreError,
};

/// Errors of [`upcoming_birthdays`].
#[derive(Debug, thiserror::Error)]
pub enum UpcomingBirthdaysError {
    /// The number of days exceeds [`BirthdayWindow::MAX_DAYS`].
    #[error("days must be from 0 to {max}")]
    TooManyDays {
        /// Maximum number of days.
        max: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Next birthday of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpcomingBirthday {
    /// The contact.
    pub contact: Contact,
    /// Date on which the birthday is observed.
    pub date: NaiveDate,
    /// Number of days from today; 0 is today.
    pub days_until: i64,
    /// Age on that date, if the year is known.
    pub turns: Option<i32>,
}

/// Inclusive range of days, from today, that is searched for birthdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthdayWindow {
    first: NaiveDate,
    last: NaiveDate,
}

impl BirthdayWindow {
    /// Maximum number of days ahead.
    pub const MAX_DAYS: u64 = 366;

    /// Returns the window from `today` to `days` later. Returns `None` beyond [`BirthdayWindow::MAX_DAYS`].
    #[must_use]
    pub fn new(today: NaiveDate, days: u64) -> Option<Self> {
        if days > Self::MAX_DAYS {
            return None;
        }
        Some(Self { first: today, last: today.checked_add_days(Days::new(days))? })
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
}

/// Returns the birthdays from today in `timezone` to `days` later, by date, then by name. Each contact occurs once,
/// with its next birthday. Costs one statement.
///
/// # Errors
/// See [`UpcomingBirthdaysError`].
pub async fn upcoming_birthdays(
    ports: &Ports,
    owner: UserId,
    timezone: Timezone,
    days: u64,
) -> Result<Vec<UpcomingBirthday>, UpcomingBirthdaysError> {
    let today = timezone.day_at(ports.clock.now());
    let window = BirthdayWindow::new(today, days)
        .ok_or(UpcomingBirthdaysError::TooManyDays { max: BirthdayWindow::MAX_DAYS })?;
    let contacts = ports.store.contacts_with_birthday_in(owner, &window.ranges()).await?;
    let mut upcoming: Vec<UpcomingBirthday> =
        contacts.into_iter().filter_map(|contact| next_birthday(window, contact)).collect();
    upcoming.sort_by_cached_key(|next| {
        let name = [SortKey::LastName, SortKey::FirstName].map(|key| SortValue::of(&next.contact, key));
        (next.date, name, next.contact.id)
    });
    Ok(upcoming)
}

fn next_birthday(window: BirthdayWindow, contact: Contact) -> Option<UpcomingBirthday> {
    let birthday = contact.details.birthday?;
    let date = window.next(birthday.month_day())?;
    let days_until = (date - window.first).num_days();
    let turns = birthday.year().map(|year| date.year() - year);
    Some(UpcomingBirthday { contact, date, days_until, turns })
}
