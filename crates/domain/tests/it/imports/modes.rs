//! Modes of an import, which decide on contacts that exist already.

use std::collections::HashMap;

use domain::{
    contact::{
        ChangeNumber, ContactCard, Label, LabeledLink, LabeledPhone, Nickname, Notes, PersonName, Tag,
        card_resource::{CardName, CardPrecondition, PutContent},
        import::{EntryContent, EntryError, ImportedContact, ItemAction, ItemError},
        received::{CardUid, CardVersion, ReceivedText},
    },
    use_cases::card_resource::put_card,
};
use testkit::{
    import_file::{ImportFile, group, imported, with_uid},
    samples,
};

use super::{ADD, Olena, SKIP, UPDATE, counts, person};

#[tokio::test]
async fn new_contacts_are_created_with_their_received_cards() {
    let olena = Olena::new().await;
    let file = ImportFile::of([with_uid("uid-1", person(1)), imported(person(2))]);
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [2, 0, 0, 0]);
    let contacts = olena.contacts().await;
    let ids: Vec<_> = report.items.iter().map(|item| item.contact.unwrap()).collect();
    assert_eq!(ids, [contacts[0].id, contacts[1].id]);
    assert_eq!(olena.cards().await, [person(1), person(2)]);
    assert_eq!((report.items[1].index, report.items[1].line), (1, 11));
    let cards = olena.ports.store.received_cards(olena.id, &ids).await.unwrap();
    let [card] = cards.as_slice() else { panic!("{cards:?}") };
    assert_eq!((card.contact, card.uid.as_str()), (ids[0], "uid-1"));
    assert_eq!(card.change, contacts[0].change, "the text has all values of the contact");
    assert!(card.text.as_str().contains("X-OTHER:uid-1"));
}

#[tokio::test]
async fn uid_of_a_group_is_replaced() {
    let olena = Olena::new().await;
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Friends\r\nEND:VCARD\r\n".to_owned();
    let uid = Some(CardUid::parse("uid-1").unwrap());
    let group = PutContent::Group { uid, text: ReceivedText::new(CardVersion::V3_0, text).unwrap() };
    let name = CardName::parse("friends.vcf").unwrap();
    put_card(&olena.ports, olena.id, &name, &CardPrecondition::Any, group, &|_, _| None).await.unwrap();

    let file = ImportFile::of([with_uid("uid-1", person(1)), with_uid("uid-2", person(2))]);
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [2, 0, 0, 0]);
    let ids: Vec<_> = report.items.iter().map(|item| item.contact.unwrap()).collect();
    let cards = olena.ports.store.received_cards(olena.id, &ids).await.unwrap();
    let uids: HashMap<_, _> = cards.into_iter().map(|card| (card.contact, card.uid)).collect();
    let expected = [CardUid::of_contact(ids[0]), CardUid::parse("uid-2").unwrap()];
    assert_eq!(uids, ids.into_iter().zip(expected).collect());
    assert_eq!(counts(&olena.import(&file, SKIP).await), [0, 0, 2, 0]);
}

#[tokio::test]
async fn same_file_twice_makes_nothing() {
    let olena = Olena::new().await;
    let name_only = samples::card("Лише", "Ім'я");
    let contacts = (0..450).map(|number| match number % 3 {
        0 => with_uid(&format!("uid-{number}"), person(number)),
        1 => imported(person(number)),
        _ => imported(samples::card(&format!("Лише {number}"), "Ім'я")),
    });
    let contacts: Vec<_> = contacts.chain([imported(name_only.clone()), imported(name_only)]).collect();
    let file = ImportFile::new(
        contacts
            .into_iter()
            .map(|contact| Ok(EntryContent::Contact(Box::new(contact))))
            .chain([group("Гурт", &["uid-0", "uid-300"])]),
    );
    assert_eq!(counts(&olena.import(&file, SKIP).await), [451, 1, 1, 0]);
    let before = olena.contacts().await;
    assert_eq!(before.len(), 451);
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [0, 0, 453, 0]);
    assert_eq!(report.items[7].contact, Some(before[7].id));
    assert_eq!(counts(&olena.import(&file, UPDATE).await), [0, 0, 453, 0], "nothing to update");
    assert_eq!(olena.contacts().await, before);
}

