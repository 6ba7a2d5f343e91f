//! The trash.

use std::time::Duration as StdDuration;

use chrono::Duration;
use domain::{
    contact::{
        Contact, ContactCard, ContactQuery, Filter, MonthDay, PageStart, Sort,
        trash::{PurgeScope, TrashedContact},
    },
    ids::{ContactId, UserId},
    picture::PictureKey,
    store::Store,
    time::Timestamp,
};

use super::{Backend, at_once};
use crate::samples;

fn with_photo(owner: UserId) -> Contact {
    let birthday = Some("--02-29".parse().unwrap());
    let draft = ContactCard { birthday, ..samples::full_card("Їжак", "Ґудзь", "yizhak@example.com", "112") };
    Contact { photo: Some(PictureKey::photo(samples::id())), ..samples::contact(owner, draft) }
}

/// Stores a contact and moves it to the trash at that time.
async fn trashed(store: &dyn Store, mut contact: Contact, deleted_at: Timestamp) -> TrashedContact {
    samples::store_contacts(store, std::slice::from_mut(&mut contact)).await;
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(contact.owner, 1, -1).await.unwrap().unwrap().first;
    unit.lock_contact(contact.owner, contact.id).await.unwrap().unwrap();
    unit.trash_contacts(contact.owner, &[(contact.id, change)], deleted_at).await.unwrap();
    unit.commit().await.unwrap();
    TrashedContact { contact, deleted_at }
}

async fn ids_in_trash(store: &dyn Store, owner: UserId) -> Vec<ContactId> {
    let trash = store.list_trash(owner, None, 1000).await.unwrap();
    assert_eq!(store.count_trash(owner).await.unwrap(), trash.len() as u64);
    trash.iter().map(|trashed| trashed.contact.id).collect()
}

pub async fn trashed_contact_is_found_in_the_trash_only(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let trashed_contact = trashed(&*store, with_photo(owner), samples::now()).await;
    let id = trashed_contact.contact.id;
    assert_eq!(store.find_contact(owner, id).await.unwrap(), None);
    let (filter, start) = (Filter::default(), PageStart::Skip(0));
    let all = ContactQuery { filter, sort: Sort::default(), start, limit: 10 };
    assert_eq!(store.list_contacts(owner, &all).await.unwrap(), []);
    assert_eq!(store.count_contacts(owner, &all.filter, None).await.unwrap(), 0);
    let whole_year = Filter { birthday: Some(MonthDay::FIRST..=MonthDay::LAST), ..Filter::default() };
    assert_eq!(store.list_contacts(owner, &ContactQuery { filter: whole_year, ..all }).await.unwrap(), []);
    assert_eq!(store.list_trash(owner, None, 10).await.unwrap(), std::slice::from_ref(&trashed_contact));
    assert_eq!(store.list_trash(other_user, None, 10).await.unwrap(), []);
    assert_eq!(store.count_trash(owner).await.unwrap(), 1);
    assert_eq!(store.count_trash(other_user).await.unwrap(), 0);

    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.take_change_numbers(owner, 1, 0).await.unwrap().map(|found| found.contacts), Some(0));
    assert_eq!(unit.lock_contact(owner, id).await.unwrap(), None);
    assert_eq!(unit.lock_trashed_contact(other_user, id).await.unwrap(), None);
    for scope in [PurgeScope::One(other_user, id), PurgeScope::AllOf(other_user), PurgeScope::Surplus(other_user, 0)] {
        assert_eq!(unit.purge_trash(scope, 500).await.unwrap().contacts, 0, "{scope:?}");
    }
    assert_eq!(unit.lock_trashed_contact(owner, id).await.unwrap(), Some(trashed_contact));
}

