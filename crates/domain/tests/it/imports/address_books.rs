//! The address book during an import: what is read of it, and what follows from the parts before.

use chrono::Duration;
use domain::{
    contact::{ContactCard, Expected, import::ImportedContact},
    use_cases::{contact::delete_contact, trash::empty_trash},
};
use testkit::{
    import_file::{ImportFile, imported, with_uid},
    samples,
};

use super::{Olena, SKIP, UPDATE, counts, person};

/// Entries of other people, which complete a part.
fn others(number: usize) -> impl Iterator<Item = ImportedContact> {
    (1_000..1_000 + number).map(|number| imported(person(number)))
}

/// Removes the records of deletions, except the latest `retained`. Returns the number of removed records.
async fn forget_deletions(olena: &Olena, retained: u64) -> u64 {
    let mut unit = olena.ports.store.begin().await.unwrap();
    unit.lock_user(olena.id).await.unwrap().unwrap();
    let forgotten = unit.forget_deletions(olena.id, retained, 100).await.unwrap();
    unit.commit().await.unwrap();
    forgotten
}

#[tokio::test]
async fn phone_of_an_earlier_part_recognizes_its_contact() {
    let olena = Olena::new().await;
    let other_phone = ContactCard { phones: person(2).phones, ..person(1) };
    let phone_only = ContactCard { emails: Vec::new(), ..other_phone.clone() };
    let first_part = [person(1), other_phone].map(imported).into_iter().chain(others(198));
    let report = olena.import(&ImportFile::of(first_part.chain([imported(phone_only)])), UPDATE).await;
    assert_eq!(counts(&report), [199, 1, 1, 0]);
    assert_eq!(report.items[200].contact, report.items[0].contact);
}

#[tokio::test]
async fn text_of_an_earlier_part_is_not_replaced_by_that_of_another_card() {
    let olena = Olena::new().await;
    let noted = ContactCard { notes: Some("нова".parse().unwrap()), ..person(1) };
    let first = with_uid("uid-1", person(1));
    let text = first.text.clone().unwrap();
    let first_part = std::iter::once(first).chain(others(199));
    let report = olena.import(&ImportFile::of(first_part.chain([with_uid("uid-2", noted.clone())])), UPDATE).await;
    assert_eq!(counts(&report), [200, 1, 0, 0]);
    let contact = report.items[200].contact.unwrap();
    assert_eq!(olena.card(contact).await, noted);
    let cards = olena.ports.store.received_cards(olena.id, &[contact]).await.unwrap();
    assert_eq!(cards[0].text, text);
}

/// Its pages are read one after the other, and each is older than the records of deletions.
#[tokio::test]
async fn address_book_with_forgotten_deletions_is_read() {
    let olena = Olena::new().await;
    let mut contacts: Vec<_> = (0..450).map(|number| samples::contact(olena.id, person(number))).collect();
    samples::store_contacts(&*olena.ports.store, &mut contacts).await;
    let deleted = contacts.split_off(420);
    for contact in &deleted {
        delete_contact(&olena.ports, olena.id, contact.id, &Expected::Any).await.unwrap();
    }
    empty_trash(&olena.ports, olena.id).await.unwrap();
    assert_eq!(forget_deletions(&olena, 1).await, 29);
    let file = ImportFile::of((0..450).map(|number| imported(person(number))));
    assert_eq!(counts(&olena.import(&file, SKIP).await), [30, 0, 420, 0]);
}

#[tokio::test]
async fn address_book_whose_latest_change_is_a_forgotten_deletion_is_read() {
    let olena = Olena::new().await;
    let mut contacts: Vec<_> = (0..201).map(|number| samples::contact(olena.id, person(number))).collect();
    samples::store_contacts(&*olena.ports.store, &mut contacts).await;
    delete_contact(&olena.ports, olena.id, contacts[200].id, &Expected::Any).await.unwrap();
    empty_trash(&olena.ports, olena.id).await.unwrap();
    assert_eq!(forget_deletions(&olena, 0).await, 1);
    let file = ImportFile::of([0, 199, 200].map(|number| imported(person(number))));
    assert_eq!(counts(&olena.import(&file, SKIP).await), [1, 0, 2, 0]);
}

#[tokio::test]
async fn contact_whose_deletion_is_forgotten_meanwhile_is_created_again() {
    let olena = Olena::new().await;
    let gone = olena.stored(person(2)).await;
    // Storing the photo blocks after the plan was made.
    olena.env.pictures.delay_by(Duration::zero(), olena.env.clock.clone());
    let first = ImportedContact { photo: Some(b"picture".to_vec()), ..imported(person(1)) };
    let file = ImportFile::of([first, imported(person(2))]);
    let other = async {
        while olena.env.store.orphaned_pictures() == 0 {
            tokio::task::yield_now().await;
        }
        delete_contact(&olena.ports, olena.id, gone.id, &Expected::Any).await.unwrap();
        empty_trash(&olena.ports, olena.id).await.unwrap();
        assert_eq!(forget_deletions(&olena, 0).await, 1);
        olena.env.pictures.release();
    };
    let (report, ()) = tokio::join!(olena.import(&file, SKIP), other);
    assert_eq!(counts(&report), [2, 0, 0, 0]);
    assert_eq!(olena.contacts().await.len(), 2);
}
