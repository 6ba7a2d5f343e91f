//! Requests that are repeated because the answer of the database to a commit was lost. The database has committed.

use chrono::Duration;
use domain::{
    account::{Email, Password},
    error::StoreError,
    idempotency::{Fingerprint, IdempotencyKey, Idempotent},
    use_cases::{
        account::{ResetPasswordError, forgot_password, reset_password},
        contact::{ChangePhotoError, CreateContactError, change_photo, create_contact, get_contact},
        session::{RefreshError, refresh},
    },
};
use testkit::{TestEnvironment, samples};

use crate::{
    pictures::{ANY, left, lesia, olena, upload},
    sessions::{login_as, login_with},
};

const OLENA: &str = "olena@example.com";
const NEW: &str = "another good phrase";

#[tokio::test]
async fn repeated_creation_with_a_key_returns_the_stored_contact() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await.id;
    let key = IdempotencyKey::parse("k").unwrap();
    let request = Idempotent { key, fingerprint: Fingerprint::of("POST /api/contacts", b"{}") };
    let card = samples::valid_card("Леся", "Українка");
    env.store.lose_answer_of_commit_after(0);
    let lost = create_contact(&env.ports, owner, &card, Some(&request)).await;
    assert!(matches!(lost, Err(CreateContactError::Store(StoreError::Unavailable(_)))), "{lost:?}");
    let repeated = create_contact(&env.ports, owner, &card, Some(&request)).await.unwrap();
    assert!(repeated.is_replay);
    assert_eq!(env.ports.store.held_contacts(owner, None, 10).await.unwrap(), [(repeated.contact, None)]);
}

#[tokio::test]
async fn refresh_token_can_be_sent_again_within_ten_seconds() {
    for (milliseconds, is_repeatable) in [(9_999, true), (10_000, false)] {
        let env = TestEnvironment::default();
        olena(&env).await;
        let token = login_as(&env, OLENA).await.unwrap().refresh_token.reveal();
        env.store.lose_answer_of_commit_after(0);
        let lost = refresh(&env.ports, &token, &TestEnvironment::client()).await;
        assert!(matches!(lost, Err(RefreshError::Store(StoreError::Unavailable(_)))), "{lost:?}");
        env.clock.advance(Duration::milliseconds(milliseconds));
        let repeated = refresh(&env.ports, &token, &TestEnvironment::client()).await;
        if is_repeatable {
            let next = repeated.unwrap().refresh_token.reveal();
            refresh(&env.ports, &next, &TestEnvironment::client()).await.unwrap();
        } else {
            assert!(matches!(repeated, Err(RefreshError::Reused { .. })), "{repeated:?}");
        }
    }
}

/// The first unit cancels a change of the e-mail, the second one sets the password.
#[tokio::test]
async fn repeated_password_reset_succeeds_and_changes_the_password_once() {
    for good in [0, 1] {
        let env = TestEnvironment::default();
        olena(&env).await;
        forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
        let token = env.token_from_mail().await;
        let new = Password::parse(NEW).unwrap();
        env.store.lose_answer_of_commit_after(good);
        let lost = reset_password(&env.ports, &token, &new, true, &TestEnvironment::client()).await;
        assert!(matches!(lost, Err(ResetPasswordError::Store(StoreError::Unavailable(_)))), "{lost:?}");
        assert_eq!(login_with(&env, OLENA, NEW).await.is_ok(), good == 1, "after {good} commits");
        reset_password(&env.ports, &token, &new, true, &TestEnvironment::client()).await.unwrap();
        login_with(&env, OLENA, NEW).await.unwrap();
        login_as(&env, OLENA).await.unwrap_err();
    }
}

/// The first unit records the upload, the second one sets the photo.
#[tokio::test]
async fn repeated_photo_change_leaves_one_picture() {
    for good in [0, 1] {
        let env = TestEnvironment::default();
        let owner = olena(&env).await;
        let contact = lesia(&env, &owner).await;
        env.store.lose_answer_of_commit_after(good);
        let lost = change_photo(&env.ports, owner.id, contact.id, &ANY, upload("one")).await;
        assert_eq!(matches!(lost, Err(ChangePhotoError::Store(_))), good == 1, "{lost:?}");
        assert!(lost.is_err());
        let photo = get_contact(&env.ports, owner.id, contact.id).await.unwrap().photo;
        assert_eq!(photo.is_some(), good == 1, "after {good} commits");
        let names: Vec<String> = photo.iter().map(|photo| photo.as_str().to_owned()).collect();
        assert_eq!(left(&env).await, names, "a photo is stored, and no other picture");

        let repeated = change_photo(&env.ports, owner.id, contact.id, &ANY, upload("one")).await.unwrap();
        assert_eq!(left(&env).await, [repeated.photo.unwrap().as_str()]);
    }
}
