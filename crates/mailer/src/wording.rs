//! Localized texts that templates cannot format: dates, durations, names, scopes.

use chrono::{Datelike as _, Duration};
use chrono_tz::Tz;
use domain::{
    account::{Locale, Timezone},
    app_password::{Scope, Scopes},
    time::Timestamp,
};

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// In the genitive case, which Ukrainian dates require.
const UKRAINIAN_MONTHS: [&str; 12] = [
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
];

/// Formats a timestamp in the receiver's language and time zone, with the name of the zone.
pub(crate) fn local_time(timestamp: Timestamp, locale: Locale, timezone: Timezone) -> String {
    let zone: Tz = timezone.as_str().parse().unwrap_or(Tz::UTC);
    let local = timestamp.with_timezone(&zone);
    let (day, year, time, zone) = (local.day(), local.year(), local.format("%H:%M"), zone.name());
    match locale {
        Locale::En => format!("{day} {} {year}, {time} ({zone})", month(&ENGLISH_MONTHS, &local)),
        Locale::Uk => format!("{day} {} {year} року, {time} ({zone})", month(&UKRAINIAN_MONTHS, &local)),
    }
}

/// Formats a duration in the case that follows "for" or «діятиме». The unit is the day for whole days, if more than
/// two; else the hour for whole hours; else the minute.
pub(crate) fn duration(duration: Duration, locale: Locale) -> String {
    let minutes = duration.num_minutes();
    let (hours, days) = (minutes / 60, minutes / (24 * 60));
    if days > 2 && minutes % (24 * 60) == 0 {
        return counted(days, locale, ["day", "days"], ["день", "дні", "днів"]);
    }
    if hours > 0 && minutes % 60 == 0 {
        return counted(hours, locale, ["hour", "hours"], ["годину", "години", "годин"]);
    }
    counted(minutes, locale, ["minute", "minutes"], ["хвилину", "хвилини", "хвилин"])
}

fn counted(count: i64, locale: Locale, [one, many]: [&str; 2], forms: [&'static str; 3]) -> String {
    let unit = match locale {
        Locale::En if count == 1 => one,
        Locale::En => many,
        Locale::Uk => ukrainian(count, forms),
    };
    format!("{count} {unit}")
}

/// Returns the operations of the scopes, to follow "It allows a program to" or «Він дозволяє програмі».
pub(crate) fn scopes(scopes: &Scopes, locale: Locale) -> String {
    let operations: Vec<&str> = scopes.iter().map(|scope| operation(scope, locale)).collect();
    operations.join("; ")
}

const fn operation(scope: Scope, locale: Locale) -> &'static str {
    match (scope, locale) {
        (Scope::CardDav, Locale::En) => "synchronize your contacts over CardDAV",
        (Scope::CardDav, Locale::Uk) => "синхронізувати ваші контакти через CardDAV",
        (Scope::ApiRead, Locale::En) => "read your contacts over the API",
        (Scope::ApiRead, Locale::Uk) => "читати ваші контакти через API",
        (Scope::ApiWrite, Locale::En) => "change your contacts over the API",
        (Scope::ApiWrite, Locale::Uk) => "змінювати ваші контакти через API",
    }
}

/// Returns the name of a person or of an app password, or `None` if a mail program would turn it into a link. Anyone can
/// register the e-mail address of another person, and a mail must not contain advertising.
pub(crate) fn harmless_name(name: &str) -> Option<&str> {
    let is_link = |word: &str| {
        word.contains("://") || word.contains('@') || word.contains('/') || word.split('.').skip(1).any(is_like_domain)
    };
    if name.split_whitespace().any(is_link) { None } else { Some(name) }
}

/// True for two letters or more after a dot. Initials such as "J.R.R." do not match.
fn is_like_domain(part: &str) -> bool {
    part.chars().take_while(|character| character.is_alphabetic()).count() >= 2
}

fn month<'a>(names: &[&'a str; 12], date: &impl chrono::Datelike) -> &'a str {
    usize::try_from(date.month0()).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
}

/// Returns the plural form by the CLDR rules of `uk`: one (1, 21 ..), few (2 to 4, 22 to 24 ..), many.
const fn ukrainian(count: i64, [one, few, many]: [&'static str; 3]) -> &'static str {
    match (count % 10, count % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};

    use super::*;

    #[test]
    fn timestamps_use_the_language_and_zone_of_the_receiver() {
        let new_years_eve = Utc.with_ymd_and_hms(2026, 12, 31, 23, 5, 0).unwrap();
        for (locale, zone, expected) in [
            (Locale::En, "UTC", "31 December 2026, 23:05 (UTC)"),
            (Locale::En, "America/New_York", "31 December 2026, 18:05 (America/New_York)"),
            (Locale::Uk, "Europe/Kyiv", "1 січня 2027 року, 01:05 (Europe/Kyiv)"),
        ] {
            assert_eq!(local_time(new_years_eve, locale, zone.parse().unwrap()), expected);
        }
    }

    #[test]
    fn durations_have_the_right_plural() {
        for (minutes, english, ukrainian) in [
            (1, "1 minute", "1 хвилину"),
            (3, "3 minutes", "3 хвилини"),
            (12, "12 minutes", "12 хвилин"),
            (21, "21 minutes", "21 хвилину"),
            (30, "30 minutes", "30 хвилин"),
            (60, "1 hour", "1 годину"),
            (90, "90 minutes", "90 хвилин"),
            (24 * 60, "24 hours", "24 години"),
            (48 * 60, "48 hours", "48 годин"),
            (7 * 24 * 60, "7 days", "7 днів"),
            (21 * 24 * 60 + 60, "505 hours", "505 годин"),
        ] {
            assert_eq!(duration(Duration::minutes(minutes), Locale::En), english);
            assert_eq!(duration(Duration::minutes(minutes), Locale::Uk), ukrainian);
        }
    }

    #[test]
    fn name_that_looks_like_a_link_is_omitted() {
        for (name, is_greeted) in [
            ("Олена Петрівна", true),
            ("J.R.R. Tolkien", true),
            ("Dr. Smith", true),
            ("O'Brien", true),
            ("Win at https://evil", false),
            ("Prizes: evil.example", false),
            ("www.evil.com", false),
            ("приз.укр", false),
            ("write me@evil", false),
            ("evil/path", false),
        ] {
            assert_eq!(harmless_name(name).is_some(), is_greeted, "{name}");
        }
    }

    #[test]
    fn scopes_are_described_in_the_language_of_the_receiver() {
        let some = Scopes::new([Scope::ApiRead, Scope::CardDav]).unwrap();
        let english = "synchronize your contacts over CardDAV; read your contacts over the API";
        assert_eq!(scopes(&some, Locale::En), english);
        let ukrainian = "синхронізувати ваші контакти через CardDAV; читати ваші контакти через API";
        assert_eq!(scopes(&some, Locale::Uk), ukrainian);
    }
}
