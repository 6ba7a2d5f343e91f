//! Stored values are read unchanged.

use std::sync::Arc;

use domain::{
    account::{Email, Locale, PasswordHash, User, UserQueries as _},
    contact::{
        ContactCard, ContactQueries as _, ContactQuery, Cursor, Filter, LabeledAddress, LabeledEmail, LabeledLink,
        LabeledPhone, PageStart, Sort,
    },
    picture::PictureKey,
    session::{Session, SessionQueries as _},
    store::Store,
};
use sea_orm::ConnectionTrait as _;
use testkit::samples;

use crate::databases::{Kind, TestDatabase, with};

on_both!(
    contact_with_every_field_is_stored,
    contact_update_clears_every_optional_field,
    user_and_session_are_stored,
    contact_with_the_longest_sort_keys_is_stored,
    stored_value_that_is_now_invalid_is_readable,
    only_json_objects_are_stored_as_cards,
    unreadable_card_is_served_and_named,
);

fn full_card() -> ContactCard {
    let address = LabeledAddress {
        label: None,
        street: Some("вул. Хрещатик, 1".parse().unwrap()),
        city: Some("Київ".parse().unwrap()),
        region: None,
        postal_code: Some("01001".parse().unwrap()),
        country: Some("Україна".parse().unwrap()),
    };
    ContactCard {
        first_name: Some("Їжак".parse().unwrap()),
        last_name: Some("O'Neil \"the\" \\ 100%".parse().unwrap()),
        middle_name: Some("Zoë".parse().unwrap()),
        nickname: Some("😀".parse().unwrap()),
        organization: Some("Straße GmbH".parse().unwrap()),
        job_title: Some("engineer".parse().unwrap()),
        emails: vec![
            LabeledEmail { label: Some("work".parse().unwrap()), address: "Ola@Example.COM".parse().unwrap() },
            LabeledEmail { label: None, address: "ola@приклад.укр".parse().unwrap() },
        ],
        phones: vec![LabeledPhone {
            label: Some("дача".parse().unwrap()),
            number: "+380 (44) 123-45-67 ext. 8".parse().unwrap(),
        }],
        addresses: vec![address],
        urls: vec![LabeledLink { label: None, url: "https://example.com/?q=a%20b&c=%".parse().unwrap() }],
        birthday: Some("--02-29".parse().unwrap()),
        notes: Some("one\ntwo\r\n\tthree".parse().unwrap()),
        tags: vec!["Friends".parse().unwrap(), "друзі".parse().unwrap()],
        favorite: true,
        // The other members are stored in the same text.
        ..ContactCard::default()
    }
}

async fn contact_with_every_field_is_stored(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let mut contact = samples::contact(owner, full_card());
    contact.photo = Some(PictureKey::avatar(samples::id()));
    contact.updated_at = samples::now() + chrono::Duration::microseconds(1);
    samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
    assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact));
}

async fn contact_update_clears_every_optional_field(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let mut full = samples::contact(owner, full_card());
    samples::store_contacts(&store, std::slice::from_mut(&mut full)).await;

    // Written over a full one, so that every column becomes empty.
    let draft = ContactCard { nickname: Some("x".parse().unwrap()), ..ContactCard::default() };
    let mut bare = samples::contact(owner, draft);
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap();
    (bare.id, bare.change) = (full.id, taken.first);
    assert_eq!(unit.lock_contact(owner, full.id).await.unwrap(), Some(full));
    unit.update_contact(&bare).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.find_contact(owner, bare.id).await.unwrap(), Some(bare));
}

async fn user_and_session_are_stored(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = User {
        username: "Ольга 😀".parse().unwrap(),
        avatar: Some(PictureKey::avatar(samples::id())),
        locale: Locale::Uk,
        timezone: "Europe/Kyiv".parse().unwrap(),
        email_verified: false,
        notify_new_device: false,
        created_at: samples::now() + chrono::Duration::microseconds(999_999),
        ..samples::user()
    };
    let mut session: Session = samples::session(user.id);
    session.client.ip = Some("2001:db8::7".parse().unwrap());
    let first = samples::secret().digest();
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &PasswordHash("$2b$12$hash".to_owned())).await.unwrap();
    unit.insert_session(&session, &first).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.session_with_user(user.id, session.id).await.unwrap(), Some((session, user)));
}

async fn contact_with_the_longest_sort_keys_is_stored(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    // One character that becomes eighteen, between others that prevent its compression.
    let name =
        |seed: u32| -> String {
            (0..100_u32)
                .map(|index| {
                    if index % 2 == 0 {
                        '\u{FDFA}'
                    } else {
                        char::from_u32(0x2_0000 + (index * seed) % 40_000).unwrap()
                    }
                })
                .collect()
        };
    let mut contact = samples::contact(owner, samples::card(&name(7919), &name(6101)));
    samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
    assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact));
}

