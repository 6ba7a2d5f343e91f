//! vCards of a file, as contacts.

use contact_files::FileFormat;
use domain::{
    contact::{
        CardError, CardErrorReason, Tag,
        import::{EntryContent, EntryError, ImportedGroup},
        received::{CardUid, ReceivedText},
    },
    picture::limits::MAX_UPLOAD_BYTES,
    text::Invalid,
};

use crate::files::{SAMPLES, entries, entry, options, read_pieces, vcard, with_lines};

fn left_out(pointer: &str, reason: Invalid) -> CardError {
    CardError { pointer: pointer.to_owned(), reason: CardErrorReason::Invalid(reason) }
}

/// Returns the error of a file with one vCard.
fn error(file: &str) -> EntryError {
    entry(file, FileFormat::Vcard).content.unwrap_err()
}

#[test]
fn values_that_a_contact_cannot_have_are_left_out() {
    let long = |length| "a".repeat(length);
    let cases = [
        ("TEL:ask Eva".to_owned(), "/phones/0/number", Invalid::NotAPhoneNumber),
        ("EMAIL:none".to_owned(), "/emails/0/address", Invalid::NotAnEmail),
        ("URL:javascript:alert(1)".to_owned(), "/urls/0/url", Invalid::NotALink),
        ("BDAY:20990101".to_owned(), "/birthday", Invalid::InTheFuture),
        ("BDAY:1990".to_owned(), "/birthday", Invalid::NotABirthday),
        ("BDAY;VALUE=text:in spring".to_owned(), "/birthday", Invalid::NotABirthday),
        (format!("NOTE:{}", long(5001)), "/notes", Invalid::TooLong { max: 5000, unit: "characters" }),
        (format!("TITLE:{}", long(201)), "/job_title", Invalid::TooLong { max: 200, unit: "characters" }),
        (
            format!("ADR:;;{};Kyiv;;;", long(201)),
            "/addresses/0/street",
            Invalid::TooLong { max: 200, unit: "characters" },
        ),
        (format!("CATEGORIES:a,{}", long(51)), "/tags/1", Invalid::TooLong { max: 50, unit: "characters" }),
        (format!("UID:{}", long(501)), "/uid", Invalid::TooLong { max: 500, unit: "characters" }),
        (format!("N:;;{};;", long(101)), "/middle_name", Invalid::TooLong { max: 100, unit: "characters" }),
    ];
    for (line, pointer, reason) in cases {
        let lines = ["NICKNAME:Eva", &line];
        let contact = vcard(with_lines("3.0", &lines));
        assert_eq!(contact.left_out, [left_out(pointer, reason)], "{line}");
        assert_eq!(contact.card.card().nickname.as_ref().unwrap().as_str(), "Eva");
        assert_eq!(contact.text.unwrap().as_str(), with_lines("3.0", &lines), "{line}");
    }
}

#[test]
fn value_with_a_long_label_is_taken_without_it() {
    let label = format!("item1.X-ABLabel:{}", "л".repeat(60));
    let contact = vcard(with_lines("3.0", &["item1.TEL:123", &label]));
    assert_eq!(contact.left_out, [left_out("/phones/0/label", Invalid::TooLong { max: 50, unit: "characters" })]);
    let phone = &contact.card.card().phones[0];
    assert_eq!((phone.label.as_ref(), phone.number.as_str()), (None, "123"));
}

