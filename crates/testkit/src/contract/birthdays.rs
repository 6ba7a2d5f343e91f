//! Upcoming birthdays from the store, compared with a day-by-day calendar.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Days, NaiveDate};
use domain::contact::{Birthday, Contact, ContactCard, DaysAhead, MonthDay};

use super::Backend;
use crate::{TestEnvironment, samples, whole::birthdays};

/// Returns a contact for each day of the year, every second with a year.
fn contact_for_each_day(owner: domain::ids::UserId) -> Vec<Contact> {
    let days = (1..=12).flat_map(|month| (1..=31).map(move |day| month * 100 + day)).filter_map(MonthDay::from_ordinal);
    let born = |day: MonthDay| {
        let year = if day.ordinal().is_multiple_of(2) { "1896" } else { "-" };
        let birthday = format!("{year}-{:02}-{:02}", day.ordinal() / 100, day.ordinal() % 100).parse().unwrap();
        ContactCard { birthday: Some(birthday), ..samples::card(&day.ordinal().to_string(), "Born") }
    };
    let leap_child = ContactCard { birthday: Some("1896-02-29".parse().unwrap()), ..samples::card("leap", "Born") };
    days.map(born).chain([leap_child]).map(|draft| samples::contact(owner, draft)).collect()
}

/// True when the birthday is celebrated on that day.
fn is_celebrated_on(birthday: Birthday, date: NaiveDate) -> bool {
    let ordinal = birthday.month_day().ordinal();
    let stands_in = ordinal == 229 && !date.leap_year() && date.month() == 2 && date.day() == 28;
    stands_in || ordinal == date.month() * 100 + date.day()
}

pub async fn upcoming_birthdays_match_a_day_by_day_calendar(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut contacts = contact_for_each_day(owner);
    samples::store_contacts(&*store, &mut contacts).await;
    let born: Vec<Birthday> = contacts.iter().map(|contact| contact.card.sorted_members().birthday.unwrap()).collect();
    let env = TestEnvironment::over(store);
    // Timestamp, time zone of the user, current date there, days ahead.
    let cases = [
        ("1900-02-27T12:00:00Z", "UTC", "1900-02-27", 2),
        ("1900-02-28T12:00:00Z", "UTC", "1900-02-28", 366),
        ("1904-02-28T12:00:00Z", "UTC", "1904-02-28", 1),
        ("1999-12-31T10:30:00Z", "Pacific/Kiritimati", "2000-01-01", 0),
        ("2000-01-01T09:00:00Z", "Pacific/Pago_Pago", "1999-12-31", 1),
        ("2000-02-29T12:00:00Z", "UTC", "2000-02-29", 366),
        ("2024-12-25T12:00:00Z", "Europe/Kyiv", "2024-12-25", 14),
        ("2026-03-29T01:00:00Z", "Europe/Kyiv", "2026-03-29", 0),
        ("2026-12-31T22:30:00Z", "Europe/Kyiv", "2027-01-01", 7),
        ("2026-12-31T22:30:00Z", "America/New_York", "2026-12-31", 7),
        ("2027-02-21T12:00:00Z", "UTC", "2027-02-21", 7),
        ("2027-03-01T12:00:00Z", "UTC", "2027-03-01", 364),
        ("2027-03-01T12:00:00Z", "UTC", "2027-03-01", 365),
        ("2027-12-31T12:00:00Z", "UTC", "2027-12-31", 366),
        ("2028-02-29T12:00:00Z", "UTC", "2028-02-29", 365),
        ("2100-02-28T12:00:00Z", "UTC", "2100-02-28", 0),
        ("2399-12-31T23:59:59Z", "UTC", "2399-12-31", 60),
        ("2400-02-29T03:00:00Z", "America/New_York", "2400-02-28", 366),
    ];
    for (now, zone, today, days) in cases {
        env.clock.set(now.parse::<DateTime<chrono::Utc>>().unwrap());
        let found = birthdays(&env.ports, owner, zone.parse().unwrap(), DaysAhead::new(days).unwrap()).await;
        assert!(found.is_sorted_by_key(|next| next.date), "{now} {zone} {days}");
        let found: Vec<_> =
            found.into_iter().map(|next| (next.date, next.contact.id, next.days_until, next.turns)).collect();

        let mut expected = Vec::new();
        let mut seen = BTreeSet::new();
        for ahead in 0..=days {
            let date = today.parse::<NaiveDate>().unwrap().checked_add_days(Days::new(ahead)).unwrap();
            for (contact, birthday) in contacts.iter().zip(&born) {
                if is_celebrated_on(*birthday, date) && seen.insert(contact.id) {
                    let turns = birthday.year().map(|born| date.year() - born);
                    expected.push((date, contact.id, i64::try_from(ahead).unwrap(), turns));
                }
            }
        }
        let sorted = |mut rows: Vec<_>| {
            rows.sort_unstable();
            rows
        };
        assert_eq!(sorted(found), sorted(expected), "{now} {zone} {days}");
    }
}
