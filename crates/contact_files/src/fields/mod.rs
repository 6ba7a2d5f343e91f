//! The fields of a contact and those of a card, in both directions.
//!
//! [`model_of`] gives the values of a card to a contact. A value that a contact cannot have is left out, and the others
//! are taken. [`card_of`] gives the values of a contact to a card.

mod sieve;

use std::collections::HashSet;

use domain::{
    contact::{
        Birthday, CardError, ContactCard, ContactEmail, JobTitle, Label, LabeledAddress, LabeledEmail, LabeledLink,
        LabeledPhone, Link, Nickname, Notes, Organization, PersonName, PhoneNumber, Tag, ValidCard, received::CardUid,
    },
    folding::fold_case,
    text::Invalid,
};
use vcard::{Address, Card, Labeled, Name};

pub(crate) use self::sieve::Sieve;
use crate::google_groups::GoogleGroups;

/// Maximum number of characters of a name in a report. A file can have names of any length.
const MAX_NAME: usize = 200;

/// Returns the contact of a card. `sieve` receives the values that are left out.
///
/// # Errors
/// The card has nothing that names a contact.
pub(crate) fn valid_card_of(card: &Card, groups: GoogleGroups, sieve: &mut Sieve) -> Result<ValidCard, Vec<CardError>> {
    let model = model_of(card, groups, sieve);
    model.check(sieve.today()).map_err(|errors| {
        let mut all = sieve.left_out();
        all.extend(errors);
        all.truncate(CardError::MAX_REPORTED);
        all
    })
}

/// Returns the fields of a contact that a card has. They fulfill every rule, except that they may name nothing.
pub(crate) fn model_of(card: &Card, groups: GoogleGroups, sieve: &mut Sieve) -> ContactCard {
    // Every field is named, so that a new one cannot be forgotten.
    let Card {
        uid: _,
        kind: _,
        members: _,
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
        photo: _,
        revision: _,
    } = card;
    let mut model = ContactCard {
        prefix: sieve.line("prefix", name.prefix.as_deref(), PersonName::parse),
        first_name: sieve.line("first_name", name.first.as_deref(), PersonName::parse),
        last_name: sieve.line("last_name", name.last.as_deref(), PersonName::parse),
        middle_name: sieve.line("middle_name", name.middle.as_deref(), PersonName::parse),
        suffix: sieve.line("suffix", name.suffix.as_deref(), PersonName::parse),
        nickname: sieve.line("nickname", nickname.as_deref(), Nickname::parse),
        phonetic_first_name: sieve.line("phonetic_first_name", phonetic_first_name.as_deref(), PersonName::parse),
        phonetic_last_name: sieve.line("phonetic_last_name", phonetic_last_name.as_deref(), PersonName::parse),
        pronouns: sieve.line("pronouns", pronouns.as_deref(), Label::parse),
        organization: sieve.line("organization", organization.as_deref(), Organization::parse),
        department: sieve.line("department", department.as_deref(), Organization::parse),
        job_title: sieve.line("job_title", job_title.as_deref(), JobTitle::parse),
        emails: sieve.texts(("emails", "address"), emails, ContactEmail::parse, |label, address| LabeledEmail {
            label,
            address,
        }),
        phones: sieve
            .texts(("phones", "number"), phones, PhoneNumber::parse, |label, number| LabeledPhone { label, number }),
        addresses: sieve.list(("addresses", ""), addresses, address),
        urls: sieve.texts(("urls", "url"), urls, Link::parse, |label, url| LabeledLink { label, url }),
        birthday: birthday.and_then(|birthday| birthday_of(birthday, sieve)),
        notes: sieve.text("notes", note.as_deref(), Notes::parse),
        tags: tags_of(categories, groups, sieve),
        favorite: *favorite || categories.iter().any(|category| groups.is_star(category)),
    };
    if !model.has_name() {
        model.first_name = PersonName::parse(&sieve::one_line(&card.display_name(), " ")).ok();
    }
    leave_out_large_members(&mut model, sieve);
    model
}

fn address(sieve: &mut Sieve, pointer: &str, label: Option<Label>, value: &Address) -> Option<LabeledAddress> {
    let Address { street, city, region, postal_code, country } = value;
    let mut part = |name, value: &Option<String>| sieve.part(pointer, name, value.as_deref());
    let address = LabeledAddress {
        label: None,
        street: part("street", street),
        city: part("city", city),
        region: part("region", region),
        postal_code: part("postal_code", postal_code),
        country: part("country", country),
    };
    (address != LabeledAddress::default()).then_some(LabeledAddress { label, ..address })
}

