//! Accounts as the operator sees and changes them.

use domain::{
    account::{Account, User},
    contact::Contact,
};

use super::{Backend, at_once};
use crate::samples;

pub async fn account_is_found_with_its_state(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let found = store.account_by_email(&user.email).await.unwrap();
    let expected = Account { user: user.clone(), is_disabled: false, contact_limit: None, contacts: 0 };
    assert_eq!(found, Some(expected.clone()));
    assert_eq!(store.account_by_email(&samples::user().email).await.unwrap(), None);

    let mut unit = store.begin().await.unwrap();
    unit.set_disabled(user.id, true).await.unwrap();
    unit.set_contact_limit(user.id, Some(7)).await.unwrap();
    let taken = unit.take_change_numbers(user.id, 1, 1).await.unwrap().unwrap();
    assert_eq!((taken.contacts, taken.own_limit), (1, Some(7)));
    let contact = samples::contact(user.id, samples::card("Olena", "Koval"));
    unit.insert_contacts(&[Contact { change: taken.first, ..contact }]).await.unwrap();
    unit.commit().await.unwrap();
    let changed = Account { is_disabled: true, contact_limit: Some(7), contacts: 1, ..expected };
    assert_eq!(store.account_by_email(&user.email).await.unwrap(), Some(changed));
    assert!(store.credentials_of(user.id).await.unwrap().unwrap().is_disabled);
    let other = samples::stored_user(&*store).await;
    assert!(!store.credentials_of(other.id).await.unwrap().unwrap().is_disabled, "of one user only");

    let mut unit = store.begin().await.unwrap();
    unit.set_disabled(user.id, false).await.unwrap();
    unit.set_contact_limit(user.id, None).await.unwrap();
    unit.commit().await.unwrap();
    let found = store.account_by_email(&user.email).await.unwrap().unwrap();
    assert_eq!((found.is_disabled, found.contact_limit), (false, None));
}

pub async fn disabling_an_account_ends_no_session(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let session = samples::session(user.id);
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.set_disabled(user.id, true).await.unwrap();
    unit.commit().await.unwrap();
    assert!(store.session_with_user(user.id, session.id).await.unwrap().is_some());
}

pub async fn accounts_are_listed_in_the_order_of_their_ids(backend: &dyn Backend) {
    let store = backend.open().await;
    let mut users: Vec<User> = Vec::new();
    for _ in 0..5 {
        users.push(samples::stored_user(&*store).await);
    }
    users.sort_by_key(|user| user.id);
    let (mut after, mut listed) = (None, Vec::new());
    loop {
        let page = store.accounts(after, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(last.user.id);
        listed.extend(page.into_iter().map(|account| account.user));
    }
    assert_eq!(listed, users);
}

pub async fn invitation_is_taken_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let (email, other) = (samples::user().email, samples::user().email);
    assert!(!store.is_invited(&email).await.unwrap());
    for _ in 0..2 {
        let mut unit = store.begin().await.unwrap();
        unit.invite(&email, samples::now()).await.unwrap();
        unit.commit().await.unwrap();
        assert!(store.is_invited(&email).await.unwrap());
    }
    let mut dropped = store.begin().await.unwrap();
    assert!(dropped.take_invitation(&email).await.unwrap());
    assert!(!dropped.take_invitation(&other).await.unwrap());
    drop(dropped);
    let taken = at_once(backend, 16, |store, _| {
        let email = email.clone();
        async move {
            let mut unit = store.begin().await.unwrap();
            let taken = unit.take_invitation(&email).await.unwrap();
            unit.commit().await.unwrap();
            taken
        }
    })
    .await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
    assert!(!store.is_invited(&email).await.unwrap());
}
