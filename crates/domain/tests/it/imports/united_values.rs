//! Values that both an entry and its contact have.

use domain::contact::{ChangeNumber, ContactCard, Label, LabeledAddress, LabeledLink, LabeledPhone};
use testkit::import_file::{ImportFile, imported, with_uid};

use super::{ADD, Olena, UPDATE, counts, person};

/// Returns no label for an empty text.
fn label(text: &str) -> Option<Label> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn phone(of: &str, number: &str) -> LabeledPhone {
    LabeledPhone { label: label(of), number: number.parse().unwrap() }
}

fn address(of: &str, street: &str) -> LabeledAddress {
    LabeledAddress { label: label(of), street: Some(street.parse().unwrap()), ..LabeledAddress::default() }
}

fn link(of: &str, url: &str) -> LabeledLink {
    LabeledLink { label: label(of), url: url.parse().unwrap() }
}

#[tokio::test]
async fn value_without_a_label_in_another_spelling_gets_that_of_the_contact() {
    let olena = Olena::new().await;
    let old = ContactCard {
        phones: vec![phone("дім", "+380 67 111-22-33")],
        addresses: vec![address("дім", "вул. Хрещатик, 1"), address("робота", "вул. Садова, 2")],
        urls: vec![link("дім", "https://Example.com/Lesia"), link("робота", "https://t.me/Lesia")],
        ..person(1)
    };
    let contact = olena.stored(old).await.id;
    // In another order. The scheme and the host of a link ignore case, its path does not.
    let new = ContactCard {
        phones: vec![phone("", "00380671112233")],
        addresses: vec![address("", "ВУЛ. САДОВА, 2"), address("", "вул. Нова, 3")],
        urls: vec![link("", "https://t.me/lesia"), link("", "https://example.com/Lesia/")],
        ..person(1)
    };
    let file = ImportFile::of([imported(new)]);
    assert_eq!(counts(&olena.import(&file, UPDATE).await), [0, 1, 0, 0]);
    let expected = ContactCard {
        phones: vec![phone("дім", "00380671112233")],
        addresses: vec![
            address("дім", "вул. Хрещатик, 1"),
            address("робота", "ВУЛ. САДОВА, 2"),
            address("", "вул. Нова, 3"),
        ],
        urls: vec![
            link("дім", "https://example.com/Lesia/"),
            link("робота", "https://t.me/Lesia"),
            link("", "https://t.me/lesia"),
        ],
        ..person(1)
    };
    assert_eq!(olena.card(contact).await, expected);
    assert_eq!(counts(&olena.import(&file, UPDATE).await), [0, 0, 1, 0], "the same file twice");
}

#[tokio::test]
async fn text_of_an_entry_is_complete_if_the_contact_has_no_other_value_and_no_other_uid() {
    let noted = ContactCard { notes: Some("нова".parse().unwrap()), ..person(1) };
    let named = ContactCard { nickname: Some("Зірка".parse().unwrap()), ..person(1) };
    // The contact before, and the change of the stored text: 0 when the text has not all values.
    let cases = [(with_uid("uid-1", person(1)), 2), (with_uid("uid-1", named), 0), (imported(person(1)), 0)];
    for (before, change) in cases {
        let olena = Olena::new().await;
        let contact = olena.import(&ImportFile::of([before]), ADD).await.items[0].contact.unwrap();
        let entry = with_uid("uid-1", noted.clone());
        let text = entry.text.clone();
        assert_eq!(counts(&olena.import(&ImportFile::of([entry]), UPDATE).await), [0, 1, 0, 0]);
        let card = olena.ports.store.received_cards(olena.id, &[contact]).await.unwrap().remove(0);
        assert_eq!((Some(card.text), card.change), (text, ChangeNumber(change)));
        assert_eq!(olena.contacts().await[0].change, ChangeNumber(2));
    }
}
