//! Concurrent units of work.

use std::{future::Future, sync::Arc, time::Duration};

use domain::{
    account::{Email, PasswordHash, UserQueries as _},
    contact::{Contact, ContactCreation as _, Creation},
    error::{StoreError, UniqueKey},
    ids::MailId,
    mail::{Mail, MailKind, OutboxQueries as _},
    session::{PreviousToken, Session, SessionQueries as _, StoredTokens},
    store::Store as _,
};
use testkit::samples;
use tokio::task::JoinHandle;

use crate::databases::{Kind, TestDatabase, with};

on_both!(
    concurrent_registrations_of_an_email_create_one_user,
    second_lock_of_the_change_numbers_waits,
    concurrent_refresh_waits_and_reads_the_new_tokens,
    ending_a_session_waits_for_its_refresh,
    deletion_and_end_of_sessions_do_not_deadlock,
    second_contact_change_waits_and_reads_the_first,
    many_concurrent_writers_all_complete,
);

/// Starts a task, and checks that it does not finish while the first unit is open.
pub(crate) async fn blocked<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    let mut task = tokio::spawn(work);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut task).await;
    assert!(early.is_err(), "it did not wait");
    task
}

async fn concurrent_registrations_of_an_email_create_one_user(database: Arc<TestDatabase>) {
    let shared = database.database();
    shared.migrate().await.unwrap();
    let stores = [shared.open().await.unwrap(), shared.open().await.unwrap()];
    let email = Email::parse("olena@example.com").unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|index| {
            let (store, email) = (stores[index % 2].clone(), email.clone());
            tokio::spawn(async move {
                let mut unit = store.begin().await?;
                let user = domain::account::User { email, ..samples::user() };
                unit.insert_user(&user, &PasswordHash("hash".to_owned())).await?;
                unit.commit().await
            })
        })
        .collect();
    let (mut done, mut rejected) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => done += 1,
            Err(StoreError::Conflict(UniqueKey::UserEmail)) => rejected += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((done, rejected), (1, 31));
}

async fn second_lock_of_the_change_numbers_waits(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let mut first = store.begin().await.unwrap();
    let taken = first.take_change_numbers(owner, 1, 1).await.unwrap().unwrap();
    assert_eq!(taken.contacts, 1);
    let other = store.clone();
    let second = blocked(async move {
        let mut unit = other.begin().await.unwrap();
        unit.take_change_numbers(owner, 1, 1).await.unwrap()
    })
    .await;
    let contact = Contact { change: taken.first, ..samples::contact(owner, samples::card("Olena", "Koval")) };
    first.insert_contacts(&[contact]).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().map(|found| found.contacts), Some(2));
}

async fn concurrent_refresh_waits_and_reads_the_new_tokens(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let session = samples::session(samples::stored_user(&store).await.id);
    let (token, successor) = (samples::secret(), samples::secret());
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &token.digest()).await.unwrap();
    unit.commit().await.unwrap();

    let mut first = store.begin().await.unwrap();
    assert_eq!(first.lock_session(session.id).await.unwrap().unwrap().tokens.previous, None);
    let (other, id) = (store.clone(), session.id);
    let second = blocked(async move {
        let mut unit = other.begin().await.unwrap();
        unit.lock_session(id).await.unwrap().unwrap()
    })
    .await;
    let later = samples::now() + chrono::Duration::seconds(1);
    let sealed_successor = successor.seal_under(&token);
    let previous = PreviousToken { digest: token.digest(), used_at: later, sealed_successor };
    let tokens = StoredTokens { current: successor.digest(), previous: Some(previous) };
    first.renew_session(&Session { last_used_at: later, ..session }, &tokens).await.unwrap();
    first.commit().await.unwrap();
    let found = second.await.unwrap();
    assert_eq!(found.tokens, tokens, "it sees what was written while it waited");
    assert_eq!(found.session.last_used_at, later);
}

async fn ending_a_session_waits_for_its_refresh(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let session = samples::session(samples::stored_user(&store).await.id);
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.commit().await.unwrap();

    let mut refreshing = store.begin().await.unwrap();
    let tokens = refreshing.lock_session(session.id).await.unwrap().unwrap().tokens;
    let (other, user) = (store.clone(), session.user);
    let ending = blocked(async move {
        let mut unit = other.begin().await.unwrap();
        let ended = unit.end_sessions_of(user).await.unwrap();
        unit.commit().await.unwrap();
        ended
    })
    .await;
    refreshing.renew_session(&session, &tokens).await.unwrap();
    refreshing.commit().await.unwrap();
    assert_eq!(ending.await.unwrap(), 1);
    assert_eq!(store.sessions_of(user).await.unwrap(), [], "a refresh at the same time brings nothing back");
}

