//! Contacts as vCards.

use contact_files::{OutputVersion, rendered};
use domain::contact::{
    CardJson, ChangeNumber,
    received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
};
use testkit::samples;

use crate::files::{SAMPLES, received, stored, vcard, with_lines};

/// Returns the text after a patch of a contact with this received text.
fn patched(text: &str, patch: serde_json::Value) -> String {
    let imported = vcard(text);
    let before = stored(&imported.card, 1);
    let changed = samples::patch(patch).apply(&imported.card.to_json()).unwrap();
    let after = stored(&changed, 2);
    let received = received(&before, &imported, 1);
    let text = rendered(&after, Some(&received), None, OutputVersion::V3_0).unwrap();
    text.replace("REV:20261121T120000Z\r\n", "")
}

#[test]
fn new_card_has_the_id_as_uid_and_the_last_change_as_revision() {
    let contact = stored(&samples::valid_card("Lesia", "Ukrainka"), 1);
    let id = contact.id.0;
    let lines = [
        format!("UID:{id}"),
        "FN:Lesia Ukrainka".to_owned(),
        "N:Ukrainka;Lesia;;;".to_owned(),
        "REV:20261121T120000Z".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for version in [OutputVersion::V3_0, OutputVersion::V4_0] {
        assert_eq!(rendered(&contact, None, None, version).unwrap(), with_lines(version.as_str(), &lines));
    }
}

#[test]
fn card_has_the_uid_of_the_contact_and_not_that_of_its_text() {
    let text = with_lines("3.0", &["UID:taken", "N:B;A;;;", "FN:A B", "X-OWN:1"]);
    let imported = vcard(&text);
    let contact = stored(&imported.card, 1);
    let uid = CardUid::of_contact(contact.id);
    let received = ReceivedCard { uid: uid.clone(), change: ChangeNumber(0), ..received(&contact, &imported, 1) };
    for version in [OutputVersion::V3_0, OutputVersion::V4_0] {
        let served = rendered(&contact, Some(&received), None, version).unwrap();
        assert_eq!(vcard(&served).uid, Some(uid.clone()), "{served}");
        assert!(served.contains("X-OWN:1\r\n") && !served.contains("taken"), "{served}");
    }
}

#[test]
fn photo_is_written_inside_of_the_card() {
    let contact = stored(&samples::valid_card("Lesia", "Ukrainka"), 1);
    let imported = vcard(SAMPLES[0]);
    let received = received(&contact, &imported, 1);
    for version in [OutputVersion::V3_0, OutputVersion::V4_0] {
        for received in [None, Some(&received)] {
            let text = rendered(&contact, received, Some(b"ABC"), version).unwrap();
            assert_eq!(vcard(&text).photo.as_deref(), Some(&b"ABC"[..]), "{text}");
            let line = match version {
                OutputVersion::V3_0 => "PHOTO;ENCODING=b;TYPE=JPEG:QUJD\r\n",
                OutputVersion::V4_0 => "PHOTO:data:image/jpeg;base64,QUJD\r\n",
            };
            assert_eq!(text.replace(line, ""), rendered(&contact, received, None, version).unwrap());
        }
    }
}

#[test]
fn values_that_a_contact_cannot_have_survive_a_change() {
    let mut lines = vec!["UID:1".to_owned(), "N:B;A;;;".to_owned(), "FN:A B".to_owned(), "TEL:ask Eva".to_owned()];
    lines.extend((0..21).map(|number| format!("EMAIL:{number}@a.example")));
    lines.push("BDAY:20990101".to_owned());
    lines.push("NOTE:old".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let text = with_lines("3.0", &lines);
    assert_eq!(patched(&text, serde_json::json!({"notes": "new"})), text.replace("NOTE:old", "NOTE:new"));
}

#[test]
fn google_s_star_goes_and_its_other_groups_stay() {
    let text = with_lines("3.0", &["UID:1", "N:B;A;;;", "FN:A B", "CATEGORIES:Sailing,myContacts,starred"]);
    let without_star = text.replace(",starred", "");
    assert_eq!(patched(&text, serde_json::json!({"favorite": false})), without_star);
    assert_eq!(patched(&text, serde_json::json!({"tags": []})), text.replace("Sailing,", ""));
    let starred = without_star.replace("END:", "X-FAVORITE:true\r\nEND:");
    assert_eq!(patched(&without_star, serde_json::json!({"favorite": true})), starred);
}

#[test]
fn card_that_was_received_without_uid_gets_one_with_its_first_change() {
    let text = with_lines("3.0", &["N:B;A;;;", "FN:A B"]);
    assert!(patched(&text, serde_json::json!({"nickname": "C"})).contains("\r\nUID:"));
}

#[test]
fn other_line_ends_and_control_characters_never_go_out() {
    let contact = stored(&samples::valid_card("A", "B"), 1);
    let mut card = received(&contact, &vcard(with_lines("3.0", &["FN:A"])), 1);
    let text = "BEGIN:VCARD\nVERSION:3.0\rFN:A\u{1}\u{ffff}\r\r\nN:;A;;;\nEND:VCARD".to_owned();
    card.text = ReceivedText::from_stored(CardVersion::V3_0, text);
    let text = rendered(&contact, Some(&card), None, OutputVersion::V3_0).unwrap();
    assert_eq!(text, with_lines("3.0", &["FN:A", "N:;A;;;"]));
}

#[test]
fn text_that_is_no_card_is_replaced_by_a_new_one_with_its_uid() {
    let contact = stored(&samples::valid_card("A", "B"), 1);
    let mut card = received(&contact, &vcard(with_lines("3.0", &["UID:u-1", "FN:A"])), 1);
    card.text = ReceivedText::from_stored(CardVersion::V3_0, "nothing".to_owned());
    let text = rendered(&contact, Some(&card), None, OutputVersion::V3_0).unwrap();
    assert_eq!(text, with_lines("3.0", &["UID:u-1", "FN:A B", "N:B;A;;;", "REV:20261121T120000Z"]));
}

#[test]
fn contact_with_an_unreadable_card_is_an_error() {
    let mut contact = stored(&samples::valid_card("A", "B"), 1);
    contact.card = CardJson::from_stored("{?}".to_owned()).unwrap();
    assert!(rendered(&contact, None, None, OutputVersion::V3_0).is_err());
}
