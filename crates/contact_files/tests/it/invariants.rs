//! Invariants of all contacts and all files.

use contact_files::{ContactRows, FileFormat, OutputVersion, rendered};
use domain::contact::{
    CardPatch, ValidCard,
    import::{EntryContent, ImportedContact},
    received::CardUid,
};
use proptest::prelude::*;
use vcard::{Card, Lexer, Limits, Version};

use crate::{
    files::{self, SAMPLES, contact_of, entries, entry, received, stored, today, vcard},
    models,
};

const VERSIONS: [OutputVersion; 2] = [OutputVersion::V3_0, OutputVersion::V4_0];

fn lines(text: &str) -> Vec<String> {
    Lexer::new(text).map(|line| line.raw().to_owned()).collect()
}

fn card_of(text: &str) -> Card {
    vcard::read(text, &Limits::default()).unwrap()
}

/// Returns the names of the lines that are in one of the texts only.
fn changed_names(one: &str, other: &str) -> Vec<String> {
    let mut left = lines(other);
    let mut changed = Vec::new();
    for line in lines(one) {
        match left.iter().position(|own| *own == line) {
            Some(position) => drop(left.remove(position)),
            None => changed.push(line),
        }
    }
    changed.extend(left);
    let text = changed.concat();
    Lexer::new(&text).map(|line| line.name().to_ascii_uppercase()).collect()
}

/// Members of a contact, and the lines that have them.
const MEMBERS: [(&str, &[&str]); 17] = [
    ("first_name", &["N"]),
    ("prefix", &["N"]),
    ("nickname", &["NICKNAME"]),
    ("phonetic_first_name", &["X-PHONETIC-FIRST-NAME"]),
    ("phonetic_last_name", &["X-PHONETIC-LAST-NAME"]),
    ("pronouns", &["PRONOUNS"]),
    ("organization", &["ORG"]),
    ("department", &["ORG"]),
    ("job_title", &["TITLE"]),
    ("emails", &["EMAIL", "X-ABLABEL"]),
    ("phones", &["TEL", "X-ABLABEL"]),
    ("addresses", &["ADR", "X-ABLABEL", "X-ABADR"]),
    ("urls", &["URL", "X-ABLABEL"]),
    ("birthday", &["BDAY"]),
    ("notes", &["NOTE"]),
    ("tags", &["CATEGORIES"]),
    ("favorite", &["X-FAVORITE", "CATEGORIES"]),
];

/// Returns a card with one member of another card. `None` when the result is not valid.
fn patched(card: &ValidCard, other: &ValidCard, member: &str) -> Option<ValidCard> {
    let json: serde_json::Value = serde_json::from_str(other.to_json().as_str()).unwrap();
    let patch = serde_json::json!({ member: json[member] });
    CardPatch::parse(patch, today()).unwrap().apply(&card.to_json()).ok()
}

fn imported(file: &[u8], format: FileFormat) -> Vec<ImportedContact> {
    entries(file, format)
        .into_iter()
        .filter_map(|entry| match entry.content {
            Ok(EntryContent::Contact(contact)) => Some(*contact),
            _ => None,
        })
        .collect()
}

/// Reads a file in all ways, and writes what was read.
pub(crate) fn run_all(file: &[u8], size: usize) {
    for format in [FileFormat::Vcard, FileFormat::Csv] {
        let options = files::options(format);
        let whole = files::read_pieces(file, options.clone(), file.len().max(1));
        assert_eq!(files::read_pieces(file, options, size), whole);
        for contact in imported(file, format) {
            let photo = contact.photo.as_deref();
            let own = stored(&contact.card, 2);
            ContactRows::default().row(&own).unwrap();
            for version in VERSIONS {
                rendered(&own, None, photo, version).unwrap();
                if contact.text.is_some() {
                    for change in [1, 2] {
                        let text = rendered(&own, Some(&received(&own, &contact, change)), photo, version).unwrap();
                        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
                    }
                }
            }
        }
    }
}