async fn deletion_and_end_of_sessions_do_not_deadlock(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let (current, early, late) = (samples::session(user.id), samples::session(user.id), samples::session(user.id));
    let mut unit = store.begin().await.unwrap();
    // The cascade would find the session with the later id first.
    for session in [&late, &early] {
        unit.insert_session(session, &samples::secret().digest()).await.unwrap();
    }
    unit.commit().await.unwrap();

    let mut first = store.begin().await.unwrap();
    first.lock_session(early.id).await.unwrap().unwrap();
    let (other, id) = (store.clone(), user.id);
    let ending = blocked(async move {
        let mut unit = other.begin().await?;
        unit.end_other_sessions(id, current.id).await?;
        unit.commit().await
    })
    .await;
    let other = store.clone();
    let deleting = blocked(async move {
        let mut unit = other.begin().await?;
        unit.lock_user(user.id).await?.unwrap();
        unit.delete_user(&user).await?;
        unit.commit().await
    })
    .await;
    drop(first);
    ending.await.unwrap().unwrap();
    deleting.await.unwrap().unwrap();
    assert!(store.credentials_of(id).await.unwrap().is_none());
}

async fn second_contact_change_waits_and_reads_the_first(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let mut contact = samples::contact(owner, samples::card("Olena", "Koval"));
    samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
    let id = contact.id;
    let mut first = store.begin().await.unwrap();
    contact.change = first.take_change_numbers(owner, 1, 0).await.unwrap().unwrap().first;
    first.lock_contact(owner, id).await.unwrap().unwrap();
    let other = store.clone();
    let second = blocked(async move {
        let mut unit = other.begin().await.unwrap();
        unit.lock_contact(owner, id).await.unwrap()
    })
    .await;
    first.update_contact(&contact).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), Some(contact));
}

async fn many_concurrent_writers_all_complete(database: Arc<TestDatabase>) {
    let shared = database.database();
    shared.migrate().await.unwrap();
    let stores = [shared.open().await.unwrap(), shared.open().await.unwrap()];
    let owner = samples::stored_user(&stores[0]).await.id;
    let tasks: Vec<_> = (0..100)
        .map(|index| {
            let store = stores[index % 2].clone();
            tokio::spawn(async move {
                let mut unit = store.begin().await.unwrap();
                let taken = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap();
                if taken.contacts <= 60 {
                    let contact = samples::contact(owner, samples::card("Olena", "Koval"));
                    unit.insert_contacts(&[Contact { change: taken.first, ..contact }]).await.unwrap();
                    unit.commit().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut unit = stores[1].begin().await.unwrap();
    assert_eq!(unit.take_change_numbers(owner, 1, 0).await.unwrap().map(|found| found.contacts), Some(60));
}

/// The server may have a stricter default: what has waited for the row of the owner would fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_complete_where_the_default_isolation_is_stricter() {
    with(Kind::Postgres, async |database: Arc<TestDatabase>| {
        database.isolate_strictly().await;
        many_concurrent_writers_all_complete(Arc::clone(&database)).await;
        let store = database.store().await;
        let owner = samples::stored_user(&store).await.id;
        let creations: Vec<_> = (0..50)
            .map(|_| {
                let (store, contact) = (store.clone(), samples::contact(owner, samples::card("Olena", "Koval")));
                tokio::spawn(async move { store.create_contact(contact, 100).await.unwrap() })
            })
            .collect();
        for creation in creations {
            assert!(matches!(creation.await.unwrap(), Creation::Created(_)));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_claimers_get_different_mails_without_waiting() {
    with(Kind::Postgres, async |database: Arc<TestDatabase>| {
        let stores = [database.store().await, database.store().await];
        let now = samples::now();
        let mut unit = stores[0].begin().await.unwrap();
        for _ in 0..4 {
            let email = Email::parse("olena@example.com").unwrap();
            let id = MailId(samples::id());
            let kind = MailKind::VerifyEmail;
            let mail = Mail {
                id,
                kind,
                email,
                user: None,
                client_ip: None,
                app_password: None,
                requested_at: now,
                attempts: 0,
            };
            unit.enqueue_mail(&mail).await.unwrap();
        }
        unit.commit().await.unwrap();

        let lease = now + chrono::Duration::minutes(5);
        let mut first = stores[0].begin().await.unwrap();
        let mut second = stores[1].begin().await.unwrap();
        let of_first = first.claim_due_mail(now, lease, 3).await.unwrap();
        let claim = tokio::time::timeout(Duration::from_secs(2), second.claim_due_mail(now, lease, 3));
        let of_second = claim.await.expect("a claimer must not wait for another").unwrap();
        assert_eq!((of_first.len(), of_second.len()), (3, 1));
        assert!(of_first.iter().all(|mail| mail.attempts == 1 && mail.id != of_second[0].id));
        first.commit().await.unwrap();
        second.commit().await.unwrap();
        assert!(!stores[0].has_due_mail(now).await.unwrap());
        assert!(stores[0].has_due_mail(lease).await.unwrap());
    })
    .await;
}
