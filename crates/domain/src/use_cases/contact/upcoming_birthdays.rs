//! Lists the birthdays of the next days, by date.

use chrono::{Datelike as _, NaiveDate};

use crate::{
    account::Timezone,
    contact::{
        BirthdayWindow, Contact, ContactQuery, Cursor, DaysAhead, Filter, PageStart, UnreadableContact,
        part::{PartSize, length},
    },
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

/// Next birthday, or a contact whose birthday cannot be read. Such a contact does not fail the list.
pub type NextBirthday = Result<UpcomingBirthday, UnreadableContact>;

/// Upcoming birthdays of the owner's contacts, read in parts: by date, then by name. Each contact occurs once, with its
/// next birthday.
#[derive(Debug, Clone)]
pub struct UpcomingBirthdays {
    owner: UserId,
    window: BirthdayWindow,
    /// Queries that are not finished, in the order of their dates.
    queries: Vec<ContactQuery>,
    size: PartSize,
}

impl UpcomingBirthdays {
    /// Creates the list of the birthdays from today in `timezone` to `days` later. Nothing is read yet.
    #[must_use]
    pub fn new(ports: &Ports, owner: UserId, timezone: Timezone, days: DaysAhead) -> Self {
        let window = BirthdayWindow::new(timezone.day_at(ports.clock.now()), days);
        let query = |(days, sort)| {
            let filter = Filter { birthday: Some(days), ..Filter::default() };
            ContactQuery { filter, sort, start: PageStart::Skip(0), limit: 0 }
        };
        let queries = window.ranges().into_iter().map(query).collect();
        Self { owner, window, queries, size: PartSize::short() }
    }

    /// Returns the maximum number of contacts that the next part reads.
    #[must_use]
    pub fn next_contacts(&self) -> u64 {
        self.size.contacts()
    }

    /// Reads the next part, and returns the rest unless the list is complete. Costs one statement.
    ///
    /// # Errors
    /// Errors of the store.
    pub async fn read(mut self, ports: &Ports) -> Result<(Vec<NextBirthday>, Option<Self>), StoreError> {
        let limit = self.size.contacts();
        self.queries.iter_mut().for_each(|query| query.limit = limit);
        let mut contacts = ports.store.list_in_sequence(self.owner, &self.queries, limit).await?;
        let is_last = length(&contacts) < limit;
        let is_cut = self.size.cut(&mut contacts, |contact| Some(contact));
        if is_cut || !is_last {
            self.continue_after(&mut contacts);
        } else {
            self.queries.clear();
        }
        let birthdays =
            contacts.into_iter().filter_map(|contact| next_birthday(self.window, contact).transpose()).collect();
        Ok((birthdays, (!self.queries.is_empty()).then_some(self)))
    }

    /// Lets the next part begin after the last of these contacts whose birthday can be read, and removes those behind it: the
    /// next part reads them again. Without one, the list ends.
    fn continue_after(&mut self, contacts: &mut Vec<Contact>) {
        let reached = contacts.iter().enumerate().rev().find_map(|(index, contact)| {
            let day = contact.card.birthday()?.month_day();
            let is_in = |query: &ContactQuery| query.filter.birthday.as_ref().is_some_and(|days| days.contains(&day));
            Some((self.queries.iter().position(is_in)?, index))
        });
        let Some((position, index)) = reached else { return self.queries.clear() };
        self.queries.drain(..position);
        contacts.truncate(index + 1);
        if let (Some(last), Some(query)) = (contacts.last(), self.queries.first_mut()) {
            query.start = PageStart::After(Cursor::at(last, &query.sort));
        }
    }
}

/// Returns the next birthday of a contact. Returns `None` when it is outside the window.
fn next_birthday(window: BirthdayWindow, contact: Contact) -> Result<Option<UpcomingBirthday>, UnreadableContact> {
    let birthday = contact.card.birthday().ok_or(UnreadableContact(contact.id))?;
    let Some(date) = window.next(birthday.month_day()) else { return Ok(None) };
    let days_until = window.days_until(date);
    let turns = birthday.year().map(|year| date.year() - year);
    Ok(Some(UpcomingBirthday { contact, date, days_until, turns }))
}
