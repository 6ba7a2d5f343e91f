//! Invariants of all cards and all texts.

use proptest::prelude::*;
use vcard::{Card, CardText, CharsetChoice, ContentLine, Lexer, Limits, Version, convert, merge, read, split, write};

use crate::{
    cards,
    samples::{self, SINGLE, card_of},
};

const VERSIONS: [Version; 3] = [Version::V2_1, Version::V3_0, Version::V4_0];

/// Pieces of vCard syntax in a random order.
fn syntax() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("BEGIN:VCARD\n"),
        Just("END:VCARD\n"),
        Just("END:VCARD"),
        Just("VERSION:2.1\n"),
        Just("VERSION:4.0\r\n"),
        Just("N;QUOTED-PRINTABLE:"),
        Just("AGENT:\n"),
        Just("PHOTO;ENCODING=b:"),
        Just("item1."),
        Just("X-ABLabel:"),
        Just("TEL;TYPE="),
        Just("ADR:;;"),
        Just("BDAY:--02-28"),
        Just("\u{feff}"),
        Just("=\n"),
        Just("=D0"),
        Just("\r"),
        Just("\n"),
        Just("\r\n "),
        Just("\t"),
        Just(":"),
        Just(";"),
        Just("\""),
        Just(","),
        Just("\\"),
        Just("жé"),
        Just("\0"),
    ];
    proptest::collection::vec(prop_oneof![8 => piece.prop_map(str::to_owned), 1 => "\\PC{0,8}"], 0..60)
        .prop_map(|pieces| pieces.concat())
}

/// Runs everything on a file.
fn run_all(file: &[u8]) {
    let limits = Limits { card_bytes: 4096, line_bytes: 1024, lines: 30 };
    for entry in split(file, limits, &CharsetChoice::default()) {
        let Ok(received) = entry.card else { continue };
        let Ok(card) = read(&received.text, &limits) else { continue };
        for version in VERSIONS {
            assert!(read(&write(&card, version), &Limits::default()).is_ok());
            convert(&received.text, version, &limits).unwrap();
        }
        assert_eq!(merge(&received.text, &card, &limits).unwrap(), received.text);
        merge(&received.text, &Card::default(), &limits).unwrap();
    }
}

/// Returns the raw lines of a text that are no longer in it, and those that are new.
fn difference(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let raw = |text: &str| Lexer::new(text).map(|line| line.raw().to_owned()).collect::<Vec<_>>();
    let (old, new) = (raw(before), raw(after));
    let missing = |these: &[String], those: &[String]| {
        let mut left = those.to_vec();
        let is_missing = |line: &&String| match left.iter().position(|other| other == *line) {
            Some(position) => {
                left.swap_remove(position);
                false
            }
            None => true,
        };
        these.iter().filter(is_missing).cloned().collect::<Vec<_>>()
    };
    (missing(&old, &new), missing(&new, &old))
}

