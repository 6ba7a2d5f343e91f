//! Cards that CardDAV clients send.

use contact_files::{Charset, OutputVersion, SentCardError, read_card, rendered_contact, rendered_group};
use domain::{
    contact::{
        Birthday, ChangeNumber,
        card_resource::{CardName, GroupCard, PutContact, PutContent},
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
    },
    picture::limits::MAX_UPLOAD_BYTES,
};
use testkit::samples;

use crate::files::{stored, with_lines};

fn read(text: &str) -> Result<PutContent, SentCardError> {
    read_card(text.as_bytes(), None, Birthday::latest(samples::now()))
}

fn contact(text: &str) -> PutContact {
    match read(text).unwrap() {
        PutContent::Contact(contact) => *contact,
        PutContent::Group { .. } => panic!("a group: {text}"),
    }
}

/// Returns the text that is served after this card was stored.
fn served(text: &str, version: OutputVersion) -> String {
    let put = contact(text);
    let stored = stored(&put.card, 1);
    let uid = put.uid.clone().unwrap_or_else(|| CardUid::of_contact(stored.id));
    let received = ReceivedCard { contact: stored.id, uid, change: ChangeNumber(1), text: put.text };
    rendered_contact(&stored, Some(&received), None, version).unwrap()
}

#[test]
fn stored_card_is_served_as_it_was_sent() {
    let lines = ["UID:a-1", "FN:Леся Українка", "N:Українка;Леся;;;", "TEL;TYPE=CELL:ask Eva", "X-OWN;A=b:c\\,d"];
    for version in [OutputVersion::V3_0, OutputVersion::V4_0] {
        let text = with_lines(version.as_str(), &lines);
        assert_eq!(served(&text, version), text);
    }
}

#[test]
fn card_without_uid_is_served_with_one() {
    let text = with_lines("3.0", &["FN:Lesia Ukrainka", "N:Ukrainka;Lesia;;;", "NOTE:UID: 7"]);
    let served = served(&text, OutputVersion::V3_0);
    let uid: Vec<&str> = served.lines().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(uid.len(), 1, "{served}");
    assert!(uid[0].len() == "UID:".len() + 36, "{uid:?}");
    assert_eq!(served.replace(&format!("{}\r\n", uid[0]), ""), text);
    assert_eq!(contact(&text).uid, None);
}

#[test]
fn line_that_is_no_uid_is_replaced_by_the_uid_of_the_contact() {
    let long = format!("UID:{}", "x".repeat(CardUid::MAX + 1));
    let (long, names) = (long.as_str(), ["FN:A", "N:;A;;;", "X-OWN:1"]);
    for version in [OutputVersion::V3_0, OutputVersion::V4_0] {
        // The text with these lines of UIDs, before the names and behind them.
        let text = |before: &[&str], behind: &[&str]| with_lines(version.as_str(), &[before, &names, behind].concat());
        for lines in [&["UID:"][..], &["uid;X-A=1: "], &["item1.UID:\u{1}"], &[long], &["UID:", long, "UID:\\n"]] {
            let sent = text(lines, &[]);
            assert_eq!(contact(&sent).uid, None, "{lines:?}");
            let served = served(&sent, version);
            let uid = served.lines().find(|line| line.starts_with("UID:")).unwrap_or_default();
            assert_eq!(uid.len(), "UID:".len() + 36, "{served}");
            assert_eq!(served, text(&[], &[uid]), "{lines:?}");
        }
        let own = "UID;X-A=1:urn:uuid:8B9F2A64-8C3E-4D5A-9E0B-1F2A3B4C5D6E";
        for lines in [&["UID:", own][..], &[own, "UID:"], &[own, long]] {
            assert_eq!(served(&text(lines, &[]), version), text(&[own], &[]), "{lines:?}");
        }
        // The second line is not the UID of the card.
        let second = served(&text(&[long, "UID:a-1"], &[]), version);
        let uid = second.lines().find(|line| line.starts_with("UID:")).unwrap_or_default();
        assert_eq!((uid.len(), &second), ("UID:".len() + 36, &text(&[uid], &[])));
        assert_eq!(served(&text(&["UID:a-1", "UID:a-2"], &[]), version), text(&["UID:a-1", "UID:a-2"], &[]));
    }
}

#[test]
fn card_without_a_name_is_accepted() {
    for lines in [&[][..], &["FN:"], &["N:;;;;"], &["NOTE:x"], &["TEL:ask Eva"], &["X-OWN:1"]] {
        for version in ["2.1", "3.0", "4.0"] {
            let put = contact(&with_lines(version, lines));
            assert!(put.card.card().has_name(), "{lines:?}");
        }
    }
    assert_eq!(contact(&with_lines("3.0", &["TEL:0671112233"])).card.card().first_name, None);
}