fn birthday_of(birthday: vcard::Birthday, sieve: &mut Sieve) -> Option<Birthday> {
    let year = birthday.year().map(i32::from);
    let birthday = Birthday::new(year, birthday.month().into(), birthday.day().into());
    let birthday = birthday.and_then(|birthday| birthday.not_after(sieve.today()));
    sieve.taken("/birthday", birthday)
}

/// Returns the tags. Of tags that differ only in case the first one is taken.
fn tags_of(categories: &[String], groups: GoogleGroups, sieve: &mut Sieve) -> Vec<Tag> {
    let (mut seen, mut tags) = (HashSet::new(), Vec::new());
    for (index, category) in categories.iter().enumerate().filter(|(_, category)| groups.is_tag(category)) {
        let tag = Tag::parse(&sieve::one_line(category, " "));
        let is_new = tag.as_ref().is_ok_and(|tag| seen.insert(fold_case(tag.as_str())));
        if is_new && tags.len() == ContactCard::MAX_TAGS {
            sieve.leave_out(format!("/tags/{index}"), Invalid::TooLong { max: ContactCard::MAX_TAGS, unit: "items" });
        } else if is_new || tag.is_err() {
            tags.extend(sieve.taken(&format!("/tags/{index}"), tag));
        }
    }
    tags
}

/// Leaves out whole members until all texts together have the size of a contact. The other members always fit.
fn leave_out_large_members(model: &mut ContactCard, sieve: &mut Sieve) {
    let max = ContactCard::MAX_BYTES;
    for pointer in ["/urls", "/addresses", "/notes"] {
        if model.bytes() <= max {
            return;
        }
        match pointer {
            "/urls" => model.urls.clear(),
            "/addresses" => model.addresses.clear(),
            _ => model.notes = None,
        }
        sieve.leave_out(pointer.to_owned(), Invalid::TooLong { max, unit: "bytes of text in all" });
    }
}

/// Returns the card of a contact, without what lies beside its fields: UID, photo and revision.
///
/// A card holds every value, except for the year 1604, which Apple writes for an unknown one, and an address without any
/// part. Line breaks of notes become LF, and a phone loses a leading `tel:`.
pub(crate) fn card_of(model: &ContactCard) -> Card {
    // Every member is named, so that a new one cannot be forgotten.
    let ContactCard {
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
    } = model;
    macro_rules! text {
        ($value:expr) => {
            $value.as_ref().map(|value| value.as_str().to_owned())
        };
    }
    macro_rules! labeled {
        ($values:expr, $kind:ident, $member:ident) => {
            $values
                .iter()
                .map(|$kind { label, $member }| Labeled { label: text!(label), value: $member.as_str().to_owned() })
                .collect()
        };
    }
    let address = |LabeledAddress { label, street, city, region, postal_code, country }: &LabeledAddress| Labeled {
        label: text!(label),
        value: Address {
            street: text!(street),
            city: text!(city),
            region: text!(region),
            postal_code: text!(postal_code),
            country: text!(country),
        },
    };
    Card {
        name: Name {
            first: text!(first_name),
            last: text!(last_name),
            middle: text!(middle_name),
            prefix: text!(prefix),
            suffix: text!(suffix),
        },
        phonetic_first_name: text!(phonetic_first_name),
        phonetic_last_name: text!(phonetic_last_name),
        nickname: text!(nickname),
        organization: text!(organization),
        department: text!(department),
        job_title: text!(job_title),
        pronouns: text!(pronouns),
        emails: labeled!(emails, LabeledEmail, address),
        phones: labeled!(phones, LabeledPhone, number),
        addresses: addresses.iter().map(address).filter(|address| address.value != Address::default()).collect(),
        urls: labeled!(urls, LabeledLink, url),
        birthday: birthday.and_then(card_birthday_of),
        note: text!(notes).map(|notes| notes.replace("\r\n", "\n").replace('\r', "\n")),
        categories: tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
        favorite: *favorite,
        uid: None,
        kind: None,
        members: Vec::new(),
        photo: None,
        revision: None,
    }
}

fn card_birthday_of(birthday: Birthday) -> Option<vcard::Birthday> {
    let ordinal = birthday.month_day().ordinal();
    let year = birthday.year().map(u16::try_from).transpose().ok()?;
    vcard::Birthday::new(year, u8::try_from(ordinal / 100).ok()?, u8::try_from(ordinal % 100).ok()?)
}

/// Returns the name of an entry for a report, in one line.
pub(crate) fn name_of(card: &Card) -> Option<String> {
    let name: String = sieve::one_line(&card.display_name(), " ").chars().take(MAX_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// Returns the UID of a card.
pub(crate) fn uid_of(card: &Card, sieve: &mut Sieve) -> Option<CardUid> {
    sieve.taken("/uid", CardUid::parse(card.uid.as_deref()?))
}
