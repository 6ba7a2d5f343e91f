//! Writes that are rejected.

use chrono::Duration;
use domain::{
    account::{OneTimeToken, PasswordHash, Purpose, User},
    audit::{AuditAction, AuditEvent, AuditOutcome, DeletedAccount},
    contact::{
        ChangeNumber, Contact,
        card_resource::{CardName, GroupCard},
        received::{CardUid, ReceivedText},
    },
    error::{StoreError, UniqueKey},
    idempotency::{Fingerprint, IdempotencyKey, StoredResult},
    ids::{AuditEventId, ContactId, MailId, UserId},
    mail::{Mail, MailKind},
    picture::PictureKey,
    session::DeviceDigest,
    store::{Store, UnitOfWork},
};

use super::{
    Backend,
    card_resources::{name, name_contact, stored_contacts, trash},
};
use crate::samples;

/// Requires that a write is rejected, and that its unit can only be dropped after that.
async fn assert_rejected(
    store: &dyn Store,
    case: &str,
    write: impl AsyncFnOnce(&mut dyn UnitOfWork) -> Result<(), StoreError>,
) {
    let mut unit = store.begin().await.unwrap();
    let outcome = write(&mut *unit).await;
    assert!(outcome.is_err(), "{case}");
    assert!(unit.commit().await.is_err(), "{case}");
}

fn hash() -> PasswordHash {
    PasswordHash("hash".to_owned())
}

fn token(user: &User) -> OneTimeToken {
    OneTimeToken {
        digest: samples::secret().digest(),
        purpose: Purpose::VerifyEmail,
        user: user.id,
        email: user.email.clone(),
        expires_at: samples::now() + Duration::hours(1),
    }
}

pub async fn unit_after_a_conflict_can_only_be_dropped(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let avatar = PictureKey::avatar(samples::id());
    let second = User { email: other.email.clone(), ..samples::user() };
    for is_new in [true, false] {
        let mut unit = store.begin().await.unwrap();
        unit.set_avatar(user.id, Some(&avatar)).await.unwrap();
        let rejected = if is_new {
            unit.insert_user(&second, &hash()).await
        } else {
            unit.change_email(user.id, &other.email).await
        };
        assert!(matches!(rejected, Err(StoreError::Conflict(UniqueKey::UserEmail))), "{rejected:?}");
        assert!(unit.commit().await.is_err(), "{is_new}");
    }
    assert_eq!(store.credentials_of(user.id).await.unwrap().unwrap().user, user, "as before the units");
    assert_eq!(store.credentials_of(second.id).await.unwrap(), None);
}

pub async fn rows_of_a_missing_user_are_rejected(backend: &dyn Backend) {
    let store = backend.open().await;
    let store = &*store;
    let (user, digest) = (samples::user(), samples::secret().digest());
    let id = user.id;
    assert_rejected(store, "session", async |unit| unit.insert_session(&samples::session(id), &digest).await).await;
    assert_rejected(store, "token", async |unit| unit.insert_one_time_token(&token(&user)).await).await;
    let password = samples::app_password(id);
    assert_rejected(store, "app password", async |unit| unit.insert_app_password(&password, &digest).await).await;
    let device = DeviceDigest(digest.0);
    assert_rejected(store, "device", async |unit| unit.record_device(id, &device, samples::now()).await.map(drop))
        .await;
    let key = IdempotencyKey::parse("k").unwrap();
    let fingerprint = Fingerprint::of("POST /api/contacts", b"{}");
    let done = StoredResult { fingerprint, contacts: Vec::new(), at: samples::now() };
    assert_rejected(store, "key", async |unit| unit.remember_idempotency_key(id, &key, &done).await).await;
    let group = GroupCard {
        name: name("Friends"),
        uid: CardUid::parse("a uid").unwrap(),
        change: ChangeNumber(1),
        text: ReceivedText::empty(),
    };
    assert_rejected(store, "group", async |unit| unit.put_group_card(id, &group).await).await;
}

