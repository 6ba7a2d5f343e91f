//! Dates of birth in the forms of spreadsheets and mail programs.

use vcard::Birthday;

use crate::options::DateOrder;

/// Returns true for a date that Outlook writes for none: `0/0/00`.
pub(super) fn is_none(value: &str) -> bool {
    value.contains('0') && value.chars().all(|character| "0/.- ".contains(character))
}

/// Reads a date: all forms of vCard, and `12/28/1969` with or without a time.
pub(super) fn parse(value: &str, order: DateOrder) -> Option<Birthday> {
    let date = value.split([' ', 'T']).find(|part| !part.is_empty())?;
    if !date.contains('/') {
        return Birthday::parse(date, None).or_else(|| parse_parts(date, '.', DateOrder::DayFirst));
    }
    parse_parts(date, '/', order)
}

fn parse_parts(date: &str, separator: char, order: DateOrder) -> Option<Birthday> {
    let parts: Vec<&str> = date.trim_end_matches(separator).split(separator).collect();
    let (year, one, other) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => return of_parts(year, month, day),
        [one, other, year] => (*year, *one, *other),
        [one, other] => ("", *one, *other),
        _ => return None,
    };
    let (month, day) = match order {
        DateOrder::MonthFirst => (one, other),
        DateOrder::DayFirst => (other, one),
    };
    of_parts(year, month, day).or_else(|| of_parts(year, day, month))
}

/// Returns the date of its parts. An empty year, or 0, is unknown.
pub(super) fn of_parts(year: &str, month: &str, day: &str) -> Option<Birthday> {
    let year = if year.is_empty() { None } else { Some(full_year(year)?) };
    let number = |text: &str| text.trim().parse::<u8>().ok();
    Birthday::new(year.filter(|year| *year != 0), number(month)?, number(day)?)
}

/// Returns true for parts that are not those of a birthday. An empty part is unknown.
pub(super) fn contradict([year, month, day]: [&str; 3], birthday: Birthday) -> bool {
    let part_or = |part: &str, known: String| if part.is_empty() { known } else { part.to_owned() };
    let year = part_or(year, birthday.year().map(|year| format!("{year:04}")).unwrap_or_default());
    let (month, day) = (part_or(month, birthday.month().to_string()), part_or(day, birthday.day().to_string()));
    of_parts(&year, &month, &day) != Some(birthday)
}

/// Returns the year. Two digits are one from 1930 to 2029, as in spreadsheets.
fn full_year(text: &str) -> Option<u16> {
    let text = text.trim();
    let year: u16 = text.parse().ok()?;
    Some(match (text.len(), year) {
        (2, ..30) => 2_000 + year,
        (2, 30..) => 1_900 + year,
        _ => year,
    })
}
