//! Parts of a card.

use carddav::{AddressData, CardPart, CardProperty};
use vcard::Version;

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-1\r\nFN:Name\r\nitem1.TEL;TYPE=\"a:b\":+1\r\n 234\r\n\
                    item1.X-ABLabel:label\r\nTEL:5\r\nEND:VCARD\r\n";

fn select(parts: Option<&[(&str, bool)]>) -> String {
    let part = |(name, without_value): &(&str, bool)| CardPart {
        property: CardProperty::new(name),
        without_value: *without_value,
    };
    let parts = parts.map(|parts| parts.iter().map(part).collect());
    AddressData { version: Version::V3_0, parts }.select(CARD).into_owned()
}

#[test]
fn whole_card_is_unchanged() {
    assert_eq!(select(None), CARD);
}

#[test]
fn named_properties_are_selected_with_the_frame_of_the_card() {
    let frame = |inside: &str| format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{inside}END:VCARD\r\n");
    let cases: [(&[(&str, bool)], &str); 7] = [
        (&[("FN", false)], "FN:Name\r\n"),
        (&[("fn", false), ("PHOTO", false)], "FN:Name\r\n"),
        (&[("TEL", false)], "item1.TEL;TYPE=\"a:b\":+1\r\n 234\r\nTEL:5\r\n"),
        (&[("ITEM1.TEL", false)], "item1.TEL;TYPE=\"a:b\":+1\r\n 234\r\n"),
        (&[("item1.TEL", true), ("UID", true)], "UID:\r\nitem1.TEL;TYPE=\"a:b\":\r\n"),
        (&[("VERSION", true), ("END", true)], ""),
        (&[], ""),
    ];
    for (parts, inside) in cases {
        assert_eq!(select(Some(parts)), frame(inside), "{parts:?}");
    }
}