#[tokio::test]
async fn update_unites_the_values_of_the_entry_with_those_of_the_contact() {
    let olena = Olena::new().await;
    let mut old = samples::full_card("Леся", "Українка", "lesia@example.com", "+380 67 111 22 33");
    old.emails[0].label = Some(Label::parse("дім").unwrap());
    old.notes = Some(Notes::parse("стара").unwrap());
    old.nickname = Some(Nickname::parse("Зірка").unwrap());
    old.tags = vec![Tag::parse("Друзі").unwrap()];
    old.favorite = true;
    let contact = olena.stored(old.clone()).await;
    let mut new = samples::full_card("Українка", "Леся", "LESIA@example.com", "0671112244");
    new.notes = Some(Notes::parse("нова").unwrap());
    new.tags = vec![Tag::parse("друзі").unwrap(), Tag::parse("Робота").unwrap()];
    let report = olena.import(&ImportFile::of([with_uid("uid-1", new.clone())]), UPDATE).await;
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    assert_eq!(report.items[0].contact, Some(contact.id));
    let expected = ContactCard {
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        emails: vec![domain::contact::LabeledEmail { label: old.emails[0].label.clone(), ..new.emails[0].clone() }],
        phones: vec![old.phones[0].clone(), new.phones[0].clone()],
        tags: vec![old.tags[0].clone(), new.tags[1].clone()],
        notes: new.notes.clone(),
        ..old
    };
    assert_eq!(olena.card(contact.id).await, expected);
    let cards = olena.ports.store.received_cards(olena.id, &[contact.id]).await.unwrap();
    assert_eq!(cards[0].change, ChangeNumber(0), "the text has not all values");
    assert_eq!(cards[0].uid, CardUid::of_contact(contact.id), "a contact retains its UID");
}

#[tokio::test]
async fn update_replaces_the_text_of_a_contact_with_that_of_its_own_card_only() {
    let olena = Olena::new().await;
    let with_notes = |notes: &str| ContactCard { notes: Some(Notes::parse(notes).unwrap()), ..person(1) };
    let older = ReceivedText::new(CardVersion::V3_0, "the older text".to_owned()).unwrap();
    let first = ImportedContact { text: Some(older), ..with_uid("uid-1", person(1)) };
    let contact = olena.import(&ImportFile::of([first]), ADD).await.items[0].contact.unwrap();
    let text = async || olena.ports.store.received_cards(olena.id, &[contact]).await.unwrap()[0].text.clone();
    let before = text().await;
    for (number, uid) in ["uid-2", "uid-1"].into_iter().enumerate() {
        let card = with_notes(&format!("змінена {number}"));
        let entry = with_uid(uid, card.clone());
        let other = entry.text.clone().unwrap();
        assert_eq!(counts(&olena.import(&ImportFile::of([entry]), UPDATE).await), [0, 1, 0, 0]);
        assert_eq!(olena.card(contact).await, card);
        assert_eq!(text().await, if uid == "uid-1" { other } else { before.clone() }, "{uid}");
    }
    // Two entries of one file.
    let second = ContactCard { notes: with_notes("x").notes, ..person(2) };
    let entries = [with_uid("uid-3", person(2)), with_uid("uid-4", second)];
    let text = entries[0].text.clone();
    let report = olena.import(&ImportFile::of(entries), UPDATE).await;
    assert_eq!(counts(&report), [1, 1, 0, 0]);
    let cards = olena.ports.store.received_cards(olena.id, &[report.items[0].contact.unwrap()]).await.unwrap();
    assert_eq!((Some(&cards[0].text), cards[0].change), (text.as_ref(), ChangeNumber(0)));
}

#[tokio::test]
async fn skip_leaves_an_existing_contact_as_it_is() {
    let olena = Olena::new().await;
    let contact = olena.stored(person(1)).await;
    let changed = ContactCard { notes: Some(Notes::parse("нова").unwrap()), ..person(1) };
    let report = olena.import(&ImportFile::of([imported(changed)]), SKIP).await;
    assert_eq!(counts(&report), [0, 0, 1, 0]);
    assert_eq!(report.items[0].contact, Some(contact.id));
    assert_eq!(olena.contacts().await, [contact]);
}

