//! Upcoming birthdays.

use chrono::{Datelike as _, NaiveDate};

use crate::{
    account::Timezone,
    contact::{BirthdayWindow, Contact, DaysAhead, SortKey, SortValue, SortedMembers},
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

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

/// Returns the birthdays from today in `timezone` to `days` later, by date, then by name. Each contact occurs once,
/// with its next birthday. Costs one statement.
///
/// # Errors
/// Errors of the store.
pub async fn upcoming_birthdays(
    ports: &Ports,
    owner: UserId,
    timezone: Timezone,
    days: DaysAhead,
) -> Result<Vec<UpcomingBirthday>, StoreError> {
    let today = timezone.day_at(ports.clock.now());
    let window = BirthdayWindow::new(today, days);
    let contacts = ports.store.contacts_with_birthday_in(owner, &window.ranges()).await?;
    let mut upcoming: Vec<(SortedMembers, UpcomingBirthday)> =
        contacts.into_iter().filter_map(|contact| next_birthday(window, contact)).collect();
    upcoming.sort_by_cached_key(|(members, next)| {
        let name = [SortKey::LastName, SortKey::FirstName].map(|key| SortValue::of(&next.contact, members, key));
        (next.date, name, next.contact.id)
    });
    Ok(upcoming.into_iter().map(|(_, next)| next).collect())
}

/// Returns the next birthday of a contact. Returns `None` when it is outside the window, or the birthday cannot be read.
fn next_birthday(window: BirthdayWindow, contact: Contact) -> Option<(SortedMembers, UpcomingBirthday)> {
    let members = contact.card.sorted_members();
    let birthday = members.birthday?;
    let date = window.next(birthday.month_day())?;
    let days_until = window.days_until(date);
    let turns = birthday.year().map(|year| date.year() - year);
    Some((members, UpcomingBirthday { contact, date, days_until, turns }))
}
