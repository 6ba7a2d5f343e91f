//! Exported contacts, and what is read beside them.

use domain::{
    Ports,
    contact::{
        Contact, Filter, Sort,
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
    },
    ids::{ContactId, UserId},
    picture::PictureStoreError,
    use_cases::contact::{
        ContactExport, ExportContactError, ExportContactsError, ExportExtras, ExportedContact, change_photo,
        delete_contact, export_contact,
    },
};
use testkit::{TestEnvironment, contract::picture_store, fakes::FakePictures, samples};

use crate::pictures::{ANY, lesia, olena, upload};

const WITH_PHOTOS: ExportExtras = ExportExtras { received_cards: false, photos: true };

/// Reads a whole export. Returns its parts.
async fn parts(ports: &Ports, owner: UserId, filter: Filter, extras: ExportExtras) -> Vec<Vec<ExportedContact>> {
    let mut parts = Vec::new();
    let mut next = Some(ContactExport::new(owner, filter, "-created_at".parse::<Sort>().unwrap(), extras));
    while let Some(export) = next {
        let limit = usize::try_from(export.next_contacts()).unwrap();
        let part = export.read(ports).await.unwrap();
        assert!(part.contacts.len() <= limit);
        parts.push(part.contacts);
        next = part.rest;
    }
    parts
}

fn ids(parts: &[Vec<ExportedContact>]) -> Vec<ContactId> {
    parts.iter().flatten().map(|exported| exported.contact.id).collect()
}

async fn address_book(ports: &Ports, owner: UserId, count: usize) -> Vec<Contact> {
    let contact = |number: usize| samples::contact(owner, samples::card(&format!("Олена {number}"), "Коваль"));
    let mut contacts: Vec<Contact> = (0..count).map(contact).collect();
    samples::store_contacts(&*ports.store, &mut contacts).await;
    contacts
}

#[tokio::test]
async fn export_has_each_contact_of_its_owner_once() {
    let env = TestEnvironment::default();
    let (owner, other) = (olena(&env).await.id, env.verified("petro@example.com").await.id);
    address_book(&env.ports, other, 3).await;
    let contacts = address_book(&env.ports, owner, 650).await;
    let expected: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    let all = parts(&env.ports, owner, Filter::default(), ExportExtras::default()).await;
    assert!(all.len() > 1);
    assert_eq!(ids(&all), expected, "equal times: by id");
    let filter = Filter { first_name: Some("64".to_owned()), ..Filter::default() };
    assert_eq!(ids(&parts(&env.ports, owner, filter, ExportExtras::default()).await).len(), 16);
    let nothing = Filter { first_name: Some("x".to_owned()), ..Filter::default() };
    assert_eq!(parts(&env.ports, owner, nothing, WITH_PHOTOS).await, [vec![]]);
}

#[tokio::test]
async fn contact_that_is_deleted_between_two_parts_moves_no_other_one() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await.id;
    let contacts = address_book(&env.ports, owner, 150).await;
    let export = ContactExport::new(owner, Filter::default(), Sort::default(), ExportExtras::default());
    let part = export.read(&env.ports).await.unwrap();
    let first = ids(&[part.contacts]);
    delete_contact(&env.ports, owner, first[0], &ANY).await.unwrap();
    let rest = part.rest.unwrap().read(&env.ports).await.unwrap();
    let all: Vec<ContactId> = first.into_iter().chain(ids(&[rest.contacts])).collect();
    assert_eq!(all.len(), contacts.len());
    assert!(rest.rest.is_none());
}

