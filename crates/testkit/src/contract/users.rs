//! Users.

use std::time::Duration;

use domain::{
    account::{Email, Locale, OneTimeToken, PasswordHash, Purpose, User, Username},
    contact::{ChangeNumber, Contact},
    error::{StoreError, UniqueKey},
    ids::MailId,
    mail::{Mail, MailKind},
    picture::PictureKey,
};

use super::{Backend, at_once};
use crate::samples;

fn hash(text: &str) -> PasswordHash {
    PasswordHash(text.to_owned())
}

pub async fn user_is_found_by_email(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = User { locale: Locale::Uk, timezone: "Europe/Kyiv".parse().unwrap(), ..samples::user() };
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &hash("h1")).await.unwrap();
    assert_eq!(unit.user_by_email(&user.email).await.unwrap(), Some(user.clone()), "visible in its own unit");
    unit.commit().await.unwrap();

    let found = store.credentials_by_email(&user.email).await.unwrap().unwrap();
    assert_eq!(store.credentials_of(user.id).await.unwrap().as_ref(), Some(&found));
    assert_eq!(store.credentials_of(samples::user().id).await.unwrap(), None);
    assert_eq!(found.user, user);
    assert_eq!(found.password_hash, hash("h1"));
    let other = Email::parse("nobody@example.com").unwrap();
    assert_eq!(store.credentials_by_email(&other).await.unwrap(), None);
    store.ping().await.unwrap();
}

pub async fn inserting_a_taken_email_is_a_conflict(backend: &dyn Backend) {
    let store = backend.open().await;
    let first = samples::stored_user(&*store).await;
    let second = User { email: first.email.clone(), ..samples::user() };
    let mut unit = store.begin().await.unwrap();
    let rejected = unit.insert_user(&second, &hash("h2")).await.unwrap_err();
    assert!(matches!(rejected, StoreError::Conflict(UniqueKey::UserEmail)), "{rejected:?}");
    drop(unit);
    assert_eq!(store.credentials_by_email(&first.email).await.unwrap().unwrap().user.id, first.id);
}

pub async fn concurrent_registrations_create_one_user(backend: &dyn Backend) {
    let email = Email::parse("race@example.com").unwrap();
    let outcomes = at_once(backend, 32, |store, _| {
        let user = User { email: email.clone(), ..samples::user() };
        async move {
            let mut unit = store.begin().await?;
            unit.insert_user(&user, &hash("h")).await?;
            unit.commit().await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for rejected in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(rejected, StoreError::Conflict(UniqueKey::UserEmail)), "{rejected:?}");
    }
}

pub async fn changes_of_a_user_are_stored(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let avatar = PictureKey::avatar(samples::id());
    let changed = User {
        username: Username::parse("Їжак Ґудзь").unwrap(),
        locale: Locale::Uk,
        timezone: "America/New_York".parse().unwrap(),
        notify_new_device: false,
        avatar: Some(avatar.clone()),
        ..user.clone()
    };
    let mut unit = store.begin().await.unwrap();
    unit.update_profile(&changed).await.unwrap();
    unit.set_avatar(user.id, Some(&avatar)).await.unwrap();
    unit.set_password_hash(user.id, &hash("new")).await.unwrap();
    unit.commit().await.unwrap();
    let found = store.credentials_by_email(&user.email).await.unwrap().unwrap();
    assert_eq!(found.user, changed);
    assert_eq!(found.password_hash, hash("new"));

    let mut unit = store.begin().await.unwrap();
    unit.set_avatar(user.id, None).await.unwrap();
    assert_eq!(unit.lock_user(user.id).await.unwrap().unwrap().avatar, None);
    let unknown = samples::user().id;
    assert_eq!(unit.lock_user(unknown).await.unwrap(), None);
    assert_eq!(unit.find_user(unknown).await.unwrap(), None);
    assert_eq!(unit.find_user(user.id).await.unwrap(), unit.lock_user(user.id).await.unwrap());
    assert_eq!(unit.lock_credentials(unknown).await.unwrap(), None);
    unit.commit().await.unwrap();
}

pub async fn only_the_current_email_is_verified(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = User { email_verified: false, ..samples::user() };
    let other = Email::parse("former@example.com").unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &hash("h")).await.unwrap();
    assert!(!unit.mark_email_verified(user.id, &other).await.unwrap(), "not the user's address");
    assert!(!unit.mark_email_verified(samples::user().id, &user.email).await.unwrap(), "no such user");
    assert!(!unit.lock_user(user.id).await.unwrap().unwrap().email_verified);
    assert!(unit.mark_email_verified(user.id, &user.email).await.unwrap());
    unit.commit().await.unwrap();
    assert!(store.credentials_by_email(&user.email).await.unwrap().unwrap().user.email_verified);
}

