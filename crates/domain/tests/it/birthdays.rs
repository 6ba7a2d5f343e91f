//! Upcoming birthdays: by table, and against an independent calculation.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate, TimeZone as _, Utc};
use domain::{
    account::Timezone,
    contact::{Birthday, BirthdayWindow, ContactCard, DaysAhead, MonthDay, Sort},
    ids::UserId,
    use_cases::contact::{UpcomingBirthdays, create_contact},
};
use proptest::{
    prelude::*,
    test_runner::{TestRunner, contextualize_config},
};
use testkit::{TestEnvironment, samples, whole::birthdays};

async fn born(env: &TestEnvironment, owner: UserId, name: &str, birthday: &str) {
    let card = ContactCard { birthday: Some(birthday.parse().unwrap()), ..samples::card(name, "Х") };
    create_contact(&env.ports, owner, &samples::valid(card), None).await.unwrap();
}

async fn upcoming(
    env: &TestEnvironment,
    owner: UserId,
    timezone: &str,
    days: u64,
) -> Vec<(String, String, i64, Option<i32>)> {
    let (timezone, days) = (timezone.parse::<Timezone>().unwrap(), DaysAhead::new(days).unwrap());
    let found = birthdays(&env.ports, owner, timezone, days).await;
    found
        .into_iter()
        .map(|next| {
            let name = next.contact.card.parse().unwrap().first_name.as_ref().unwrap().as_str().to_owned();
            (name, next.date.to_string(), next.days_until, next.turns)
        })
        .collect()
}

#[tokio::test]
async fn upcoming_birthdays_are_listed_by_date_with_age() {
    type Row<'a> = (&'a str, &'a str, i64, Option<i32>);
    type People<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&str, &str, u64, People<'_>, &[Row<'_>])] = &[
        // today (UTC), zone, days, people and birthdays, expected
        ("2026-11-21", "UTC", 0, &[("А", "1990-11-21"), ("Б", "--11-22")], &[("А", "2026-11-21", 0, Some(36))]),
        (
            "2026-11-21",
            "UTC",
            7,
            &[("А", "--11-28"), ("Б", "--11-29"), ("В", "2000-11-21")],
            &[("В", "2026-11-21", 0, Some(26)), ("А", "2026-11-28", 7, None)],
        ),
        (
            "2026-12-30",
            "UTC",
            7,
            &[("А", "1980-01-06"), ("Б", "--12-31"), ("В", "--01-07")],
            &[("Б", "2026-12-31", 1, None), ("А", "2027-01-06", 7, Some(47))],
        ),
        (
            "2026-12-31",
            "UTC",
            366,
            &[("А", "--01-01"), ("Б", "--12-31")],
            &[("Б", "2026-12-31", 0, None), ("А", "2027-01-01", 1, None)],
        ),
        ("2026-02-27", "UTC", 1, &[("А", "2000-02-29")], &[("А", "2026-02-28", 1, Some(26))]),
        ("2026-03-01", "UTC", 0, &[("А", "2000-02-29")], &[]),
        ("2028-02-28", "UTC", 0, &[("А", "2000-02-29")], &[]),
        ("2028-02-28", "UTC", 1, &[("А", "2000-02-29")], &[("А", "2028-02-29", 1, Some(28))]),
        (
            "2026-11-21",
            "UTC",
            1,
            &[("Б", "--11-22"), ("А", "--11-22")],
            &[("А", "2026-11-22", 1, None), ("Б", "2026-11-22", 1, None)],
        ),
        (
            "2026-11-21",
            "UTC",
            366,
            &[("А", "--11-21"), ("Б", "--11-20")],
            &[("А", "2026-11-21", 0, None), ("Б", "2027-11-20", 364, None)],
        ),
        (
            "2027-12-31",
            "UTC",
            366,
            &[("А", "--02-29"), ("Б", "--12-31")],
            &[("Б", "2027-12-31", 0, None), ("А", "2028-02-29", 60, None)],
        ),
    ];
    for (today, zone, days, people, expected) in cases {
        let env = TestEnvironment::default();
        let owner = env.verified("olena@example.com").await.id;
        for (name, birthday) in *people {
            born(&env, owner, name, birthday).await;
        }
        let today: NaiveDate = today.parse().unwrap();
        env.clock.set(today.and_hms_opt(12, 0, 0).unwrap().and_utc());
        let found = upcoming(&env, owner, zone, *days).await;
        let found: Vec<Row<'_>> = found.iter().map(|(n, d, u, t)| (n.as_str(), d.as_str(), *u, *t)).collect();
        assert_eq!(found, *expected, "{today} {zone} {days}");
    }
}

