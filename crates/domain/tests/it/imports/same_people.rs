//! Entries that are the same person.

use domain::{
    contact::{ContactCard, Expected, import::ItemAction},
    use_cases::contact::{create_contact, delete_contact},
};
use testkit::{
    import_file::{ImportFile, imported, with_uid},
    samples,
};

use super::{Olena, SKIP, UPDATE, counts, person};

/// Imports two entries, and returns true when they are one contact.
async fn are_one(first: ContactCard, second: ContactCard) -> bool {
    let (together, apart) = (Olena::new().await, Olena::new().await);
    together.import(&ImportFile::of([imported(first.clone()), imported(second.clone())]), SKIP).await;
    apart.import(&ImportFile::of([imported(first)]), SKIP).await;
    apart.import(&ImportFile::of([imported(second)]), SKIP).await;
    let (in_a_file, in_two_files) = (together.contacts().await.len(), apart.contacts().await.len());
    assert_eq!(in_a_file, in_two_files);
    in_a_file == 1
}

#[tokio::test]
async fn shared_email_or_phone_with_the_same_name_is_one_person() {
    let lesia = || samples::full_card("Леся", "Українка", "lesia@example.com", "+380671112233");
    let by_phone = samples::full_card("Українка", "ЛЕСЯ", "other@example.com", "00380 67 111-22-33");
    let by_email = samples::full_card("Леся", "Українка", "Lesia@Example.com", "+44 20 7183 8750");
    let nameless = ContactCard { first_name: None, last_name: None, ..by_email.clone() };
    for same in [by_phone, by_email, nameless] {
        assert!(are_one(lesia(), same.clone()).await, "{same:?}");
    }
}

#[tokio::test]
async fn couples_and_parents_with_their_children_are_different_people() {
    let lesia = || samples::full_card("Леся", "Українка", "family@example.com", "+380671112233");
    let husband = samples::full_card("Климент", "Квітка", "family@example.com", "+380671112233");
    let born = |day: &str| ContactCard { birthday: Some(day.parse().unwrap()), ..lesia() };
    let suffixed = |suffix: &str| ContactCard { suffix: Some(suffix.parse().unwrap()), ..lesia() };
    assert!(!are_one(lesia(), husband).await);
    assert!(!are_one(born("1871-02-25"), born("1901-02-25")).await);
    assert!(!are_one(suffixed("Jr."), suffixed("Sr.")).await);
    assert!(!are_one(samples::card("Леся", "Українка"), lesia()).await, "a name alone is not enough");
}

#[tokio::test]
async fn same_name_alone_is_one_contact_only_if_the_whole_card_is_equal() {
    let lesia = || samples::card("Леся", "Українка");
    assert!(are_one(lesia(), lesia()).await);
    assert!(!are_one(lesia(), ContactCard { birthday: Some("--02-25".parse().unwrap()), ..lesia() }).await);
}

#[tokio::test]
async fn phone_that_more_than_four_contacts_share_recognizes_no_contact() {
    let olena = Olena::new().await;
    let at_office = |number: usize| {
        let mut card = samples::card(&format!("Person {number}"), "Koval");
        card.phones = samples::full_card("A", "B", "a@example.com", "+380441112233").phones;
        card
    };
    let file = ImportFile::of((0..5).map(|number| imported(at_office(number))));
    assert_eq!(counts(&olena.import(&file, SKIP).await), [5, 0, 0, 0]);
    let mut nameless = at_office(9);
    (nameless.first_name, nameless.last_name) = (None, None);
    let report = olena.import(&ImportFile::of([imported(nameless.clone())]), SKIP).await;
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    assert_eq!(
        counts(&olena.import(&ImportFile::of([imported(nameless)]), SKIP).await),
        [0, 0, 1, 0],
        "the whole card"
    );
}