pub async fn email_changes_only_to_a_free_one(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let new_email = Email::parse("new.olena@example.com").unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.set_pending_email(user.id, Some((&new_email, samples::now()))).await.unwrap();
    assert_eq!(unit.lock_user(user.id).await.unwrap().unwrap().pending_email.as_ref(), Some(&new_email));
    unit.commit().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    let rejected = unit.change_email(user.id, &other.email).await.unwrap_err();
    assert!(matches!(rejected, StoreError::Conflict(UniqueKey::UserEmail)), "{rejected:?}");
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    unit.change_email(user.id, &new_email).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.credentials_by_email(&user.email).await.unwrap(), None);
    let changed = store.credentials_by_email(&new_email).await.unwrap().unwrap().user;
    assert_eq!(changed, User { email: new_email, email_verified: true, pending_email: None, ..user });
}

pub async fn email_is_locked_until_its_time(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (before, until) = (samples::now(), samples::now() + chrono::Duration::seconds(60));
    let mut unit = store.begin().await.unwrap();
    unit.lock_email(user.id, Some(until)).await.unwrap();
    unit.commit().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert!(unit.is_email_locked(user.id, before).await.unwrap());
    assert!(!unit.is_email_locked(user.id, until).await.unwrap());
    assert!(!unit.is_email_locked(other.id, before).await.unwrap());
    unit.lock_email(user.id, None).await.unwrap();
    assert!(!unit.is_email_locked(user.id, before).await.unwrap());
    unit.commit().await.unwrap();
}

pub async fn dropped_unit_changes_nothing(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::user();
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &hash("h")).await.unwrap();
    drop(unit);
    assert_eq!(store.credentials_by_email(&user.email).await.unwrap(), None);
    // The store still works.
    samples::stored_user(&*store).await;
}

pub async fn deleting_a_user_deletes_all_data(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let (avatar, photo) = (PictureKey::avatar(samples::id()), PictureKey::avatar(samples::id()));
    let contact = |owner, photo| Contact { photo, ..samples::contact(owner, samples::card("A", "B")) };
    let of_other = contact(other.id, Some(PictureKey::avatar(samples::id())));
    let mut contacts = [contact(user.id, Some(photo.clone())), contact(user.id, None), of_other];
    samples::store_contacts(&*store, &mut contacts).await;
    let [theirs, _, contact_of_other] = contacts;
    let (session, secret) = (samples::session(user.id), samples::secret());
    let mail = |email: &Email| Mail {
        id: MailId(samples::id()),
        kind: MailKind::VerifyEmail,
        email: email.clone(),
        user: None,
        client_ip: None,
        app_password: None,
        requested_at: samples::now(),
        attempts: 0,
    };
    let token = || OneTimeToken {
        digest: samples::secret().digest(),
        purpose: Purpose::VerifyEmail,
        user: user.id,
        email: user.email.clone(),
        expires_at: samples::now() + chrono::Duration::hours(1),
    };
    let [unused, used] = [(); 2].map(|()| token());
    let mut unit = store.begin().await.unwrap();
    unit.set_avatar(user.id, Some(&avatar)).await.unwrap();
    unit.insert_session(&session, &secret.digest()).await.unwrap();
    unit.enqueue_mail(&mail(&user.email)).await.unwrap();
    unit.enqueue_mail(&mail(&other.email)).await.unwrap();
    unit.insert_one_time_token(&unused).await.unwrap();
    unit.insert_one_time_token(&used).await.unwrap();
    unit.consume_one_time_token(&used.digest, used.purpose, samples::now()).await.unwrap().unwrap();
    unit.commit().await.unwrap();

    let mut unit = store.begin().await.unwrap();
    let mut pictures = unit.delete_user(&user).await.unwrap();
    pictures.sort_by(|left, right| left.as_str().cmp(right.as_str()));
    assert_eq!(pictures, [avatar, photo]);
    assert_eq!(unit.delete_user(&user).await.unwrap(), []);
    unit.commit().await.unwrap();
    assert_eq!(store.credentials_by_email(&user.email).await.unwrap(), None);
    assert_eq!(store.find_contact(user.id, theirs.id).await.unwrap(), None);
    assert!(store.sessions_of(user.id).await.unwrap().is_empty());
    assert_eq!(store.outbox_status(samples::now()).await.unwrap().waiting, 1, "only the mail of the user is deleted");
    assert_eq!(store.find_contact(other.id, contact_of_other.id).await.unwrap(), Some(contact_of_other));
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.lock_session(session.id).await.unwrap(), None);

    // A row that is left would belong to the same user again.
    unit.insert_user(&user, &hash("h")).await.unwrap();
    let taken = unit.take_change_numbers(user.id, 1, 0).await.unwrap().unwrap();
    assert_eq!((taken.first, taken.contacts), (ChangeNumber(1), 0));
    unit.commit().await.unwrap();
    assert_eq!(store.credentials_of(user.id).await.unwrap().unwrap().user, user);
    assert_eq!(store.held_contacts(user.id, None, 10).await.unwrap(), []);
    assert_eq!(store.sessions_of(user.id).await.unwrap(), []);
    assert_eq!(store.mails_of(&user).await.unwrap(), []);
    assert_eq!(store.one_time_tokens_of(user.id).await.unwrap(), []);
    let since = samples::now() - chrono::Duration::hours(1);
    assert!(!store.one_time_token_was_used(&used.digest, used.purpose, since).await.unwrap());
}

