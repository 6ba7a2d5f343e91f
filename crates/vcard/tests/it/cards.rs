//! Cards for property tests.

use proptest::{collection::vec, option, prelude::*, sample::Index};
use vcard::{Address, Birthday, Card, Kind, Labeled, Name, Photo};

/// Texts with characters that have a meaning in vCard, letters of several alphabets, and long ones.
const SHORT: &str = "[a-zA-Z0-9 .,;:=\\\\\"^%&_+(ЇєіжäßéÑ漢字👩🏽\u{200d}🚀\n-]{1,20}";
const LONG: &str = "[a-z0-9 .,;:=\\\\\"ЇєіжäßéÑ漢字👩🏽\u{200d}🚀\n-]{1,200}";

fn text() -> impl Strategy<Value = String> {
    let trimmed = prop_oneof![3 => SHORT, 1 => LONG].prop_map(|text| text.trim().to_owned());
    trimmed.prop_filter("another value without its scheme, or empty", |text| {
        !text.is_empty() && !text.starts_with("tel:") && !text.starts_with("mailto:")
    })
}

fn one_line() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace('\n', " "))
}

fn label() -> impl Strategy<Value = Option<String>> {
    let known = prop_oneof![
        Just("home"),
        Just("work"),
        Just("mobile"),
        Just("work fax"),
        Just("iPhone"),
        Just("other"),
        Just("fax home")
    ];
    option::of(prop_oneof![known.prop_map(str::to_owned), one_line()])
}

fn labeled<T: Clone + std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Labeled<T>>> {
    vec((label(), value).prop_map(|(label, value)| Labeled { label, value }), 0..4)
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
    let year = option::of(1_u16..=9999);
    (year, 1_u8..=12, 1_u8..=31).prop_filter_map("no day", |(year, month, day)| Birthday::new(year, month, day))
}

fn photo() -> impl Strategy<Value = Photo> {
    let media_type = option::of(prop_oneof![Just("image/jpeg".to_owned()), Just("image/png".to_owned())]);
    (media_type, vec(any::<u8>(), 1..300)).prop_map(|(media_type, bytes)| Photo { media_type, bytes })
}

fn name() -> impl Strategy<Value = Name> {
    let parts = (option::of(text()), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    parts.prop_map(|(first, last, middle, prefix, suffix)| Name { first, last, middle, prefix, suffix })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Individual), Just(Kind::Group), Just(Kind::Organization), Just(Kind::Location)]
}

/// Any card.
pub(crate) fn card() -> impl Strategy<Value = Card> {
    let names = (name(), option::of(text()), option::of(text()), option::of(text()));
    let work = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let lists = (labeled(text()), labeled(text()), labeled(address()), labeled(one_line()), vec(text(), 0..4));
    let rest = (option::of(birthday()), option::of(text()), any::<bool>(), option::of(photo()));
    let ids = (option::of(one_line()), option::of(kind()), vec(one_line(), 0..3), option::of("[0-9TZ:-]{1,20}"));
    (names, work, lists, rest, ids).prop_map(|(names, work, lists, rest, ids)| {
        let (name, phonetic_first_name, phonetic_last_name, nickname) = names;
        let (organization, department, job_title, pronouns) = work;
        let (emails, phones, addresses, urls, categories) = lists;
        let (birthday, note, favorite, photo) = rest;
        let (uid, kind, members, revision) = ids;
        Card {
            uid,
            kind,
            members,
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
            photo,
            revision,
        }
    })
}

/// Two cards whose lists have values in common: in another order, several times, or without their labels.
pub(crate) fn related() -> impl Strategy<Value = (Card, Card)> {
    let picks = || vec(any::<Index>(), 0..6);
    (card(), card(), picks(), picks()).prop_map(|(one, other, picks, other_picks)| {
        (with_values_of_both(&one, &other, &picks), with_values_of_both(&other, &one, &other_picks))
    })
}

/// Returns a card whose lists have picked values of its own and of another card.
fn with_values_of_both(card: &Card, other: &Card, picks: &[Index]) -> Card {
    Card {
        members: picked(&[card.members.as_slice(), other.members.as_slice()].concat(), picks),
        emails: picked(&labeled_of_both(&card.emails, &other.emails), picks),
        phones: picked(&labeled_of_both(&card.phones, &other.phones), picks),
        addresses: picked(&labeled_of_both(&card.addresses, &other.addresses), picks),
        urls: picked(&labeled_of_both(&card.urls, &other.urls), picks),
        categories: picked(&[card.categories.as_slice(), other.categories.as_slice()].concat(), picks),
        ..card.clone()
    }
}

fn labeled_of_both<T: Clone>(own: &[Labeled<T>], others: &[Labeled<T>]) -> Vec<Labeled<T>> {
    let unlabeled = own.iter().map(|own| Labeled { label: None, value: own.value.clone() });
    own.iter().chain(others).cloned().chain(unlabeled).collect()
}

fn picked<T: Clone>(values: &[T], picks: &[Index]) -> Vec<T> {
    if values.is_empty() { Vec::new() } else { picks.iter().map(|pick| pick.get(values).clone()).collect() }
}