#[tokio::test]
async fn upcoming_birthdays_use_the_timezone_of_the_user() {
    let env = TestEnvironment::default();
    let owner = env.verified("olena@example.com").await.id;
    born(&env, owner, "А", "--11-22").await;
    env.clock.set(Utc.with_ymd_and_hms(2026, 11, 21, 23, 0, 0).unwrap());
    assert_eq!(upcoming(&env, owner, "Europe/Kyiv", 0).await.len(), 1, "already the 22nd in Kyiv");
    assert!(upcoming(&env, owner, "America/New_York", 0).await.is_empty());
}

#[test]
fn days_ahead_of_more_than_a_year_are_rejected() {
    for (days, is_allowed) in [(0, true), (366, true), (367, false), (u64::MAX, false)] {
        assert_eq!(DaysAhead::new(days).is_some(), is_allowed, "{days}");
    }
}

#[test]
fn birthday_after_today_in_every_timezone_is_rejected() {
    let check = |birthday: &str, hour: u32| {
        let card = ContactCard { birthday: Some(birthday.parse().unwrap()), ..samples::card("А", "Б") };
        card.check(Birthday::latest(Utc.with_ymd_and_hms(2026, 11, 21, hour, 0, 0).unwrap()))
    };
    check("2026-11-21", 9).expect("born today");
    assert!(check("2026-11-22", 9).is_err());
    check("2026-11-22", 10).expect("tomorrow has begun on Kiritimati");
}

