//! Whose birthday is near.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};

use super::{Contact, MonthDay, SortKey, SortValue};
use crate::{
    Ports,
    account::{Timezone, UserId},
    store::StoreError,
};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum UpcomingBirthdaysError {
    /// More days than a year has.
    #[error("days must be from 0 to {max}")]
    TooManyDays {
        /// The greatest number of days.
        max: u64,
    },
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A contact's next birthday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpcomingBirthday {
    /// Whose.
    pub contact: Contact,
    /// The day on which it is kept.
    pub date: NaiveDate,
    /// 0 is today.
    pub days_until: i64,
    /// The age they reach, if the year is known.
    pub turns: Option<i32>,
}

/// The days from today on, both ends in, in which birthdays are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthdayWindow {
    first: NaiveDate,
    last: NaiveDate,
}

impl BirthdayWindow {
    /// The greatest number of days ahead.
    pub const MAX_DAYS: u64 = 366;

    /// The window of so many days after `today`; `None` beyond [`BirthdayWindow::MAX_DAYS`].
    #[must_use]
    pub fn new(today: NaiveDate, days: u64) -> Option<Self> {
        if days > Self::MAX_DAYS {
            return None;
        }
        Some(Self { first: today, last: today.checked_add_days(Days::new(days))? })
    }

    /// The days of the year in which a birthday must lie to be kept within the window: one range,
    /// or two over New Year. A window that ends on 28 February of a year without a 29th reaches
    /// over it, for whoever was born on that day.
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

    /// The first day in the window on which a birthday is kept.
    #[must_use]
    pub fn next(self, birthday: MonthDay) -> Option<NaiveDate> {
        (self.first.year()..=self.last.year())
            .filter_map(|year| birthday.kept_in(year))
            .find(|date| (self.first..=self.last).contains(date))
    }
}

/// The next birthdays, from today in `timezone` to `days` later, by date, then by name. Each contact
/// stands once, with its next birthday. Costs one statement.
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
        contacts.into_iter().filter_map(|contact| occurrence(window, contact)).collect();
    upcoming.sort_by_cached_key(|next| {
        let name = [SortKey::LastName, SortKey::FirstName].map(|key| SortValue::of(&next.contact, key));
        (next.date, name, next.contact.id)
    });
    Ok(upcoming)
}

fn occurrence(window: BirthdayWindow, contact: Contact) -> Option<UpcomingBirthday> {
    let birthday = contact.details.birthday?;
    let date = window.next(birthday.month_day())?;
    let days_until = (date - window.first).num_days();
    let turns = birthday.year().map(|year| date.year() - year);
    Some(UpcomingBirthday { contact, date, days_until, turns })
}