#[tokio::test]
async fn add_creates_every_entry_and_gives_a_repeated_uid_a_new_one() {
    let olena = Olena::new().await;
    let file = ImportFile::of([with_uid("uid-1", person(1)), with_uid("uid-1", person(1))]);
    for expected in [2, 4] {
        assert_eq!(counts(&olena.import(&file, ADD).await), [2, 0, 0, 0]);
        assert_eq!(olena.contacts().await.len(), expected);
    }
    let ids: Vec<_> = olena.contacts().await.iter().map(|contact| contact.id).collect();
    let cards = olena.ports.store.received_cards_after(olena.id, None, 10).await.unwrap();
    assert_eq!(cards[0].uid.as_str(), "uid-1");
    for (card, id) in cards[1..].iter().zip(&ids[1..]) {
        assert_eq!((&card.uid, card.change), (&CardUid::of_contact(*id), ChangeNumber(0)), "the text has another UID");
    }
}

#[tokio::test]
async fn entry_of_a_trashed_contact_creates_a_new_one() {
    let olena = Olena::new().await;
    let file = ImportFile::of([with_uid("uid-1", person(1))]);
    let first = olena.import(&file, SKIP).await.items[0].contact.unwrap();
    let expected = domain::contact::Expected::Any;
    domain::use_cases::contact::delete_contact(&olena.ports, olena.id, first, &expected).await.unwrap();
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    assert_ne!(report.items[0].contact, Some(first));
}

#[tokio::test]
async fn entries_with_errors_do_not_stop_the_others() {
    let olena = Olena::new().await;
    let invalid = ContactCard::default().check(samples::now().date_naive()).unwrap_err();
    let file = ImportFile::new([
        Err(EntryError::Unreadable("the card has no END".to_owned())),
        Ok(EntryContent::Contact(Box::new(imported(person(1))))),
        Err(EntryError::Invalid(vec![invalid[0].clone(); 30])),
    ]);
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [1, 0, 0, 2]);
    assert_eq!(report.items[0].errors, [ItemError::Unreadable("the card has no END".to_owned())]);
    assert_eq!(report.items[2].errors, vec![ItemError::Value(invalid[0].clone()); 20], "at most 20");
    assert_eq!(olena.contacts().await.len(), 1);
}

#[tokio::test]
async fn values_that_are_left_out_are_reported_with_a_written_contact() {
    let olena = Olena::new().await;
    let error = ContactCard::default().check(samples::now().date_naive()).unwrap_err().remove(0);
    let mut contact = imported(person(1));
    contact.left_out = vec![error.clone()];
    let file = ImportFile::of([contact]);
    let item = olena.import(&file, SKIP).await.items.remove(0);
    assert_eq!((item.action, item.errors), (ItemAction::Created, vec![ItemError::Value(error)]));
    let item = olena.import(&file, SKIP).await.items.remove(0);
    assert_eq!((item.action, item.errors), (ItemAction::Skipped, vec![]));
}

#[tokio::test]
async fn united_contact_beyond_its_bounds_is_reported_and_stays() {
    let olena = Olena::new().await;
    let with_emails = |numbers: std::ops::Range<usize>| {
        let mut card = samples::card("Леся", "Українка");
        card.emails = numbers.flat_map(|number| person(number).emails).collect();
        card
    };
    let contact = olena.stored(with_emails(0..15)).await;
    let report = olena.import(&ImportFile::of([imported(with_emails(14..25))]), UPDATE).await;
    assert_eq!(counts(&report), [0, 0, 0, 1]);
    assert!(matches!(&report.items[0].errors[..], [ItemError::Value(error)] if error.pointer == "/emails"));
    assert_eq!(olena.contacts().await, [contact]);
}

#[tokio::test]
async fn import_is_recorded_in_the_audit_trail() {
    let olena = Olena::new().await;
    let before = olena.env.store.audit_events().len();
    olena.import(&ImportFile::default(), SKIP).await;
    let events = olena.env.store.audit_events();
    assert_eq!(events.len(), before + 1);
    let event = events.last().unwrap();
    assert_eq!((event.action.as_str(), event.user), ("import-contacts", Some(olena.id)));
}

