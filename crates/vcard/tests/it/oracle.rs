//! Comparison with calcard, where it reads correctly.

use calcard::vcard::{VCard, VCardProperty, VCardValue};

use crate::samples::{SINGLE, card_of, text};

/// Returns the texts of a property as calcard reads them.
fn texts(card: &VCard, property: &VCardProperty) -> Vec<String> {
    let entries = card.entries.iter().filter(|entry| entry.name == *property);
    let text = |value: &VCardValue| value.as_text().map(str::to_owned);
    entries.filter_map(|entry| entry.values.first().and_then(text)).collect()
}

#[test]
fn calcard_reads_the_same_emails_phones_and_notes() {
    for (name, _) in SINGLE {
        let text = text(name);
        let oracle = VCard::parse(&text).unwrap();
        let card = card_of(&text);
        let emails: Vec<String> = card.emails.into_iter().map(|email| email.value).collect();
        assert_eq!(emails, texts(&oracle, &VCardProperty::Email), "{name}");
        let phones: Vec<String> = card.phones.into_iter().map(|phone| phone.value).collect();
        let theirs = texts(&oracle, &VCardProperty::Tel);
        let theirs: Vec<&str> = theirs.iter().map(|phone| phone.trim_start_matches("tel:")).collect();
        assert_eq!(phones, theirs, "{name}");
        let notes = texts(&oracle, &VCardProperty::Note);
        assert_eq!(card.note, notes.first().map(|note| note.replace("\r\n", "\n")), "{name}");
    }
}

#[test]
fn calcard_reads_the_cards_that_we_write() {
    for (name, _) in SINGLE {
        let card = card_of(&text(name));
        for version in [vcard::Version::V3_0, vcard::Version::V4_0] {
            let oracle = VCard::parse(vcard::write(&card, version)).unwrap();
            assert_eq!(texts(&oracle, &VCardProperty::Fn), [card.display_name()], "{name}");
            let phones: Vec<&str> = card.phones.iter().map(|phone| phone.value.as_str()).collect();
            assert_eq!(texts(&oracle, &VCardProperty::Tel), phones, "{name}");
        }
    }
}
