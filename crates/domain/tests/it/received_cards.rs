//! Values of received cards.

use domain::{
    contact::received::{CardUid, CardVersion, ReceivedText},
    ids::ContactId,
    text::Invalid,
};
use testkit::samples;

fn uid(raw: &str) -> String {
    CardUid::parse(raw).unwrap().as_str().to_owned()
}

#[test]
fn uid_of_vcard_4_is_that_of_vcard_3() {
    let id = "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1";
    let upper = id.to_uppercase();
    for spelling in [id.to_owned(), upper.clone(), format!("urn:uuid:{id}"), format!("URN:UUID:{upper}")] {
        assert_eq!(uid(&spelling), id);
    }
}

#[test]
fn uid_of_another_program_stays_as_it_is() {
    for other in ["ABCD-1234:ABPerson", "urn:uuid:", "https://example.com/people/Lesia", "urn:isbn:0451450523"] {
        assert_eq!(uid(other), other);
    }
}

#[test]
fn contact_without_received_card_has_its_id_as_uid() {
    let id = ContactId(samples::id());
    assert_eq!(CardUid::of_contact(id), CardUid::parse(&id.0.to_string()).unwrap());
}

#[test]
fn uid_has_from_1_to_500_characters() {
    assert_eq!(uid(&"ї".repeat(500)).chars().count(), 500);
    assert!(matches!(CardUid::parse(&"ї".repeat(501)), Err(Invalid::TooLong { max: 500, .. })));
    assert_eq!(CardUid::parse(" "), Err(Invalid::Blank));
}

#[test]
fn received_text_has_at_most_256_kib() {
    assert!(ReceivedText::new(CardVersion::V3_0, "x".repeat(256 * 1024)).is_ok());
    let error = ReceivedText::new(CardVersion::V3_0, "x".repeat(256 * 1024 + 1)).unwrap_err();
    assert_eq!(error.to_string(), "the card has more than 256 KiB without its photo");
}
