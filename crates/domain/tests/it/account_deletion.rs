//! The deletion of an account.

use domain::{
    account::PasswordAttempt,
    contact::Expected,
    use_cases::{
        account::{change_avatar, delete_account},
        background::remove_orphaned_pictures,
        contact::{change_photo, create_contact},
        steps::ConfirmPasswordError,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use crate::notices::signed_in;

const OLENA: &str = "olena@example.com";

#[tokio::test]
async fn account_deletion_needs_the_password_and_removes_pictures() {
    let env = TestEnvironment::default();
    let user = env.verified(OLENA).await;
    change_avatar(&env.ports, user.id, b"picture".to_vec()).await.unwrap();
    let contact =
        create_contact(&env.ports, user.id, &samples::valid_card("Леся", "Українка"), None).await.unwrap().contact;
    change_photo(&env.ports, user.id, contact.id, &Expected::Any, b"picture".to_vec()).await.unwrap();
    let olena = signed_in(&env, OLENA).await;
    let wrong = delete_account(&env.ports, &olena, &PasswordAttempt::new("wrong")).await;
    assert!(matches!(wrong, Err(ConfirmPasswordError::WrongPassword)));
    remove_orphaned_pictures(&env.ports).await.unwrap();
    assert_eq!(env.pictures.stored().len(), 2);
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    remove_orphaned_pictures(&env.ports).await.unwrap();
    assert!(env.pictures.stored().is_empty());
    let again = delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await;
    assert!(matches!(again, Err(ConfirmPasswordError::NotFound)));
    env.verified(OLENA).await;
}

#[tokio::test]
async fn deletion_of_an_account_with_few_events_costs_two_units() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    env.store.take_begun_units();
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    assert_eq!(env.store.take_begun_units(), 2, "one for the account, one for its events");
}