#[tokio::test]
async fn row_of_a_table_changes_the_contact_with_its_id_and_not_the_text() {
    let olena = Olena::new().await;
    let vcard = with_uid("uid-1", samples::card("Леся", "Українка"));
    let contact = olena.import(&ImportFile::of([vcard]), ADD).await.items[0].contact.unwrap();
    let received = async || olena.ports.store.received_cards(olena.id, &[contact]).await.unwrap().remove(0);
    let before = received().await;
    let id = contact.0.to_string();
    // As a row of an exported table: its UID is the id. No e-mail or phone is shared, and the card differs.
    let changed = ContactCard {
        nickname: Some(Nickname::parse("Зірка").unwrap()),
        ..samples::card("Леся", "Українка")
    };
    let row = ImportedContact { is_row: true, ..with_uid(&id, changed.clone()) };
    for options in [SKIP, UPDATE] {
        let report = olena.import(&ImportFile::of([row.clone()]), options).await;
        assert_eq!((report.items.len(), report.items[0].contact), (1, Some(contact)));
    }
    assert_eq!(olena.card(contact).await, changed);
    assert_eq!(received().await, before);

    let own = olena.stored(samples::card("Олена", "Коваль")).await;
    let id = own.id.0.to_string();
    let text = async || olena.ports.store.received_cards(olena.id, &[own.id]).await.unwrap().pop();
    let vcard = with_uid(&id, samples::card("Олена", "Пчілка"));
    olena.import(&ImportFile::of([vcard.clone()]), UPDATE).await;
    assert_eq!(text().await.unwrap().text, vcard.text.unwrap());
    let before = text().await;
    let row = ImportedContact { is_row: true, ..with_uid(&id, samples::card("Олена", "Косач")) };
    assert_eq!(counts(&olena.import(&ImportFile::of([row]), UPDATE).await), [0, 1, 0, 0]);
    assert_eq!(olena.card(own.id).await, samples::card("Олена", "Косач"));
    assert_eq!(text().await, before, "a row has not all that a vCard has");
}

#[tokio::test]
async fn name_in_one_field_is_compared_with_first_and_last_name() {
    for (name, first, last) in [
        ("Jane Doe", "Jane", Some("Doe")),
        ("doe, jane", "Jane", Some("Doe")),
        ("Janet", "Janet", Some("Doe")),
        ("Jane Smith", "Jane Smith", None),
    ] {
        let olena = Olena::new().await;
        let uid = "uid-1";
        let old = with_uid(uid, samples::full_card("Jane", "Doe", "jane@example.com", "+380671112233"));
        olena.import(&ImportFile::of([old]), ADD).await;
        let entry = ContactCard {
            last_name: None,
            notes: Some(Notes::parse("нова").unwrap()),
            ..samples::full_card(name, "x", "jane@example.com", "+380671112233")
        };
        let file = ImportFile::of([with_uid(uid, entry)]);
        assert_eq!(counts(&olena.import(&file, UPDATE).await), [0, 1, 0, 0], "{name}");
        let card = &olena.cards().await[0];
        assert_eq!(card.first_name.as_ref().map(PersonName::as_str), Some(first), "{name}");
        assert_eq!(card.last_name.as_ref().map(PersonName::as_str), last, "{name}");
        assert_eq!(counts(&olena.import(&file, UPDATE).await), [0, 0, 1, 0], "{name}: the same file twice");
    }
}

#[tokio::test]
async fn extensions_and_paths_are_different_values() {
    let olena = Olena::new().await;
    let with = |numbers: &[&str], urls: &[&str]| {
        let phones = numbers.iter().map(|number| LabeledPhone { label: None, number: number.parse().unwrap() });
        let urls = urls.iter().map(|url| LabeledLink { label: None, url: url.parse().unwrap() });
        ContactCard { phones: phones.collect(), urls: urls.collect(), ..person(1) }
    };
    let old = with(&["+1 650-253-0000 ext. 101", "+1 650-253-0000 ext. 102"], &["https://youtu.be/AbC"]);
    let contact = olena.stored(old).await.id;
    let new = with(&["+16502530000 x102", "+1 650-253-0000"], &["HTTPS://YouTu.be/AbC", "https://youtu.be/aBc"]);
    assert_eq!(counts(&olena.import(&ImportFile::of([imported(new)]), UPDATE).await), [0, 1, 0, 0]);
    let card = olena.card(contact).await;
    let numbers: Vec<_> = card.phones.iter().map(|phone| phone.number.as_str()).collect();
    assert_eq!(numbers, ["+1 650-253-0000 ext. 101", "+16502530000 x102", "+1 650-253-0000"]);
    let urls: Vec<_> = card.urls.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(urls, ["HTTPS://YouTu.be/AbC", "https://youtu.be/aBc"]);
}