#[test]
fn favorite_is_known_only_if_the_card_has_it() {
    let favorite = |lines: &[&str]| contact(&with_lines("3.0", &[&["FN:A"], lines].concat())).favorite;
    assert_eq!(favorite(&[]), None);
    assert_eq!(favorite(&["X-FAVORITE:1"]), Some(true));
    assert_eq!(favorite(&["X-FAVORITE:true"]), Some(true));
    assert_eq!(favorite(&["X-FAVORITE:0"]), Some(false));
    assert_eq!(favorite(&["X-ANDROID-STARRED:1"]), Some(true));
    assert_eq!(favorite(&["X-ANDROID-STARRED:0"]), Some(false));
    assert_eq!(favorite(&["CATEGORIES:myContacts,starred"]), Some(true));
    assert_eq!(favorite(&["CATEGORIES:starred"]), None);
}

#[test]
fn picture_is_apart_and_in_the_whole_text() {
    let without = with_lines("3.0", &["FN:A", "N:;A;;;"]);
    let with = without.replace("END:", "PHOTO;ENCODING=b;TYPE=JPEG:QUJD\r\nEND:");
    let put = contact(&with);
    assert_eq!(put.photo.as_deref(), Some(&b"ABC"[..]));
    assert_eq!((put.text.as_str(), put.text_with_photo.unwrap().as_str()), (&*without, &*with));
    assert_eq!(contact(&without).text_with_photo, None);
    let link = without.replace("END:", "PHOTO;VALUE=uri:https://a.example/a.jpg\r\nEND:");
    let put = contact(&link);
    assert_eq!((put.photo, put.text.as_str()), (None, &*link));

    // The text with a large picture is too large to be stored, and the text without it is not.
    let large = "A".repeat(ReceivedText::MAX_BYTES);
    let put = contact(&without.replace("END:", &format!("PHOTO;ENCODING=b:{large}\r\nEND:")));
    assert_eq!((put.text_with_photo, put.text.as_str()), (None, &*without));
    assert!(put.photo.unwrap().len() < MAX_UPLOAD_BYTES);
}

#[test]
fn group_is_read_as_its_text() {
    for kind in ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"] {
        let lines = ["FN:Friends", kind, "UID:urn:uuid:7", "MEMBER:urn:uuid:8"];
        let text = with_lines("4.0", &lines);
        let PutContent::Group { uid, text: stored } = read(&text).unwrap() else { panic!("{text}") };
        assert_eq!(uid.unwrap().as_str(), "7");
        assert_eq!(stored.as_str(), text);
        let (name, change) = (CardName::parse("a").unwrap(), ChangeNumber(1));
        let group = GroupCard { name, uid: CardUid::parse("7").unwrap(), change, text: stored };
        assert_eq!(rendered_group(&group, OutputVersion::V4_0), text);
        assert!(rendered_group(&group, OutputVersion::V3_0).contains("VERSION:3.0\r\n"));
        for lines in [&["FN:Friends", kind][..], &["UID:", "FN:Friends", kind]] {
            let text = ReceivedText::new(CardVersion::V3_0, with_lines("3.0", lines)).unwrap();
            let unnamed = GroupCard { text, ..group.clone() };
            let served = rendered_group(&unnamed, OutputVersion::V3_0);
            assert_eq!(served, with_lines("3.0", &["FN:Friends", kind, "UID:7"]), "{lines:?}");
        }
    }
}

#[test]
fn exactly_one_card_is_accepted() {
    let one = with_lines("3.0", &["FN:A"]);
    for (content, cause) in [
        (String::new(), "none"),
        ("FN:A\r\n".to_owned(), "no card"),
        (format!("{one}{one}"), "several"),
        (one.replace("END:VCARD", ""), "END"),
        (one.replace("END:VCARD", "END:\0VCARD\r\nEND:VCARD"), "belong to no card"),
        (one.replace("FN:A", "BEGIN:\u{ffff}VCARD\r\nFN:A"), "END"),
    ] {
        let error = read(&content).unwrap_err();
        assert!(matches!(&error, SentCardError::NotOneCard(text) if text.contains(cause)), "{content:?}: {error}");
    }
    let large = one.replace("END:", &format!("NOTE:{}\r\nEND:", "x".repeat(ReceivedText::MAX_BYTES)));
    assert!(matches!(read(&large).unwrap_err(), SentCardError::TooLarge(_)));
}

#[test]
fn named_charset_is_used() {
    let text = with_lines("3.0", &["FN:Леся", "N:;Леся;;;"]);
    // Ukrainian letters have the bytes from C0 on, in the order of Unicode (windows-1251).
    let byte = |letter: char| match u32::from(letter) {
        code @ 0x410..0x450 => u8::try_from(code - 0x410 + 0xc0).unwrap(),
        code => u8::try_from(code).unwrap(),
    };
    let bytes: Vec<u8> = text.chars().map(byte).collect();
    let charset = Charset::from_label("windows-1251").unwrap();
    let PutContent::Contact(put) = read_card(&bytes, Some(charset), samples::now().date_naive()).unwrap() else {
        panic!()
    };
    assert_eq!(put.card.card().first_name.as_ref().unwrap().as_str(), "Леся");
}
