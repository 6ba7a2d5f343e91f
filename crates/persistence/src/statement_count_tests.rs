//! Number of database statements that reads and writes cost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{
    account::{Locale, Timezone},
    app_password::AppPasswordQueries as _,
    contact::{
        CardPatch, Contact, ContactQueries as _, ContactQuery, DaysAhead, Expected, Filter, PageStart, Sort,
        batch::Operation, card_resource::CardName, import::ImportOptions,
    },
    idempotency::{Fingerprint, IdempotencyKey, Idempotent},
    session::SessionQueries as _,
    store::Store as _,
    use_cases::{
        account::{ProfileChange, update_profile},
        card_resource::{CardReading, CardSync, current_sync_token},
        contact::{ChangesPage, Importer, apply_batch, create_contact, import_contacts, patch_contact},
        trash::empty_trash,
    },
};
use serde_json::json;
use testkit::{
    TestEnvironment,
    fakes::FrozenClock,
    import_file::{ImportFile, with_uid},
    postgres::FreshDatabase,
    samples,
    session_cache::FakeSessionCache,
    whole::{birthdays, contact_page, trash_page},
};

use crate::{
    database::{Database, DatabaseSettings, Pooling},
    store::SqlStore,
};

const TIMEOUT: Duration = Duration::from_secs(20);