pub async fn missing_contact_cannot_be_trashed(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let mut contact = samples::contact(owner, samples::card("A", "B"));
    samples::store_contacts(&*store, std::slice::from_mut(&mut contact)).await;
    for (owner, id) in [(other_user, contact.id), (owner, ContactId(samples::id()))] {
        let mut unit = store.begin().await.unwrap();
        let change = unit.take_change_numbers(owner, 1, -1).await.unwrap().unwrap().first;
        unit.trash_contacts(owner, &[(id, change)], samples::now()).await.unwrap_err();
    }
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(other_user, 1, 1).await.unwrap().unwrap().first;
    let stolen = Contact { owner: other_user, change, ..contact.clone() };
    unit.untrash_contact(&stolen).await.unwrap_err();
    drop(unit);
    assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact));
}

pub async fn restored_contact_is_unchanged(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let trashed_contact = trashed(&*store, with_photo(owner), samples::now()).await;
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
    let contact = unit.lock_trashed_contact(owner, trashed_contact.contact.id).await.unwrap().unwrap().contact;
    let later = contact.updated_at + Duration::hours(1);
    let restored = Contact { change, updated_at: later, ..contact };
    unit.untrash_contact(&restored).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.find_contact(owner, restored.id).await.unwrap(), Some(restored));
    assert!(ids_in_trash(&*store, owner).await.is_empty());
}

pub async fn trash_lists_the_latest_first(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut expected = Vec::new();
    // Two with each timestamp.
    for minutes in [0, 0, 3, 3, 1, 1, 2] {
        let contact = samples::contact(owner, samples::card("A", "B"));
        expected.push(trashed(&*store, contact, samples::now() + Duration::minutes(minutes)).await);
    }
    expected.sort_by_key(|trashed| std::cmp::Reverse(trashed.position()));
    assert_eq!(store.count_trash(owner).await.unwrap(), 7);
    for limit in [1, 2, 3, 7, 8] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let items = store.list_trash(owner, after, limit).await.unwrap();
            assert!(items.len() as u64 <= limit);
            let Some(last) = items.last() else { break };
            after = Some(last.position());
            found.extend(items);
        }
        assert_eq!(found, expected, "{limit}");
    }
}

pub async fn export_contains_every_contact_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    samples::store_contacts(&*store, &mut [with_photo(other)]).await;
    trashed(&*store, with_photo(other), samples::now()).await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let mut contact = with_photo(owner);
        let deleted_at = (number % 3 == 0).then(|| samples::now() + Duration::minutes(number));
        match deleted_at {
            Some(at) => contact = trashed(&*store, contact, at).await.contact,
            None => samples::store_contacts(&*store, std::slice::from_mut(&mut contact)).await,
        }
        expected.push((contact, deleted_at));
    }
    for limit in [1, 2, 7, 8] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.held_contacts(owner, after, limit).await.unwrap();
            assert!(page.len() as u64 <= limit);
            let Some((last, _)) = page.last() else { break };
            after = Some(last.id);
            found.extend(page);
        }
        assert_eq!(found, expected, "{limit}");
    }
    let others = store.held_contacts(other, None, 10).await.unwrap();
    assert_eq!(others.len(), 2);
    let mut ids: Vec<ContactId> = expected[..4].iter().chain(&others).map(|(contact, _)| contact.id).collect();
    ids.push(ContactId(samples::id()));
    let mut found = store.held_contacts_among(owner, &ids).await.unwrap();
    found.sort_by_key(|contact| contact.id);
    let own: Vec<Contact> = expected[..4].iter().map(|(contact, _)| contact.clone()).collect();
    assert_eq!(found, own, "in the trash or not, but of the owner");
}