#[tokio::test]
async fn uid_recognizes_a_contact_whatever_else_changed() {
    let olena = Olena::new().await;
    let id = olena.import(&ImportFile::of([with_uid("uid-1", person(1))]), SKIP).await.items[0].contact;
    let report = olena.import(&ImportFile::of([with_uid("uid-1", person(2))]), UPDATE).await;
    assert_eq!((report.items[0].action, report.items[0].contact), (ItemAction::Updated, id));
    assert_eq!(olena.card(id.unwrap()).await.emails.len(), 2);
    let of_rest = olena.stored(person(3)).await;
    let exported = with_uid(&format!("urn:uuid:{}", of_rest.id), person(4));
    let report = olena.import(&ImportFile::of([exported]), SKIP).await;
    assert_eq!(report.items[0].contact, Some(of_rest.id), "a contact without a received card has its id as UID");
}

#[tokio::test]
async fn entries_of_one_contact_in_a_file_are_united() {
    let olena = Olena::new().await;
    let second = ContactCard { nickname: Some("Зірка".parse().unwrap()), ..person(1) };
    let file = ImportFile::of([with_uid("uid-1", person(1)), imported(second.clone()), imported(person(1))]);
    let report = olena.import(&file, UPDATE).await;
    assert_eq!(counts(&report), [1, 1, 1, 0]);
    assert_eq!(olena.cards().await, [second]);
    assert_eq!(counts(&olena.import(&file, UPDATE).await), [0, 0, 3, 0]);
}

#[tokio::test]
async fn contact_that_another_program_creates_meanwhile_is_recognized() {
    let olena = Olena::new().await;
    // Storing the photo blocks after the plan was made.
    olena.env.pictures.delay_by(chrono::Duration::zero(), olena.env.clock.clone());
    let mut first = imported(person(1));
    first.photo = Some(b"picture".to_vec());
    let file = ImportFile::of([first, imported(person(2)), imported(person(3))]);
    let other = async {
        while olena.env.store.orphaned_pictures() == 0 {
            tokio::task::yield_now().await;
        }
        let created = create_contact(&olena.ports, olena.id, &samples::valid(person(2)), None).await.unwrap();
        let gone = create_contact(&olena.ports, olena.id, &samples::valid(person(3)), None).await.unwrap();
        delete_contact(&olena.ports, olena.id, gone.contact.id, &Expected::Any).await.unwrap();
        olena.env.pictures.release();
        created.contact.id
    };
    let (report, created) = tokio::join!(olena.import(&file, SKIP), other);
    assert_eq!(counts(&report), [2, 0, 1, 0]);
    assert_eq!(report.items[1].contact, Some(created));
    assert_eq!(olena.contacts().await.len(), 3);
    let photo = olena.contacts().await.into_iter().find_map(|contact| contact.photo);
    assert_eq!(olena.env.pictures.stored(), [photo.unwrap().as_str()], "the photo was stored once");
}

#[tokio::test]
async fn import_ends_although_another_program_writes_all_the_time() {
    let olena = Olena::new().await;
    olena.env.store.write_before_each_unit(olena.id);
    let file = ImportFile::of((0..3).map(|number| imported(person(number))));
    assert_eq!(counts(&olena.import(&file, SKIP).await), [3, 0, 0, 0]);
    assert_eq!(olena.contacts().await.len(), 3);
}

#[tokio::test]
async fn part_costs_one_unit_if_no_other_program_writes() {
    for (key, units_of_a_part) in [(None, 1), (Some("k"), 2)] {
        let olena = Olena::new().await;
        let units = async |contacts: usize| {
            let file = ImportFile::of((0..contacts).map(|number| imported(person(contacts * 10 + number))));
            olena.env.store.take_begun_units();
            let key = key.map(|key| format!("{key}-{contacts}"));
            olena.try_import(&file, SKIP, key.as_deref()).await.unwrap();
            olena.env.store.take_begun_units()
        };
        let of_one_part = units(200).await;
        assert_eq!(units(600).await, of_one_part + 2 * units_of_a_part, "{key:?}");
    }
}