pub async fn second_lock_of_a_user_waits(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let mut first = store.begin().await.unwrap();
    first.lock_credentials(user.id).await.unwrap().unwrap();

    let other = backend.open().await;
    let second = tokio::spawn(async move {
        let mut unit = other.begin().await.unwrap();
        let found = unit.lock_credentials(user.id).await.unwrap().unwrap();
        unit.commit().await.unwrap();
        found.password_hash
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!second.is_finished(), "the second locker must wait");
    first.set_password_hash(user.id, &hash("changed")).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), hash("changed"), "it reads what the first wrote");
}

pub async fn latest_user_with_the_same_pending_email_is_found(backend: &dyn Backend) {
    let store = backend.open().await;
    let (first, second) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let new_email = samples::user().email;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.user_by_pending_email(&new_email).await.unwrap(), None);
    for (seconds, asking) in [(0, &second), (1, &first), (2, &second), (3, &first)] {
        let at = samples::now() + chrono::Duration::seconds(seconds);
        unit.set_pending_email(asking.id, Some((&new_email, at))).await.unwrap();
        assert_eq!(unit.user_by_pending_email(&new_email).await.unwrap().unwrap().id, asking.id);
    }
    unit.set_pending_email(first.id, None).await.unwrap();
    assert_eq!(unit.user_by_pending_email(&new_email).await.unwrap().unwrap().id, second.id);
    unit.change_email(second.id, &new_email).await.unwrap();
    assert_eq!(unit.user_by_pending_email(&new_email).await.unwrap(), None);
}

pub async fn unverified_users_are_found(backend: &dyn Backend) {
    let store = backend.open().await;
    samples::stored_user(&*store).await;
    let registered = |seconds| User {
        email_verified: false,
        created_at: samples::now() + chrono::Duration::seconds(seconds),
        ..samples::user()
    };
    let [late, edge, early] = [1, 0, -1].map(registered);
    let mut unit = store.begin().await.unwrap();
    for user in [&late, &edge, &early] {
        unit.insert_user(user, &hash("h")).await.unwrap();
    }
    unit.commit().await.unwrap();
    assert_eq!(store.unverified_users(samples::now(), 10).await.unwrap(), [early.id, edge.id]);
    assert_eq!(store.unverified_users(samples::now(), 1).await.unwrap(), [early.id]);
    let mut unit = store.begin().await.unwrap();
    unit.mark_email_verified(early.id, &early.email).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.unverified_users(samples::now(), 10).await.unwrap(), [edge.id]);
}