pub async fn purge_removes_its_scope_only(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let mut not_trashed = with_photo(owner);
    samples::store_contacts(&*store, std::slice::from_mut(&mut not_trashed)).await;
    let mut items = Vec::new();
    for minutes in 0..6 {
        items.push(trashed(&*store, with_photo(owner), samples::now() + Duration::minutes(minutes)).await);
    }
    let others = trashed(&*store, with_photo(other), samples::now()).await;
    let purge = async |scope, limit| {
        let mut unit = store.begin().await.unwrap();
        let purged = unit.purge_trash(scope, limit).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(purged.contacts, purged.photos.len() as u64, "{scope:?}");
        let mut photos = purged.photos;
        photos.sort_by(|left, right| left.as_str().cmp(right.as_str()));
        photos
    };
    let photos = |trashed: &[&TrashedContact]| -> Vec<PictureKey> {
        trashed.iter().map(|trashed| trashed.contact.photo.clone().unwrap()).collect()
    };
    assert_eq!(purge(PurgeScope::One(owner, not_trashed.id), 10).await, [], "it is not in the trash");
    assert_eq!(purge(PurgeScope::One(owner, items[3].contact.id), 10).await, photos(&[&items[3]]));
    assert_eq!(purge(PurgeScope::One(owner, items[3].contact.id), 10).await, []);
    assert_eq!(purge(PurgeScope::Surplus(owner, 5), 10).await, []);
    assert_eq!(purge(PurgeScope::Surplus(owner, 4), 10).await, photos(&[&items[0]]), "the oldest in the trash");
    let edge = items[2].deleted_at;
    assert_eq!(purge(PurgeScope::DeletedBefore(edge), 1).await.len(), 1, "at most the limit");
    assert_eq!(
        purge(PurgeScope::DeletedBefore(edge), 10).await.len(),
        1,
        "of all users, without the one at the limit itself"
    );
    assert!(ids_in_trash(&*store, other).await.is_empty(), "{others:?} was old enough");
    assert_eq!(ids_in_trash(&*store, owner).await, [&items[5], &items[4], &items[2]].map(|item| item.contact.id));
    assert_eq!(purge(PurgeScope::AllOf(owner), 10).await, photos(&[&items[2], &items[4], &items[5]]));
    assert!(ids_in_trash(&*store, owner).await.is_empty());
    assert_eq!(store.find_contact(owner, not_trashed.id).await.unwrap(), Some(not_trashed));
}

pub async fn concurrent_purges_return_each_photo_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut expected = Vec::new();
    for _ in 0..40 {
        let trashed_contact = trashed(&*store, with_photo(owner), samples::now()).await;
        expected.push(trashed_contact.contact.photo.unwrap().as_str().to_owned());
    }
    let later = samples::now() + Duration::minutes(1);
    let purged = at_once(backend, 24, |store, number| async move {
        let scope = match number % 3 {
            0 => PurgeScope::AllOf(owner),
            1 => PurgeScope::Surplus(owner, 10),
            _ => PurgeScope::DeletedBefore(later),
        };
        let mut unit = store.begin().await.unwrap();
        let purged = unit.purge_trash(scope, if number % 3 == 2 { 7 } else { 500 }).await.unwrap();
        unit.commit().await.unwrap();
        purged.photos.iter().map(|photo| photo.as_str().to_owned()).collect::<Vec<_>>()
    })
    .await;
    let mut found: Vec<String> = purged.into_iter().flatten().collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

pub async fn purge_waits_for_a_restore(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let trashed_contact = trashed(&*store, with_photo(owner), samples::now()).await;
    let mut first = store.begin().await.unwrap();
    let change = first.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
    let contact = first.lock_trashed_contact(owner, trashed_contact.contact.id).await.unwrap().unwrap().contact;
    let other = backend.open().await;
    let second = tokio::spawn(async move {
        let mut unit = other.begin().await.unwrap();
        let purged = unit.purge_trash(PurgeScope::AllOf(owner), 500).await.unwrap();
        unit.commit().await.unwrap();
        purged.contacts
    });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!second.is_finished(), "the purger must wait");
    let contact = Contact { change, ..contact };
    first.untrash_contact(&contact).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), 0, "it skips the restored contact");
    assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact));
}

pub async fn deleting_a_user_deletes_the_trash(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let trashed_contact = trashed(&*store, with_photo(user.id), samples::now()).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.delete_user(&user).await.unwrap(), [trashed_contact.contact.photo.unwrap()]);
    unit.commit().await.unwrap();
    assert!(ids_in_trash(&*store, user.id).await.is_empty());
}
