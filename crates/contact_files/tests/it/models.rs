//! Valid contacts for property tests.

use std::fmt::Debug;

use domain::{
    contact::{
        AddressLine, Birthday, ContactCard, ContactEmail, JobTitle, Label, LabeledAddress, LabeledEmail, LabeledLink,
        LabeledPhone, Link, Nickname, Notes, Organization, PersonName, PhoneNumber, Tag, ValidCard,
    },
    text::Invalid,
};
use proptest::{collection::vec, option, prelude::*};

use crate::files::today;

/// Texts with characters that have a meaning in vCard, in CSV and in spreadsheets.
const LINE: &str = "[-a-zA-Z0-9 .,;:=+@'\"*|\\\\%&^ЇєіжäßéÑ漢字👩🏽]{1,24}";
const LINES: &str = "[-a-z0-9 .,;:=\"*\\\\\t\nЇєіжäß漢👩🏽]{1,200}";

fn parsed<T: Debug>(pattern: &'static str, parse: fn(&str) -> Result<T, Invalid>) -> impl Strategy<Value = T> {
    pattern.prop_filter_map("not valid", move |text| parse(&text).ok())
}

fn label() -> impl Strategy<Value = Option<Label>> {
    let known = prop_oneof![Just("home"), Just("work"), Just("mobile"), Just("work fax"), Just("other")];
    let known = known.prop_map(|label| Label::parse(label).unwrap());
    // A known label in another case is read from CSV as the known one.
    option::of(prop_oneof![known, parsed("[а-яіїєґ \"',;.\\\\-]{1,20}", Label::parse)])
}

fn labeled<V: Debug, T: Debug>(
    value: impl Strategy<Value = V>,
    make: fn(Option<Label>, V) -> T,
) -> impl Strategy<Value = Vec<T>> {
    vec((label(), value).prop_map(move |(label, value)| make(label, value)), 0..5)
}

fn address() -> impl Strategy<Value = LabeledAddress> {
    let part = || option::of(parsed(LINE, AddressLine::parse));
    let parts = (label(), part(), parsed(LINE, AddressLine::parse), part(), part(), part());
    parts.prop_map(|(label, street, city, region, postal_code, country)| LabeledAddress {
        label,
        street,
        city: Some(city),
        region,
        postal_code,
        country,
    })
}

fn birthday() -> impl Strategy<Value = Birthday> {
    // 1604 is the year that Apple writes for an unknown one.
    let year = option::of((1_i32..=2025).prop_filter("Apple's year", |year| *year != 1604));
    (year, 1_u32..=12, 1_u32..=31).prop_filter_map("no day", |(year, month, day)| Birthday::new(year, month, day).ok())
}

/// Any valid contact, as far as a vCard holds it.
pub(crate) fn model() -> impl Strategy<Value = ValidCard> {
    let name = || option::of(parsed(LINE, PersonName::parse));
    let work = || option::of(parsed(LINE, Organization::parse));
    let names = (name(), name(), name(), name(), name(), option::of(parsed(LINE, Nickname::parse)), name(), name());
    let works = (work(), work(), option::of(parsed(LINE, JobTitle::parse)), option::of(parsed(LINE, Label::parse)));
    let email = parsed("[a-z0-9.+_-]{1,12}@[a-zж]{1,8}\\.example", ContactEmail::parse);
    let phone = parsed("\\+?[0-9][0-9 ()-]{3,15}[0-9]", PhoneNumber::parse);
    let link = parsed("(https://)?[a-z]{1,8}\\.example/[a-z,;%&=\\\\]{0,8}", Link::parse);
    let lists = (
        labeled(email, |label, address| LabeledEmail { label, address }),
        labeled(phone, |label, number| LabeledPhone { label, number }),
        vec(address(), 0..5),
        labeled(link, |label, url| LabeledLink { label, url }),
    );
    let rest = (
        option::of(birthday()),
        option::of(parsed(LINES, Notes::parse)),
        vec(parsed(LINE, Tag::parse), 0..5),
        any::<bool>(),
    );
    (names, works, lists, rest).prop_filter_map("no name", |(names, works, lists, rest)| {
        let (prefix, first_name, last_name, middle_name, suffix, nickname, phonetic_first_name, phonetic_last_name) =
            names;
        let (organization, department, job_title, pronouns) = works;
        let (emails, phones, addresses, urls) = lists;
        let (birthday, notes, tags, favorite) = rest;
        let card = ContactCard {
            prefix,
            first_name,
            last_name,
            middle_name,
            suffix,
            nickname,
            phonetic_first_name,
            phonetic_last_name,
            pronouns,
            organization,
            department,
            job_title,
            emails,
            phones,
            addresses,
            urls,
            birthday,
            notes,
            tags,
            favorite,
        };
        card.check(today()).ok()
    })
}