/// The independent calculation, day by day.
fn next_birthday_by_calendar(today: NaiveDate, days: u64, birthday: MonthDay) -> Option<NaiveDate> {
    (0..=days).map(|ahead| today.checked_add_days(Days::new(ahead)).unwrap()).find(|day| {
        let is_day = (day.month() * 100 + day.day()) == birthday.ordinal();
        let is_stand_in = birthday == MonthDay::LEAP_DAY && day.month() == 2 && day.day() == 28 && !day.leap_year();
        is_day || is_stand_in
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn birthday_window_agrees_with_a_day_by_day_calendar(
        day in 0u64..183_000,
        days in prop_oneof![0u64..40, 0u64..=366],
        ordinal in (1u32..=12, 1u32..=31).prop_filter_map("a day of the year", |(month, day)| MonthDay::from_ordinal(month * 100 + day)),
        leap in any::<bool>(),
    ) {
        let birthday = if leap { MonthDay::LEAP_DAY } else { ordinal };
        let today = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().checked_add_days(Days::new(day)).unwrap();
        let window = BirthdayWindow::new(today, DaysAhead::new(days).unwrap());
        let expected = next_birthday_by_calendar(today, days, birthday);
        prop_assert_eq!(window.next(birthday), expected);
        let ranges = window.ranges();
        let found = ranges.iter().filter(|(range, _)| range.contains(&birthday)).count();
        prop_assert_eq!(found, usize::from(expected.is_some()), "the store is asked for it once");
        let dates = |(range, _): &(RangeInclusive<MonthDay>, Sort)| [*range.start(), *range.end()].map(|day| window.next(day));
        prop_assert!(ranges.iter().flat_map(dates).is_sorted(), "the ranges are in the order of their dates");
    }

    #[test]
    fn birthday_survives_formatting_and_parsing(year in proptest::option::of(1i32..=9999), month in 0u32..14, day in 0u32..33) {
        let exists = NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day).is_some();
        match Birthday::new(year, month, day) {
            Ok(birthday) => {
                prop_assert!(exists);
                prop_assert_eq!(birthday.to_string().parse::<Birthday>().unwrap(), birthday);
            }
            Err(_) => prop_assert!(!exists),
        }
    }
}

/// The whole way, at any moment from 1900 to 2400 and in any time zone. The list has exactly the birthdays of the
/// calendar, each once.
#[test]
fn upcoming_birthdays_agree_with_the_calendar_in_every_timezone() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let env = TestEnvironment::default();
    let days_of_the_year: Vec<MonthDay> = (101..=1231).filter_map(MonthDay::from_ordinal).collect();
    let owner = runtime.block_on(async {
        let owner = samples::stored_user(&env.store).await.id;
        let mut contacts: Vec<_> = days_of_the_year
            .iter()
            .map(|day| {
                let birthday = Birthday::new(Some(1896), day.ordinal() / 100, day.ordinal() % 100).unwrap();
                let draft = ContactCard { birthday: Some(birthday), ..samples::card(&day.ordinal().to_string(), "Х") };
                samples::contact(owner, draft)
            })
            .collect();
        samples::store_contacts(&env.store, &mut contacts).await;
        owner
    });
    let moments = (0i64..183_000 * 86_400, -14i64..=12, prop_oneof![0u64..40, 0u64..=366]);
    let config = ProptestConfig { cases: 300, source_file: Some(file!()), ..ProptestConfig::default() };
    // As in `proptest!`: the environment replaces the number of cases.
    let outcome = TestRunner::new(contextualize_config(config)).run(&moments, |(seconds, west, days)| {
        let now = Utc.with_ymd_and_hms(1900, 1, 1, 0, 0, 0).unwrap() + chrono::Duration::seconds(seconds);
        env.clock.set(now);
        // The signs of these names are those of POSIX: `Etc/GMT-14` is the first to have each day.
        let found = runtime.block_on(upcoming(&env, owner, &format!("Etc/GMT{west:+}"), days));
        let today = (now - chrono::Duration::hours(west)).date_naive();
        let mut expected: Vec<_> = days_of_the_year
            .iter()
            .filter_map(|day| {
                let date = next_birthday_by_calendar(today, days, *day)?;
                let turns = Some(date.year() - 1896);
                Some((day.ordinal().to_string(), date.to_string(), (date - today).num_days(), turns))
            })
            .collect();
        // By date and then by name, which for 228 and 229 is the order of the days.
        expected.sort_by_key(|(_, _, days_until, _)| *days_until);
        prop_assert_eq!(found, expected);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn first_part_of_birthdays_is_a_short_read() {
    let env = TestEnvironment::default();
    let all = UpcomingBirthdays::new(&env.ports, samples::user().id, Timezone::default(), DaysAhead::new(366).unwrap());
    assert_eq!(all.next_contacts(), 51);
}

#[tokio::test]
async fn part_of_birthdays_has_every_contact_that_was_read() {
    let env = TestEnvironment::default();
    let owner = samples::stored_user(&env.store).await.id;
    let card = ContactCard { birthday: Some("--11-22".parse().unwrap()), ..samples::card("А", "Х") };
    let mut contacts: Vec<_> = (0..60).map(|_| samples::contact(owner, card.clone())).collect();
    samples::store_contacts(&env.store, &mut contacts).await;
    let all = UpcomingBirthdays::new(&env.ports, owner, Timezone::default(), DaysAhead::new(366).unwrap());
    let (mut lengths, mut rest) = (Vec::new(), Some(all));
    while let Some(list) = rest {
        let (part, next) = list.read(&env.ports).await.unwrap();
        lengths.push(part.len());
        rest = next;
    }
    assert_eq!(lengths, [51, 9]);
}
