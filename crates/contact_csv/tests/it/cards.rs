//! Cards for property tests, with everything that the columns hold.

use proptest::{collection::vec, option, prelude::*};
use vcard::{Address, Birthday, Card, Labeled, Name};

/// Texts with characters that have a meaning in CSV and in spreadsheets.
const TEXT: &str = "[-a-zA-Z0-9 .,;:=+@'\"*\t|\\\\%ЇєіжäßéÑ漢字👩🏽\u{200d}\n]{1,20}";

/// Texts that often contain a separator of values, or a part of one.
const COLONS: &str = "[:\\\\ a]{1,12}";

fn trimmed(pattern: &'static str) -> impl Strategy<Value = String> {
    pattern.prop_map(|text| text.trim().to_owned()).prop_filter("empty", |text| !text.is_empty())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![2 => trimmed(TEXT), 1 => trimmed(COLONS)]
}

fn label() -> impl Strategy<Value = Option<String>> {
    let known =
        prop_oneof![Just("home"), Just("work"), Just("mobile"), Just("work fax"), Just("other"), Just("iPhone")];
    let own = text().prop_filter("a known label in another case", |label| {
        !["fax", "car", "tty"].contains(&label.to_ascii_lowercase().as_str())
    });
    option::of(prop_oneof![known.prop_map(str::to_owned), own])
}

fn phone() -> impl Strategy<Value = String> {
    prop_oneof!["\\+[0-9]{3,12}", text()]
}

fn labeled<T: Clone + std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Labeled<T>>> {
    vec((label(), value).prop_map(|(label, value)| Labeled { label, value }), 0..5)
}

fn address() -> impl Strategy<Value = Address> {
    let parts = (option::of(text()), text(), option::of(text()), option::of(text()), option::of(text()));
    parts.prop_map(|(street, city, region, postal_code, country)| Address {
        street,
        city: Some(city),
        region,
        postal_code,
        country,
    })
}

fn birthday() -> impl Strategy<Value = Birthday> {
    (option::of(1_u16..=9999), 1_u8..=12, 1_u8..=31)
        .prop_filter_map("no day", |(year, month, day)| Birthday::new(year, month, day))
}

fn name() -> impl Strategy<Value = Name> {
    let parts = (option::of(text()), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    parts.prop_map(|(first, last, middle, prefix, suffix)| Name { first, last, middle, prefix, suffix })
}

/// A card with many colons and backslashes in its lists, its tags and its note.
pub(crate) fn card_of_colons() -> impl Strategy<Value = Card> {
    let colons = || trimmed(COLONS);
    let parts = (colons(), option::of(colons()), option::of(colons()));
    let address =
        parts.prop_map(|(city, street, region)| Address { city: Some(city), street, region, ..Address::default() });
    let lists = (labeled(colons()), labeled(colons()), labeled(address), labeled(colons()), vec(colons(), 0..5));
    (lists, colons()).prop_map(|((emails, phones, addresses, urls, categories), note)| Card {
        emails,
        phones,
        addresses,
        urls,
        categories,
        note: Some(note),
        ..Card::default()
    })
}

/// Any card that has at least one value.
pub(crate) fn card() -> impl Strategy<Value = Card> {
    let names = (name(), option::of(text()), option::of(text()), option::of(text()));
    let work = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let lists = (labeled(text()), labeled(phone()), labeled(address()), labeled(text()), vec(text(), 0..4));
    let rest = (option::of(birthday()), option::of(text()), any::<bool>(), option::of(text()));
    (names, work, lists, rest)
        .prop_map(|(names, work, lists, rest)| {
            let (name, phonetic_first_name, phonetic_last_name, nickname) = names;
            let (organization, department, job_title, pronouns) = work;
            let (emails, phones, addresses, urls, categories) = lists;
            let (birthday, note, favorite, uid) = rest;
            Card {
                uid,
                name,
                phonetic_first_name,
                phonetic_last_name,
                nickname,
                organization,
                department,
                job_title,
                pronouns,
                emails,
                phones,
                addresses,
                urls,
                birthday,
                note,
                categories,
                favorite,
                ..Card::default()
            }
        })
        .prop_filter("a row without values", |card| *card != Card::default())
}
