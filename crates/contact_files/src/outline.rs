//! The fields of a contact as those of a card.

use domain::contact::{ContactCard, LabeledAddress, LabeledEmail, LabeledLink, LabeledPhone};
use vcard::{Address, Birthday, Card, Labeled, Name};

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
        birthday: birthday.and_then(birthday_of),
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

fn birthday_of(birthday: domain::contact::Birthday) -> Option<Birthday> {
    let ordinal = birthday.month_day().ordinal();
    let year = birthday.year().map(u16::try_from).transpose().ok()?;
    Birthday::new(year, u8::try_from(ordinal / 100).ok()?, u8::try_from(ordinal % 100).ok()?)
}