/// Rules may become stricter. Values that were accepted before must stay readable.
async fn stored_value_that_is_now_invalid_is_readable(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let mut contact = samples::contact(user.id, samples::card("Olena", "Koval"));
    samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
    let raw = database.raw().await;
    let card = r#"{"first_name":" ","notes":"","emails":[{"label":" ","address":"nobody"}],
        "phones":[{"number":"call me"}],"tags":[""],"urls":[{"url":"example.com"}],"addresses":[{"city":" Kyiv "}]}"#;
    raw.execute_unprepared(&format!("UPDATE contacts SET card = '{card}'")).await.unwrap();
    raw.execute_unprepared("UPDATE users SET username = '', email = 'nobody', pending_email = '@'").await.unwrap();

    let read = store.find_contact(user.id, contact.id).await.unwrap().unwrap().card.parse().unwrap();
    assert_eq!(read.first_name.unwrap().as_str(), " ");
    assert_eq!(read.notes.unwrap().as_str(), "");
    assert_eq!((read.emails[0].label.as_ref().unwrap().as_str(), read.emails[0].address.as_str()), (" ", "nobody"));
    assert_eq!((read.phones[0].number.as_str(), read.urls[0].url.as_str()), ("call me", "example.com"));
    assert_eq!((read.addresses[0].city.as_ref().unwrap().as_str(), read.tags[0].as_str()), (" Kyiv ", ""));

    let email = Email::from_stored("nobody".to_owned());
    let read = store.credentials_by_email(&email).await.unwrap().unwrap().user;
    assert_eq!((read.username.as_str(), read.pending_email.unwrap().as_str()), ("", "@"));
}

/// Responses contain the card as it is stored.
async fn only_json_objects_are_stored_as_cards(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    samples::store_contacts(&store, &mut [samples::contact(owner, samples::card("Olena", "Koval"))]).await;
    let raw = database.raw().await;
    for card in ["", "null", "[]", "5", r#"{"first_name":"Olena""#, " {}", "{}\n"] {
        raw.execute_unprepared(&format!("UPDATE contacts SET card = '{card}'")).await.unwrap_err();
    }
    // JSON5, which some functions of SQLite accept.
    for card in [r#"{first_name:"Olena"}"#, r#"{"first_name":"Olena",}"#, r#"{"x":+1}"#, "{/**/}"] {
        raw.execute_unprepared(&format!("UPDATE contacts SET card = '{card}'")).await.unwrap_err();
    }
}

/// An operator may write `datetime('now')`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_without_an_offset_is_read_as_utc() {
    with(Kind::Sqlite, async |database: Arc<TestDatabase>| {
        let store = database.store().await;
        let owner = samples::stored_user(&store).await.id;
        let mut contact = samples::contact(owner, samples::card("Olena", "Koval"));
        samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
        let raw = database.raw().await;
        raw.execute_unprepared("UPDATE contacts SET updated_at = '2026-11-22 12:00:00'").await.unwrap();
        contact.updated_at = samples::now() + chrono::Duration::days(1);
        let query =
            ContactQuery { filter: Filter::default(), sort: Sort::default(), start: PageStart::Skip(0), limit: 9 };
        assert_eq!(store.list_contacts(owner, &query).await.unwrap(), [contact.clone()]);
        assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact));
    })
    .await;
}

async fn unreadable_card_is_served_and_named(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let mut contacts = ["A", "B", "C"].map(|name| samples::contact(owner, samples::card("Olena", name)));
    samples::store_contacts(&store, &mut contacts).await;
    let raw = database.raw().await;
    let card = r#"{"first_name":5,"last_name":"B","birthday":"1990-02-30"}"#;
    raw.execute_unprepared(&format!(
        "UPDATE contacts SET card = '{card}', search_version = 0 WHERE card LIKE '%\"B\"%'"
    ))
    .await
    .unwrap();

    let (mut start, mut found) = (PageStart::Skip(0), Vec::new());
    for _ in 0..3 {
        let query = ContactQuery { filter: Filter::default(), sort: Sort::default(), start, limit: 1 };
        let contact = store.list_contacts(owner, &query).await.unwrap().remove(0);
        start = PageStart::After(Cursor::at(&contact, &query.sort));
        found.push(contact);
    }
    assert_eq!([&found[0], &found[2]], [&contacts[0], &contacts[2]]);
    assert_eq!((found[1].id, found[1].card.as_str()), (contacts[1].id, card));
    let error = found[1].parsed_card().unwrap_err();
    assert_eq!(error.to_string(), format!("the card of contact {} cannot be read", contacts[1].id));
    assert_eq!(store.reindex().await.unwrap(), 0, "it cannot be rewritten, and stops nothing");

    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap().first;
    let replaced = found[1].with_card(&samples::valid_card("Olena", "B"), change, samples::now()).unwrap();
    unit.lock_contact(owner, replaced.id).await.unwrap().unwrap();
    unit.update_contact(&replaced).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.find_contact(owner, replaced.id).await.unwrap(), Some(replaced));
}