#[tokio::test]
async fn photos_are_read_a_few_at_a_time() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await.id;
    let contacts = address_book(&env.ports, owner, 25).await;
    for (number, contact) in contacts.iter().enumerate().filter(|(number, _)| number % 2 == 0) {
        change_photo(&env.ports, owner, contact.id, &ANY, upload(&number.to_string())).await.unwrap();
    }
    let exported = parts(&env.ports, owner, Filter::default(), WITH_PHOTOS).await;
    assert!(exported.iter().all(|part| part.len() <= 10));
    for exported in exported.iter().flatten() {
        let number = contacts.iter().position(|contact| contact.id == exported.contact.id).unwrap();
        let photo = Some(upload(&number.to_string())).filter(|_| number % 2 == 0);
        assert_eq!((exported.photo.as_ref(), exported.received.as_ref()), (photo.as_ref(), None));
    }
    let without = parts(&env.ports, owner, Filter::default(), ExportExtras::default()).await;
    assert!(without.iter().flatten().all(|exported| exported.photo.is_none()));
}

#[tokio::test]
async fn received_cards_are_read_at_most_fifty_at_a_time() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await.id;
    let contacts = address_book(&env.ports, owner, 120).await;
    let extras = ExportExtras { received_cards: true, photos: false };
    let exported = parts(&env.ports, owner, Filter::default(), extras).await;
    assert_eq!(exported.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    assert_eq!(ids(&exported).len(), contacts.len());
}

#[tokio::test]
async fn photo_that_cannot_be_read_is_an_error() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let contact = lesia(&env, &owner).await;
    change_photo(&env.ports, owner.id, contact.id, &ANY, upload("one")).await.unwrap();
    env.pictures.set_unavailable(true);
    let export = ContactExport::new(owner.id, Filter::default(), Sort::default(), WITH_PHOTOS);
    let unavailable = export.read(&env.ports).await;
    assert!(matches!(unavailable, Err(ExportContactsError::Photo(PictureStoreError::Unavailable(_)))));
    let one = export_contact(&env.ports, owner.id, contact.id, WITH_PHOTOS).await;
    assert!(matches!(one, Err(ExportContactError::Failed(ExportContactsError::Photo(_)))));
    export_contact(&env.ports, owner.id, contact.id, ExportExtras::default()).await.unwrap();
}

#[tokio::test]
async fn received_cards_are_read_on_request() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await.id;
    let contacts = address_book(&env.ports, owner, 3).await;
    let text = ReceivedText::new(CardVersion::V3_0, "BEGIN:VCARD\r\nEND:VCARD\r\n".to_owned()).unwrap();
    let uid = CardUid::parse("u-1").unwrap();
    let card = ReceivedCard { contact: contacts[1].id, uid, change: contacts[1].change, text };
    let mut unit = env.ports.store.begin().await.unwrap();
    unit.put_received_cards(owner, std::slice::from_ref(&card)).await.unwrap();
    unit.commit().await.unwrap();
    let with = ExportExtras { received_cards: true, photos: false };
    let exported = parts(&env.ports, owner, Filter::default(), with).await.remove(0);
    let received: Vec<_> = exported.into_iter().map(|exported| exported.received).collect();
    assert_eq!(received, [None, Some(card.clone()), None]);
    let one = export_contact(&env.ports, owner, contacts[1].id, with).await.unwrap();
    assert_eq!(one.received, Some(card));
    let without = export_contact(&env.ports, owner, contacts[1].id, WITH_PHOTOS).await.unwrap();
    assert_eq!(without.received, None);
}

#[tokio::test]
async fn one_contact_is_exported_for_its_owner_only() {
    let env = TestEnvironment::default();
    let (owner, other) = (olena(&env).await, env.verified("petro@example.com").await);
    let contact = lesia(&env, &owner).await;
    let changed = change_photo(&env.ports, owner.id, contact.id, &ANY, upload("one")).await.unwrap();
    let exported = export_contact(&env.ports, owner.id, contact.id, WITH_PHOTOS).await.unwrap();
    assert_eq!(exported, ExportedContact { contact: changed, received: None, photo: Some(upload("one")) });
    let rejected = export_contact(&env.ports, other.id, contact.id, WITH_PHOTOS).await;
    assert!(matches!(rejected, Err(ExportContactError::NotFound)));
}

#[tokio::test]
async fn fake_store_of_pictures_fulfills_the_contract() {
    picture_store::all(&FakePictures::default()).await;
}