pub async fn second_row_with_the_same_key_is_rejected(backend: &dyn Backend) {
    let store = backend.open().await;
    let store = &*store;
    let user = samples::stored_user(store).await;
    let contact = stored_contacts(store, user.id, 1).await.remove(0);
    let (session, password, token) = (samples::session(user.id), samples::app_password(user.id), token(&user));
    let mail = Mail {
        id: MailId(samples::id()),
        kind: MailKind::VerifyEmail,
        email: user.email.clone(),
        user: None,
        client_ip: None,
        app_password: None,
        requested_at: samples::now(),
        attempts: 0,
    };
    let event = AuditEvent {
        id: AuditEventId(samples::id()),
        at: samples::now(),
        user: Some(user.id),
        action: AuditAction::SignIn,
        outcome: AuditOutcome::Success,
        client: session.client.clone(),
    };
    let deleted = DeletedAccount { user: UserId(samples::id()), at: samples::now() };
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.insert_app_password(&password, &samples::secret().digest()).await.unwrap();
    unit.insert_one_time_token(&token).await.unwrap();
    unit.enqueue_mail(&mail).await.unwrap();
    unit.record(&event).await.unwrap();
    unit.record_deleted_account(deleted).await.unwrap();
    unit.commit().await.unwrap();

    let other = samples::secret().digest();
    let second = User { id: user.id, ..samples::user() };
    assert_rejected(store, "user", async |unit| unit.insert_user(&second, &hash()).await).await;
    assert_rejected(store, "session", async |unit| unit.insert_session(&session, &other).await).await;
    assert_rejected(store, "app password", async |unit| unit.insert_app_password(&password, &other).await).await;
    assert_rejected(store, "token", async |unit| unit.insert_one_time_token(&token).await).await;
    assert_rejected(store, "mail", async |unit| unit.enqueue_mail(&mail).await).await;
    assert_rejected(store, "event", async |unit| unit.record(&event).await).await;
    assert_rejected(store, "account", async |unit| unit.record_deleted_account(deleted).await).await;
    assert_rejected(store, "contact", async |unit| {
        let change = unit.take_change_numbers(user.id, 1, 1).await.unwrap().unwrap().first;
        unit.insert_contacts(&[Contact { change, ..contact.clone() }]).await
    })
    .await;
    assert!(store.create_contact(contact.clone(), 100).await.is_err());
    assert_eq!(store.held_contacts(user.id, None, 10).await.unwrap(), [(contact, None)]);

    let mut unit = store.begin().await.unwrap();
    unit.consume_one_time_token(&token.digest, token.purpose, samples::now()).await.unwrap().unwrap();
    unit.commit().await.unwrap();
    assert_rejected(store, "used token", async |unit| unit.insert_one_time_token(&token).await).await;
}

pub async fn second_contact_with_the_same_name_is_rejected(backend: &dyn Backend) {
    let store = backend.open().await;
    let store = &*store;
    let owner = samples::stored_user(store).await.id;
    let contacts = stored_contacts(store, owner, 2).await;
    let given = name("a.vcf");
    name_contact(store, &contacts[0], given.as_str()).await;
    assert_rejected(store, "name", async |unit| {
        unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap();
        unit.name_contact(owner, contacts[1].id, &given).await
    })
    .await;
    name_contact(store, &contacts[0], given.as_str()).await;

    trash(store, &contacts[0]).await;
    name_contact(store, &contacts[1], given.as_str()).await;
    assert_rejected(store, "restored", async |unit| {
        let change = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
        let trashed = unit.lock_trashed_contact(owner, contacts[0].id).await.unwrap().unwrap();
        unit.untrash_contact(&Contact { change, ..trashed.contact }).await
    })
    .await;
    let mut unit = store.begin().await.unwrap();
    let derived = CardName::of_contact(contacts[0].id);
    let change = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap().first;
    let trashed = unit.lock_trashed_contact(owner, contacts[0].id).await.unwrap().unwrap();
    unit.name_contact(owner, contacts[0].id, &derived).await.unwrap();
    unit.untrash_contact(&Contact { change, ..trashed.contact }).await.unwrap();
    unit.commit().await.unwrap();
}

/// Begins a unit, and returns it with a change of the contact by that user.
async fn changing(store: &dyn Store, by: UserId, contact: &Contact) -> (Box<dyn UnitOfWork>, Contact) {
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(by, 1, 0).await.unwrap().unwrap().first;
    let card = samples::valid_card("Changed", "Card").to_json();
    (unit, Contact { owner: by, card, change, ..contact.clone() })
}

/// A rejected update writes nothing, also when its unit is committed.
pub async fn update_of_a_missing_contact_is_rejected(backend: &dyn Backend) {
    let store = backend.open().await;
    let store = &*store;
    let (owner, other) = (samples::stored_user(store).await.id, samples::stored_user(store).await.id);
    let contacts = stored_contacts(store, owner, 2).await;
    trash(store, &contacts[0]).await;
    let missing = samples::contact(owner, samples::card("Леся", "Українка"));
    let updates = [(owner, &missing), (owner, &contacts[0]), (other, &contacts[1])];
    for (by, contact) in updates {
        let (mut unit, changed) = changing(store, by, contact).await;
        assert!(unit.update_contact(&changed).await.is_err(), "{contact:?}");
        let _ = unit.commit().await;
    }
    for (by, contact) in &updates[1..] {
        let (mut unit, changed) = changing(store, *by, contact).await;
        assert!(unit.update_contacts(&[changed]).await.is_err(), "{contact:?}");
        let _ = unit.commit().await;
    }
    for (by, id) in [(owner, ContactId(samples::id())), (other, contacts[1].id)] {
        let mut unit = store.begin().await.unwrap();
        unit.take_change_numbers(by, 1, 0).await.unwrap().unwrap();
        assert!(unit.name_contact(by, id, &name("a.vcf")).await.is_err(), "{id}");
    }
    let held = store.held_contacts(owner, None, 10).await.unwrap();
    assert_eq!(held.into_iter().map(|(contact, _)| contact).collect::<Vec<_>>(), contacts);
    assert_eq!(store.held_contacts(other, None, 10).await.unwrap(), []);
}