#[test]
fn values_after_the_20th_are_left_out_and_indexes_count_the_values_of_the_file() {
    let mut lines = vec!["EMAIL:none".to_owned()];
    lines.extend((0..21).map(|number| format!("EMAIL:{number}@a.example")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let contact = vcard(with_lines("4.0", &lines));
    let expected = [
        left_out("/emails/0/address", Invalid::NotAnEmail),
        left_out("/emails/21/address", Invalid::TooLong { max: 20, unit: "items" }),
    ];
    assert_eq!(contact.left_out, expected);
    assert_eq!(contact.card.card().emails.len(), 20);
}

#[test]
fn card_larger_than_a_contact_loses_its_links_first() {
    let mut lines = vec!["NICKNAME:Eva".to_owned()];
    lines.extend((0..20).map(|number| format!("URL:https://{number}.example/{}", "ї".repeat(1900))));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let contact = vcard(with_lines("3.0", &lines));
    assert_eq!(contact.left_out, [left_out("/urls", Invalid::TooLong { max: 65536, unit: "bytes of text in all" })]);
}

#[test]
fn line_breaks_become_commas_in_an_address_and_spaces_elsewhere() {
    let contact = vcard(SAMPLES[0]);
    let street = contact.card.card().addresses[0].street.clone().unwrap();
    assert_eq!(street.as_str(), "вул. Садова 5, кв. 12");
    let contact = vcard(with_lines("3.0", &["TITLE:Chief\\nof staff", "FN:A"]));
    assert_eq!(contact.card.card().job_title.clone().unwrap().as_str(), "Chief of staff");
    assert_eq!(contact.left_out, []);
}

#[test]
fn card_without_a_name_is_called_by_its_first_value() {
    let contact = vcard(with_lines("3.0", &["TEL:ask Eva"]));
    assert_eq!(contact.card.card().first_name.clone().unwrap().as_str(), "ask Eva");
    assert_eq!(contact.left_out, [left_out("/phones/0/number", Invalid::NotAPhoneNumber)]);
}

#[test]
fn card_without_any_name_is_an_error() {
    let empty = left_out("", Invalid::ContactEmpty);
    assert_eq!(error(&with_lines("3.0", &["NOTE:a"])), EntryError::Invalid(vec![empty.clone()]));
    let long = with_lines("3.0", &[&format!("FN:{}", "a".repeat(101))]);
    let too_long = left_out("/first_name", Invalid::TooLong { max: 100, unit: "characters" });
    assert_eq!(error(&long), EntryError::Invalid(vec![too_long, empty]));
}

#[test]
fn unreadable_parts_of_a_file_are_errors_with_a_sentence() {
    let found = entries(include_bytes!("../../../vcard/tests/samples/many.vcf"), FileFormat::Vcard);
    let summary: Vec<_> = found
        .iter()
        .map(|entry| match &entry.content {
            Ok(_) => (entry.line, entry.name.clone().unwrap_or_default()),
            Err(error) => (entry.line, error.to_string()),
        })
        .collect();
    let expected = [
        (1, "One"),
        (7, "the card has no END:VCARD"),
        (10, "Two"),
        (15, "these lines belong to no card"),
        (17, "With agent"),
        (26, "Joined"),
        (30, "the card has no END:VCARD"),
    ];
    assert_eq!(summary, expected.map(|(line, text)| (line, text.to_owned())));
    assert!(found.iter().enumerate().all(|(index, entry)| entry.index == index));
}

#[test]
fn text_is_without_the_picture_and_the_label_of_its_group() {
    let lines =
        ["FN:A", "item1.PHOTO;ENCODING=b;TYPE=JPEG:QUJD", "item1.X-ABLabel:Me", "item2.TEL:12", "item2.X-ABLabel:B"];
    let contact = vcard(with_lines("3.0", &lines));
    assert_eq!(contact.photo.as_deref(), Some(&b"ABC"[..]));
    assert_eq!(contact.text.unwrap().as_str(), with_lines("3.0", &["FN:A", "item2.TEL:12", "item2.X-ABLabel:B"]));
}

#[test]
fn link_to_a_picture_stays_in_the_text() {
    let text = with_lines("4.0", &["FN:A", "PHOTO:https://a.example/a.jpg", "PHOTO;VALUE=uri:cid:1"]);
    let contact = vcard(&text);
    assert_eq!((contact.photo, contact.text.unwrap().as_str()), (None, text.as_str()));
}

#[test]
fn picture_that_is_not_base64_is_taken_as_it_is() {
    let contact = vcard(with_lines("3.0", &["FN:A", "PHOTO;ENCODING=b:***"]));
    assert!(contact.photo.unwrap().starts_with(b"***"));
    assert_eq!(contact.text.unwrap().as_str(), with_lines("3.0", &["FN:A"]));
}

#[test]
fn picture_larger_than_an_upload_is_left_out() {
    let photo = format!("PHOTO;ENCODING=b:{}", "QUJD".repeat(MAX_UPLOAD_BYTES / 3 + 1));
    let contact = vcard(with_lines("3.0", &["FN:A", &photo]));
    assert_eq!(contact.photo, None);
    let too_long = Invalid::TooLong { max: MAX_UPLOAD_BYTES, unit: "bytes" };
    assert_eq!(contact.left_out, [left_out("/photo", too_long)]);
}

#[test]
fn text_above_its_limit_is_an_error() {
    let text = with_lines("3.0", &["FN:A", &format!("X-LARGE:{}", "a".repeat(ReceivedText::MAX_BYTES))]);
    let sentence = "the card has more than 256 KiB without its photo".to_owned();
    assert_eq!(error(&text), EntryError::Unreadable(sentence));
}

#[test]
fn group_is_a_tag_with_its_members() {
    let group = entry(include_bytes!("../../../vcard/tests/samples/macos_group.vcf"), FileFormat::Vcard);
    assert_eq!(group.name.as_deref(), Some("Хор"));
    let members = ["6f1b2c3d-0001-4a5b-9c8d-1234567890ab", "6f1b2c3d-0002-4a5b-9c8d-1234567890ab"];
    let members = members.map(|uid| CardUid::parse(uid).unwrap()).to_vec();
    let expected = ImportedGroup { tag: Tag::parse("Хор").unwrap(), members };
    assert_eq!(group.content, Ok(EntryContent::Group(expected)));
}

#[test]
fn group_with_a_name_that_is_no_tag_is_an_error() {
    let name = format!("FN:{}", "a".repeat(51));
    let sentence = "the name of the group must have at most 50 characters".to_owned();
    assert_eq!(error(&with_lines("4.0", &["KIND:group", &name])), EntryError::Unreadable(sentence));
}

#[test]
fn favorites_of_programs_are_favorites() {
    let tags_of = |lines: &[&str]| {
        let card = vcard(with_lines("3.0", lines)).card;
        let tags: Vec<String> = card.card().tags.iter().map(|tag| tag.as_str().to_owned()).collect();
        (card.card().favorite, tags)
    };
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    assert_eq!(tags_of(&["FN:A", "X-FAVORITE:true"]), (true, vec![]));
    assert_eq!(tags_of(&["FN:A", "X-ANDROID-STARRED:1"]), (true, vec![]));
    assert_eq!(tags_of(&["FN:A", "CATEGORIES:Sailing,myContacts,starred"]), (true, tags(&["Sailing"])));
    assert_eq!(tags_of(&["FN:A", "CATEGORIES:Sailing,starred,sailing"]), (false, tags(&["Sailing", "starred"])));
}

#[test]
fn summary_names_version_and_charset() {
    let file = b"BEGIN:VCARD\nVERSION:2.1\nN:\xca\xee\xe2\xe0\xeb\xfc;\xce\xeb\xe5\xed\xe0\nEND:VCARD\n";
    let mut choice = options(FileFormat::Vcard);
    choice.locale = Some("uk".to_owned());
    let (entries, summary) = read_pieces(file, choice, 7);
    assert_eq!(entries[0].name.as_deref(), Some("Олена Коваль"));
    assert_eq!((summary.dialect, summary.charset), (Some("2.1"), Some("windows-1251")));
    assert_eq!(summary.columns, []);
}