fn syntax() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("BEGIN:VCARD\r\nVERSION:3.0\r\nN:A;B;;;\r\n"),
        Just("END:VCARD\r\n"),
        Just("VERSION:2.1\n"),
        Just("VERSION:4.0\r\n"),
        Just("TEL:123\r"),
        Just("TEL:ask\n"),
        Just("EMAIL:a@b.example\n"),
        Just("EMAIL:a\n"),
        Just("BDAY:20990101\n"),
        Just("item1.PHOTO;ENCODING=b:QUJD\n"),
        Just("PHOTO:data:image/jpeg;base64,QUJD\n"),
        Just("item1.X-ABLabel:a\n"),
        Just("CATEGORIES:myContacts,starred,a\n"),
        Just("NOTE;QUOTED-PRINTABLE:=D0=\n"),
        Just("KIND:group\n"),
        Just("First Name,UID,Birthday,Notes\n"),
        Just("a,b,c\n"),
        Just("\""),
        Just(","),
        Just(";"),
        Just(":"),
        Just("\n "),
        Just("\u{1}"),
    ];
    proptest::collection::vec(prop_oneof![8 => piece.prop_map(str::to_owned), 1 => "\\PC{0,8}"], 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn written_contact_is_read_unchanged(model in models::model()) {
        let contact = stored(&model, 1);
        for version in VERSIONS {
            let text = rendered(&contact, None, None, version).unwrap();
            let read = vcard(&text);
            prop_assert_eq!(&read.card, &model, "{}", text);
            prop_assert_eq!(read.uid, Some(CardUid::of_contact(contact.id)));
            prop_assert_eq!(read.left_out, vec![]);
            let received = read.text.unwrap();
            prop_assert_eq!(received.as_str(), text);
        }
    }

    #[test]
    fn contact_in_vcard_2_1_is_read_unchanged(model in models::model()) {
        let text = rendered(&stored(&model, 1), None, None, OutputVersion::V3_0).unwrap();
        let text = vcard::write(&card_of(&text), Version::V2_1);
        prop_assert_eq!(&vcard(&text).card, &model, "{}", text);
    }

    #[test]
    fn row_of_a_contact_is_read_unchanged(model in models::model()) {
        let (rows, contact) = (ContactRows::default(), stored(&model, 1));
        let file = format!("{}{}", rows.header(), rows.row(&contact).unwrap());
        let read = contact_of(entry(&file, FileFormat::Csv));
        prop_assert_eq!(&read.card, &model, "{}", file);
        prop_assert_eq!(read.uid, Some(CardUid::of_contact(contact.id)));
        prop_assert_eq!(read.left_out, vec![]);
    }

    #[test]
    fn text_of_an_unchanged_contact_comes_back_and_one_patch_changes_lines_of_one_member(
        sample in 0..SAMPLES.len(), other in models::model(), member in 0..MEMBERS.len(),
    ) {
        let imported = vcard(SAMPLES[sample]);
        let contact = stored(&imported.card, 1);
        let (member, names) = MEMBERS[member];
        let Some(changed) = patched(&imported.card, &other, member) else { return Ok(()) };
        for version in VERSIONS {
            let received = received(&contact, &imported, 1);
            let text = rendered(&contact, Some(&received), None, version).unwrap();
            if version.as_str() == received.text.version().as_str() {
                prop_assert_eq!(&text, received.text.as_str());
            }
            let after = rendered(&stored(&changed, 2), Some(&received), None, version).unwrap();
            for name in changed_names(&text, &after) {
                let is_derived = name == "FN" && card_of(&text).display_name() != card_of(&after).display_name();
                let is_own = name == "REV" || (name == "UID" && imported.uid.is_none());
                prop_assert!(names.contains(&name.as_str()) || is_derived || is_own, "{} of\n{}", name, after);
            }
            prop_assert_eq!(&vcard(&after).card, &changed, "{}", after);
        }
    }

    #[test]
    fn no_syntax_causes_a_panic(text in syntax(), size in 1_usize..50) {
        run_all(text.as_bytes(), size);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
        run_all(&bytes, size);
        run_all(&[b"BEGIN:VCARD\n", bytes.as_slice(), b"\nEND:VCARD\n"].concat(), size);
        run_all(&[b"First Name,UID,Phone 1 - Value\n", bytes.as_slice()].concat(), size);
    }
}

#[test]
fn samples_in_one_file_are_read_as_each_alone() {
    let all = imported(&SAMPLES.map(<[u8]>::to_vec).concat(), FileFormat::Vcard);
    assert_eq!(all, SAMPLES.map(vcard));
}