async fn assert_statement_counts(url: String) {
    let is_postgres = url.starts_with("postgres");
    let settings = DatabaseSettings { url, pooling: Pooling::Session, max_connections: 2, acquire_timeout: TIMEOUT };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    let store = database.open().await.unwrap();
    let (user, other) = (samples::stored_user(&store).await, samples::stored_user(&store).await);
    let card = || samples::full_card("Олена", "Коваль", "olena@example.com", "0671112233");
    let mut contacts: Vec<Contact> = (0..60).map(|_| samples::contact(user.id, card())).collect();
    samples::store_contacts(&store, &mut contacts).await;
    let session = samples::session(user.id);
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    let (password, digest) = (samples::app_password(user.id), samples::secret().digest());
    unit.insert_app_password(&password, &digest).await.unwrap();
    unit.commit().await.unwrap();

    let counter = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&counter);
    let pool = store.pool().clone().observed(Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    let reader = SqlStore::new(pool, (!is_postgres).then(Arc::default), TIMEOUT);
    let cost = || counter.swap(0, Ordering::SeqCst);
    let list =
        |limit| ContactQuery { filter: Filter::default(), sort: Sort::default(), start: PageStart::Skip(0), limit };

    let environment = TestEnvironment::over(Arc::new(reader.clone()));
    let ports = environment.ports;
    assert_eq!(contact_page(&ports, user.id, list(50)).await.contacts.len(), 50);
    assert_eq!(cost(), 2, "fifty contacts: one statement and the count");
    assert_eq!(contact_page(&ports, user.id, list(100)).await.contacts.len(), 60);
    assert_eq!(cost(), 1, "a page that is not full needs no count");
    assert_eq!(contact_page(&ports, user.id, list(1000)).await.contacts.len(), 60);
    assert_eq!(cost(), 3, "a limit of 1,000: 25 contacts, their count, and the others");
    birthdays(&ports, user.id, Timezone::default(), DaysAhead::DEFAULT).await;
    assert_eq!(cost(), 1, "birthdays");
    birthdays(&ports, user.id, Timezone::default(), DaysAhead::new(DaysAhead::MAX).unwrap()).await;
    assert_eq!(cost(), 1, "birthdays across the end of the year");
    reader.tag_spellings(user.id).await.unwrap();
    assert_eq!(cost(), 1, "tags");
    reader.find_contact(user.id, contacts[0].id).await.unwrap().unwrap();
    assert_eq!(cost(), 1, "one contact");
    let token = current_sync_token(&ports, user.id).await.unwrap();
    assert_eq!(cost(), 1, "the token of an address book");
    let poll = CardSync::new(user.id, token, None).read(&ports).await.unwrap();
    assert_eq!((poll.changes.len(), cost()), (0, 1), "a poll without changes");
    let names = contacts[..50].iter().map(|contact| CardName::of_contact(contact.id)).collect();
    let part = CardReading::new(user.id, names, true).read(&ports).await.unwrap();
    let found = part.cards.iter().filter(|(_, card)| card.is_some()).count();
    assert_eq!((found, cost()), (part.cards.len(), 1), "cards of contacts");
    reader.session_with_user(user.id, session.id).await.unwrap().unwrap();
    assert_eq!(cost(), 1, "session and user in one statement");
    let cache = FakeSessionCache::new(Arc::new(FrozenClock::default()), TIMEOUT);
    let reader = reader.with_session_cache(Some(Arc::new(cache)), false);
    for expected in [1, 0, 0] {
        reader.session_with_user(user.id, session.id).await.unwrap().unwrap();
        assert_eq!(cost(), expected, "no statement once they are cached");
    }
    for (expected, is_cached) in [(1, false), (1, true), (1, true)] {
        reader.app_password_with_user(&digest).await.unwrap().unwrap();
        assert_eq!(cost(), expected, "app password and user in one statement");
        assert_eq!(reader.cached_app_password(&digest).await.is_some(), is_cached);
        assert_eq!(reader.app_password_with_user(&samples::secret().digest()).await.unwrap(), None);
        assert_eq!(cost(), expected, "none for the cache, and one for an unknown digest");
    }
    let ports = TestEnvironment::over(Arc::new(reader)).ports;
    create_contact(&ports, user.id, &samples::valid(card()), None).await.unwrap();
    assert_eq!(cost(), if is_postgres { 1 } else { 2 }, "a new contact: count with number, and insert");
    let key = IdempotencyKey::parse("k").unwrap();
    let idempotent = Idempotent { key, fingerprint: Fingerprint::of("POST /api/contacts", b"{}") };
    for expected in [4, 3] {
        create_contact(&ports, user.id, &samples::valid(card()), Some(&idempotent)).await.unwrap();
        assert_eq!(cost(), expected, "with a key: also its look-up and insert, then only its look-up");
    }
    for (some, expected) in [(&contacts[..2], 6), (&contacts[2..22], 8)] {
        let (updates, deletions) = some.split_at(some.len() / 2);
        let nickname = || samples::patch(json!({"nickname": "Зірка"}));
        let update = |contact: &Contact| Operation::Update(contact.id, Expected::Any, nickname());
        let delete = |contact: &Contact| Operation::Delete(contact.id, Expected::Any);
        let creations = some.iter().map(|_| Operation::Create(Box::new(samples::valid(card()))));
        let operations = updates.iter().map(update).chain(deletions.iter().map(delete)).chain(creations).collect();
        apply_batch(&ports, user.id, operations, None).await.unwrap();
        // Count, locks and surplus trash, and for each kind one statement, or several when the rows are split into
        // pieces.
        assert_eq!(cost(), expected, "a batch of {}", 2 * some.len());
    }
    let contact = contacts[59].id;
    for (patch, expected) in [(CardPatch::default(), 2), (samples::patch(json!({"nickname": "Зірка"})), 3)] {
        patch_contact(&ports, user.id, contact, &Expected::Any, patch).await.unwrap();
        assert_eq!(cost(), expected, "a change: number, lock and update; without one no update");
    }
    let unchanged = vec![Operation::Update(contact, Expected::Any, CardPatch::default())];
    apply_batch(&ports, user.id, unchanged, None).await.unwrap();
    assert_eq!(cost(), 2, "a batch that changes nothing: count and locks");
    for (change, expected) in
        [(ProfileChange::default(), 1), (ProfileChange { locale: Some(Locale::Uk), ..ProfileChange::default() }, 2)]
    {
        update_profile(&ports, user.id, change).await.unwrap();
        assert_eq!(cost(), expected, "a profile: lock and update; without a change only the lock");
    }
    assert_eq!(trash_page(&ports, user.id, None, 5).await.0.len(), 5);
    assert_eq!(cost(), 2, "a page of the trash: one statement and the count");
    trash_page(&ports, user.id, None, 50).await;
    assert_eq!(cost(), 1, "a page that is not full needs no count");
    let changes = ChangesPage::new(user.id, None, 50).read(&ports).await.unwrap().changes;
    assert_eq!((changes.len(), cost()), (50, 1), "changes with counter, floor and epoch");
    empty_trash(&ports, user.id).await.unwrap();
    assert_eq!(cost(), 4, "the 11 contacts in the trash, and their records in pieces");
    let mut many: Vec<Contact> = (0..1000).map(|_| samples::contact(other.id, card())).collect();
    samples::store_contacts(&store, &mut many).await;
    let part = many.iter().map(|contact| contact.card.as_str().len() + 200).sum::<usize>() / 1000;
    let parts = 975_usize.div_ceil(96 * 1024 / part);
    assert_eq!(contact_page(&ports, other.id, list(1000)).await.contacts, many);
    assert_eq!(cost(), 2 + parts, "25 contacts, their count, and parts of 96 KiB");
    let importer = samples::stored_user(&store).await.id;
    let person = |number: usize| samples::card(&format!("Person {number}"), "Koval");
    for (contacts, expected) in [(64, 8), (66, 8), (66, 5)] {
        let mut file = ImportFile::of((0..contacts).map(|number| with_uid(&format!("uid-{number}"), person(number))));
        let by = Importer { owner: importer, client: &TestEnvironment::client() };
        import_contacts(&ports, by, &mut file, ImportOptions::default(), None).await.unwrap();
        // Limit, event, contacts and UIDs of the address book and of its groups; of a part: numbers, contacts and their received cards.
        assert_eq!(cost(), expected, "an import of {contacts}");
    }
    drop(ports);
    store.close().await;
}

#[tokio::test]
async fn statement_counts_are_as_expected_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    assert_statement_counts(format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display())).await;
}

#[tokio::test]
async fn statement_counts_are_as_expected_on_postgres() {
    let database = FreshDatabase::create().await;
    assert_statement_counts(database.url.clone()).await;
    database.remove().await;
}
