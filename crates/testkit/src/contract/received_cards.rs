//! Received cards of contacts.

use std::collections::BTreeSet;

use domain::{
    account::PasswordHash,
    contact::{
        ChangeNumber, Contact,
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
        trash::PurgeScope,
    },
    error::StoreError,
    ids::{ContactId, UserId},
    store::Store,
};

use super::Backend;
use crate::samples;

fn received(contact: &Contact, uid: &str) -> ReceivedCard {
    let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Леся\r\nEND:VCARD\r\n");
    ReceivedCard {
        contact: contact.id,
        uid: CardUid::parse(uid).unwrap(),
        change: contact.change,
        text: ReceivedText::new(CardVersion::V3_0, text).unwrap(),
    }
}

async fn put(store: &dyn Store, owner: UserId, cards: &[ReceivedCard]) -> Result<(), StoreError> {
    let mut unit = store.begin().await.unwrap();
    unit.put_received_cards(owner, cards).await?;
    unit.commit().await
}

async fn stored_contacts(store: &dyn Store, owner: UserId, number: usize) -> Vec<Contact> {
    let mut contacts: Vec<Contact> =
        (0..number).map(|_| samples::contact(owner, samples::card("Леся", "Українка"))).collect();
    samples::store_contacts(store, &mut contacts).await;
    contacts
}

async fn trash(store: &dyn Store, owner: UserId, id: ContactId) {
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 1, -1).await.unwrap().unwrap();
    unit.lock_contact(owner, id).await.unwrap().unwrap();
    unit.trash_contacts(owner, &[(id, taken.first)], samples::now()).await.unwrap();
    unit.commit().await.unwrap();
}

pub async fn received_card_is_stored_and_replaced(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 2).await;
    put(&*store, owner, &[]).await.unwrap();
    let first: Vec<ReceivedCard> = contacts.iter().map(|contact| received(contact, "uid-1")).collect();
    put(&*store, owner, &first).await.unwrap();
    assert_eq!(store.received_cards(owner, &[contacts[0].id]).await.unwrap(), first[..1]);

    let text = ReceivedText::new(CardVersion::V4_0, "x".repeat(ReceivedText::MAX_BYTES)).unwrap();
    let uid = CardUid::parse("uid-2").unwrap();
    let second = ReceivedCard { contact: contacts[0].id, uid, change: ChangeNumber(0), text };
    put(&*store, owner, std::slice::from_ref(&second)).await.unwrap();
    assert_eq!(store.received_cards(owner, &[contacts[0].id]).await.unwrap(), [second]);
    assert_eq!(store.received_cards(owner, &[contacts[1].id]).await.unwrap(), first[1..]);
    assert_eq!(store.received_cards(owner, &[]).await.unwrap(), []);
}

pub async fn received_cards_of_other_users_are_not_found(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let contacts = stored_contacts(&*store, owner, 1).await;
    put(&*store, owner, &[received(&contacts[0], "uid-1")]).await.unwrap();
    assert_eq!(store.received_cards(other, &[contacts[0].id]).await.unwrap(), []);
    assert_eq!(store.received_cards_after(other, None, 10).await.unwrap(), []);
    assert_eq!(store.uids_of(other).await.unwrap(), []);
}

pub async fn card_needs_a_contact_of_its_owner(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let contacts = stored_contacts(&*store, owner, 1).await;
    put(&*store, other, &[received(&contacts[0], "uid-1")]).await.unwrap_err();
    let missing = samples::contact(owner, samples::card("Леся", "Українка"));
    put(&*store, owner, &[received(&contacts[0], "uid-1"), received(&missing, "uid-2")]).await.unwrap_err();
    assert_eq!(store.received_cards_after(owner, None, 10).await.unwrap(), []);
}

