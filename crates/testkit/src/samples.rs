//! Sample values: valid and distinct.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
};

use chrono::{TimeZone as _, Utc};
use domain::{
    account::{Email, Locale, PasswordHash, Timezone, User, Username},
    app_password::{AppPassword, AppPasswordName, Scopes},
    client::ClientInfo,
    contact::{
        CardPatch, ChangeNumber, Contact, ContactCard, ContactEmail, LabeledEmail, LabeledPhone, PersonName,
        PhoneNumber, ValidCard,
    },
    ids::{AppPasswordId, ContactId, SessionId, UserId},
    secret::Secret,
    session::Session,
    store::Store,
    time::Timestamp,
};
use uuid::Uuid;

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// Returns a number that is unique in this process.
pub fn unique() -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

/// Returns an id that sorts after all earlier ones, like a UUIDv7.
#[must_use]
pub fn id() -> Uuid {
    Uuid::from_u128((0x0193_0000_0000_7000_8000_u128 << 48) | u128::from(unique()))
}

/// Returns a distinct secret.
#[must_use]
pub fn secret() -> Secret {
    let mut bytes = [7u8; 32];
    bytes[..8].copy_from_slice(&unique().to_be_bytes());
    Secret::from_bytes(bytes)
}

/// The current time of the tests: noon of 21 November 2026, UTC.
#[must_use]
pub fn now() -> Timestamp {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

/// A user with a verified e-mail address.
#[must_use]
pub fn user() -> User {
    let number = unique();
    User {
        id: UserId(id()),
        username: Username::parse(&format!("Olena {number}")).unwrap(),
        email: Email::parse(&format!("olena{number}@example.com")).unwrap(),
        email_verified: true,
        pending_email: None,
        avatar: None,
        locale: Locale::En,
        timezone: Timezone::default(),
        notify_new_device: true,
        created_at: now(),
    }
}

/// Stores a user and returns it.
pub async fn stored_user(store: &dyn Store) -> User {
    let user = user();
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &PasswordHash("hash".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    user
}

/// A session of that user, created now.
#[must_use]
pub fn session(user: UserId) -> Session {
    let client = ClientInfo::new(Some("192.0.2.7".parse().unwrap()), Some("contract/1.0"));
    Session { id: SessionId(id()), user, created_at: now(), last_used_at: now(), client }
}

/// An app password of that user for CardDAV, created now and never used.
#[must_use]
pub fn app_password(user: UserId) -> AppPassword {
    AppPassword {
        id: AppPasswordId(id()),
        user,
        name: AppPasswordName::parse("Phone").unwrap(),
        scopes: Scopes::default(),
        created_at: now(),
        expires_at: None,
        last_used_at: None,
    }
}

/// A card with a name only.
#[must_use]
pub fn card(first_name: &str, last_name: &str) -> ContactCard {
    ContactCard {
        first_name: Some(PersonName::parse(first_name).unwrap()),
        last_name: Some(PersonName::parse(last_name).unwrap()),
        ..ContactCard::default()
    }
}

/// A card with a name, an e-mail and a phone.
#[must_use]
pub fn full_card(first_name: &str, last_name: &str, email: &str, phone: &str) -> ContactCard {
    ContactCard {
        emails: vec![LabeledEmail { label: None, address: ContactEmail::parse(email).unwrap() }],
        phones: vec![LabeledPhone { label: None, number: PhoneNumber::parse(phone).unwrap() }],
        ..card(first_name, last_name)
    }
}

/// The same card, validated.
#[must_use]
pub fn valid(card: ContactCard) -> ValidCard {
    card.check(now().date_naive()).unwrap()
}

/// A valid card with a name only.
#[must_use]
pub fn valid_card(first_name: &str, last_name: &str) -> ValidCard {
    valid(card(first_name, last_name))
}

/// A patch of a card, from its JSON.
#[must_use]
pub fn patch(json: serde_json::Value) -> CardPatch {
    CardPatch::parse(json, now().date_naive()).unwrap()
}

/// A contact of that owner, created now. Its change gets a number when it is stored.
#[must_use]
pub fn contact(owner: UserId, card: ContactCard) -> Contact {
    Contact::new(ContactId(id()), owner, &valid(card), ChangeNumber(0), now())
}

/// Stores contacts, each with a new change number.
pub async fn store_contacts(store: &dyn Store, contacts: &mut [Contact]) {
    let mut unit = store.begin().await.unwrap();
    let owners: BTreeSet<UserId> = contacts.iter().map(|contact| contact.owner).collect();
    for owner in owners {
        let own: Vec<&mut Contact> = contacts.iter_mut().filter(|contact| contact.owner == owner).collect();
        let number = i64::try_from(own.len()).unwrap();
        let taken = unit.take_change_numbers(owner, number.unsigned_abs(), number).await.unwrap().unwrap();
        for (index, contact) in own.into_iter().enumerate() {
            contact.change = taken.number(index);
        }
    }
    unit.insert_contacts(contacts).await.unwrap();
    unit.commit().await.unwrap();
}