/// Returns the names of lines, without repetitions.
fn names(lines: &[String]) -> Vec<String> {
    let mut names: Vec<String> = lines
        .iter()
        .flat_map(|line| Lexer::new(line).map(|line| line.name().to_ascii_uppercase()).collect::<Vec<_>>())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Changes one field of a card, and returns the names of the lines that may change.
fn change(card: &mut Card, other: &Card, field: usize) -> &'static [&'static str] {
    match field {
        0 => (card.emails.clone_from(&other.emails), &["EMAIL", "X-ABLABEL"][..]).1,
        1 => (card.phones.clone_from(&other.phones), &["TEL", "X-ABLABEL"][..]).1,
        2 => (card.addresses.clone_from(&other.addresses), &["ADR", "X-ABLABEL", "X-ABADR"][..]).1,
        3 => (card.urls.clone_from(&other.urls), &["URL", "X-ABLABEL"][..]).1,
        4 => (card.note.clone_from(&other.note), &["NOTE"][..]).1,
        5 => (card.birthday = other.birthday, &["BDAY"][..]).1,
        6 => (card.categories.clone_from(&other.categories), &["CATEGORIES"][..]).1,
        7 => (card.favorite = other.favorite, &["X-FAVORITE"][..]).1,
        8 => (card.job_title.clone_from(&other.job_title), &["TITLE"][..]).1,
        9 => (card.organization.clone_from(&other.organization), &["ORG"][..]).1,
        10 => (card.photo.clone_from(&other.photo), &["PHOTO"][..]).1,
        11 => (card.revision.clone_from(&other.revision), &["REV"][..]).1,
        12 => (card.nickname.clone_from(&other.nickname), &["NICKNAME"][..]).1,
        13 => (card.pronouns.clone_from(&other.pronouns), &["PRONOUNS"][..]).1,
        14 => (card.phonetic_first_name.clone_from(&other.phonetic_first_name), &["X-PHONETIC-FIRST-NAME"][..]).1,
        15 => (card.members.clone_from(&other.members), &["MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"][..]).1,
        16 => (card.kind = other.kind, &["KIND", "X-ADDRESSBOOKSERVER-KIND"][..]).1,
        17 => (card.uid.clone_from(&other.uid), &["UID"][..]).1,
        _ => (card.name.clone_from(&other.name), &["N"][..]).1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn lexed_lines_together_are_the_text(text in prop_oneof![syntax(), any::<String>()]) {
        let raw: String = Lexer::new(&text).map(|line| line.raw().to_owned()).collect();
        prop_assert_eq!(raw, text);
    }

    #[test]
    fn line_number_is_the_number_of_its_physical_line(text in "[a:\n ]{0,60}") {
        for line in Lexer::new(&text) {
            let start = line.raw().as_ptr() as usize - text.as_ptr() as usize;
            prop_assert_eq!(line.number(), text[..start].matches('\n').count() + 1);
        }
    }

    #[test]
    fn written_card_is_read_as_the_same_card(card in cards::card()) {
        for version in VERSIONS {
            let text = write(&card, version);
            prop_assert_eq!(&card_of(&text), &card, "{}", text);
        }
    }

    #[test]
    fn written_lines_are_short_and_free_of_control_characters(card in cards::card()) {
        for version in VERSIONS {
            for line in write(&card, version).split("\r\n") {
                prop_assert!(line.len() <= 76, "{}", line);
                prop_assert!(!line.contains(char::is_control), "{}", line);
            }
        }
    }

    #[test]
    fn merge_with_the_same_model_gives_the_same_text(card in cards::card()) {
        for version in VERSIONS {
            let text = write(&card, version);
            prop_assert_eq!(merge(&text, &card, &Limits::default()).unwrap(), text);
        }
    }

    #[test]
    fn merge_with_another_model_is_read_as_this_model(one in cards::card(), other in cards::card()) {
        for version in VERSIONS {
            let merged = merge(&write(&one, version), &other, &Limits::default()).unwrap();
            prop_assert_eq!(&card_of(&merged), &other, "{}", merged);
        }
    }

    #[test]
    fn merge_with_values_of_the_same_card_is_read_as_the_model((one, other) in cards::related()) {
        for version in VERSIONS {
            let merged = merge(&write(&one, version), &other, &Limits::default()).unwrap();
            prop_assert_eq!(&card_of(&merged), &other, "{}", merged);
        }
    }

    #[test]
    fn merge_with_lists_in_another_order_changes_no_line(card in cards::card()) {
        let mut after = card.clone();
        after.emails.reverse();
        after.phones.reverse();
        after.addresses.reverse();
        after.urls.reverse();
        after.members.reverse();
        for version in VERSIONS {
            let text = write(&card, version);
            let merged = merge(&text, &after, &Limits::default()).unwrap();
            let (gone, new) = difference(&text, &merged);
            let derived: &[&str] = if card.display_name() == after.display_name() { &[] } else { &["FN"] };
            prop_assert_eq!([names(&gone), names(&new)], [derived, derived], "{}", merged);
            prop_assert_eq!(&card_of(&merged), &after, "{}", merged);
        }
    }

    #[test]
    fn merge_of_a_text_with_repeated_properties_is_read_as_the_model(
        one in cards::card(), second in cards::card(), other in cards::card(),
    ) {
        let single_values = Card {
            emails: Vec::new(), phones: Vec::new(), addresses: Vec::new(), urls: Vec::new(), members: Vec::new(),
            categories: Vec::new(), ..second
        };
        for version in VERSIONS {
            let (text, more) = (write(&one, version), write(&single_values, version));
            let body = more.splitn(3, "\r\n").nth(2).unwrap();
            let text = text.replace("END:VCARD\r\n", body);
            let merged = merge(&text, &other, &Limits::default()).unwrap();
            prop_assert_eq!(&card_of(&merged), &other, "{}", merged);
        }
    }

    #[test]
    fn merge_with_one_changed_field_changes_lines_of_this_field_only(
        sample in 0..SINGLE.len(), other in cards::card(), field in 0_usize..19,
    ) {
        let text = samples::text(SINGLE[sample].0);
        let before = card_of(&text);
        let mut after = before.clone();
        let allowed = change(&mut after, &other, field);
        let merged = merge(&text, &after, &Limits::default()).unwrap();
        let (gone, new) = difference(&text, &merged);
        for name in names(&gone).into_iter().chain(names(&new)) {
            let is_derived = name == "FN" && before.display_name() != after.display_name();
            prop_assert!(allowed.contains(&name.as_str()) || is_derived, "{} changed in\n{}", name, merged);
        }
        prop_assert_eq!(card_of(&merged), after, "{}", merged);
    }

    #[test]
    fn converted_text_is_read_as_the_same_card(card in cards::card()) {
        for from in VERSIONS {
            for to in [Version::V3_0, Version::V4_0] {
                let text = convert(&write(&card, from), to, &Limits::default()).unwrap();
                prop_assert_eq!(&card_of(&text), &card, "{}", text);
                prop_assert_eq!(CardText::parse(&text, &Limits::default()).unwrap().version(), to);
            }
        }
    }

    #[test]
    fn stream_is_split_in_the_same_way_for_every_size_of_chunks(text in syntax(), size in 1_usize..40) {
        let whole = samples::entries(text.as_bytes());
        let mut splitter = vcard::Splitter::new(Limits::default(), &CharsetChoice::default());
        let mut entries = Vec::new();
        for mut chunk in text.as_bytes().chunks(size) {
            while let Some(entry) = splitter.next(&mut chunk) {
                entries.push(entry);
            }
        }
        while let Some(entry) = splitter.finish() {
            entries.push(entry);
        }
        prop_assert_eq!(entries, whole);
    }

    #[test]
    fn no_syntax_causes_a_panic(text in syntax()) {
        run_all(text.as_bytes());
        run_all(format!("BEGIN:VCARD\n{text}\nEND:VCARD\n").as_bytes());
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        run_all(&bytes);
        run_all(&[b"BEGIN:VCARD\n", bytes.as_slice(), b"\nEND:VCARD\n"].concat());
    }
}

#[test]
fn samples_survive_lexing_and_an_unchanged_merge() {
    for (name, _) in SINGLE {
        let text = samples::text(name);
        let lines = CardText::parse(&text, &Limits::default()).unwrap();
        assert_eq!(lines.lines().iter().map(ContentLine::raw).collect::<String>(), text, "{name}");
        assert_eq!(merge(&text, &card_of(&text), &Limits::default()).unwrap(), text, "{name}");
    }
}