pub async fn card_of_a_trashed_contact_is_stored_without_its_uid_being_listed(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 3).await;
    let cards = [received(&contacts[0], "uid-1"), received(&contacts[1], "uid-1")];
    put(&*store, owner, &cards).await.unwrap();
    trash(&*store, owner, contacts[0].id).await;
    trash(&*store, owner, contacts[2].id).await;
    assert_eq!(store.uids_of(owner).await.unwrap(), [(contacts[1].id, cards[1].uid.clone())]);
    assert_eq!(store.received_cards(owner, &[contacts[0].id]).await.unwrap(), cards[..1]);
}

pub async fn received_cards_are_listed_by_contact(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contacts = stored_contacts(&*store, owner, 300).await;
    let cards: Vec<ReceivedCard> = contacts.iter().map(|contact| received(contact, "uid")).collect();
    let shuffled: Vec<ReceivedCard> = cards.iter().rev().cloned().collect();
    put(&*store, owner, &shuffled).await.unwrap();
    trash(&*store, owner, contacts[1].id).await;
    assert_eq!(store.received_cards_after(owner, None, 2).await.unwrap(), cards[..2]);
    assert_eq!(store.received_cards_after(owner, Some(contacts[1].id), 300).await.unwrap(), cards[2..]);
    let uids: BTreeSet<ContactId> = store.uids_of(owner).await.unwrap().into_iter().map(|(id, _)| id).collect();
    let listed: BTreeSet<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    assert_eq!(uids.len(), 299);
    assert!(uids.is_subset(&listed) && !uids.contains(&contacts[1].id));
}

pub async fn former_text_is_stored_and_replaced(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let contacts = stored_contacts(&*store, owner, 2).await;
    let card = |contact: &Contact| received(contact, "uid");
    let text = |text: &str| ReceivedText::new(CardVersion::V3_0, text.to_owned()).unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.put_received_cards(owner, &[card(&contacts[0]), card(&contacts[1])]).await.unwrap();
    for former in ["first", "second"] {
        unit.overwrite_received_card(owner, &card(&contacts[0]), &text(former)).await.unwrap();
    }
    // A new text of the card does not touch the former one.
    unit.put_received_cards(owner, &[card(&contacts[0])]).await.unwrap();
    unit.commit().await.unwrap();
    let ids = [contacts[0].id, contacts[1].id];
    assert_eq!(store.former_texts(owner, &ids).await.unwrap(), [(ids[0], text("second"))]);
    assert_eq!(store.former_texts(other, &ids).await.unwrap(), []);

    let mut unit = store.begin().await.unwrap();
    let overwritten = unit.overwrite_received_card(other, &card(&contacts[0]), &text("x")).await;
    assert!(overwritten.is_err(), "a contact of another user");
}

pub async fn deleting_a_contact_deletes_its_card(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let contacts = stored_contacts(&*store, user.id, 3).await;
    let cards: Vec<ReceivedCard> = contacts.iter().map(|contact| received(contact, "uid")).collect();
    put(&*store, user.id, &cards).await.unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.overwrite_received_card(user.id, &cards[1], &ReceivedText::empty()).await.unwrap();
    unit.commit().await.unwrap();
    trash(&*store, user.id, contacts[0].id).await;
    let mut unit = store.begin().await.unwrap();
    unit.purge_trash(PurgeScope::AllOf(user.id), 10).await.unwrap();
    unit.commit().await.unwrap();
    // A card that is left would belong to a contact with the same id.
    let mut again = contacts.clone();
    samples::store_contacts(&*store, &mut again[..1]).await;
    assert_eq!(store.received_cards_after(user.id, None, 10).await.unwrap(), cards[1..]);

    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.insert_user(&user, &PasswordHash("hash".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    samples::store_contacts(&*store, &mut again).await;
    assert_eq!(store.received_cards_after(user.id, None, 10).await.unwrap(), []);
    let ids: Vec<ContactId> = again.iter().map(|contact| contact.id).collect();
    assert_eq!(store.former_texts(user.id, &ids).await.unwrap(), []);
}
