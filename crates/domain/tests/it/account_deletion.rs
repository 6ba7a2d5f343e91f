//! Sessions, changes of the password and the e-mail address, the export, and account deletion.

use chrono::Duration;
use domain::{
    account::{Email, Password, PasswordAttempt},
    contact::Expected,
    mail::{MailContent, MailKind, OutgoingMail},
    session::Principal,
    text::Invalid,
    use_cases::{
        ExportAccountError,
        account::{
            ChangePasswordError, ConfirmEmailError, RequestEmailChangeError, change_avatar, change_password,
            confirm_email, delete_account, forgot_password, request_email_change, resend_email_change, reset_password,
        },
        background::{deliver_due_mail, remove_orphaned_pictures},
        contact::{change_photo, create_contact, delete_contact},
        session::{
            AuthenticateError, EndSessionError, RefreshError, authenticate, end_other_sessions, end_session,
            list_sessions, refresh,
        },
        steps::ConfirmPasswordError,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples, whole::export};

use crate::sessions::{login_as, login_with};

const OLENA: &str = "olena@example.com";

async fn signed_in(env: &TestEnvironment, email: &str) -> Principal {
    let pair = login_as(env, email).await.unwrap();
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap()
}

#[tokio::test]
async fn only_own_active_sessions_are_listed_and_ended() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified("petro@example.com").await;
    let (old, petro) = (signed_in(&env, OLENA).await, signed_in(&env, "petro@example.com").await);
    env.clock.advance(Duration::days(7));
    let (first, second) = (signed_in(&env, OLENA).await, signed_in(&env, OLENA).await);
    let listed = list_sessions(&env.ports, &first).await.unwrap();
    assert_eq!(listed, [second.session.clone(), first.session.clone()], "the idle one is not there");
    assert_ne!(old.session.id, first.session.id);

    let foreign = end_session(&env.ports, &petro, first.session.id).await;
    assert!(matches!(foreign, Err(EndSessionError::NotFound)));
    end_other_sessions(&env.ports, &first).await.unwrap();
    assert_eq!(list_sessions(&env.ports, &first).await.unwrap(), std::slice::from_ref(&first.session));
    end_session(&env.ports, &first, first.session.id).await.unwrap();
    assert!(list_sessions(&env.ports, &first).await.unwrap().is_empty());
}

#[tokio::test]
async fn password_change_needs_current_password_and_ends_earlier_sessions() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let there = login_as(&env, OLENA).await.unwrap();
    let in_hand = login_as(&env, OLENA).await.unwrap();
    let here = authenticate(&env.ports, &in_hand.access_token, TestEnvironment::client()).await.unwrap();
    let new = Password::parse("another good phrase").unwrap();
    let wrong = change_password(&env.ports, &here, &PasswordAttempt::new("wrong"), &new).await;
    assert!(matches!(wrong, Err(ChangePasswordError::Current(ConfirmPasswordError::WrongPassword))));
    let derived = Password::parse("olena@example.com!").unwrap();
    let derived = change_password(&env.ports, &here, &PasswordAttempt::new(PASSWORD), &derived).await;
    assert!(matches!(derived, Err(ChangePasswordError::New(Invalid::PasswordSelfDerived))), "{derived:?}");
    let pair = change_password(&env.ports, &here, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
    for earlier in [there, in_hand] {
        let ended = authenticate(&env.ports, &earlier.access_token, TestEnvironment::client()).await;
        assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
        let ended = refresh(&env.ports, &earlier.refresh_token.reveal(), &TestEnvironment::client()).await;
        assert!(matches!(ended, Err(RefreshError::Invalid)));
    }
    let here = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    assert_eq!(list_sessions(&env.ports, &here).await.unwrap(), [here.session], "the new pair is of the only session");
    login_with(&env, OLENA, "another good phrase").await.unwrap();
}

async fn start_email_change(
    env: &TestEnvironment,
    olena: &Principal,
    address: &str,
) -> Result<(), RequestEmailChangeError> {
    let address = Email::parse(address).unwrap();
    request_email_change(&env.ports, olena, address, &PasswordAttempt::new(PASSWORD)).await
}

/// The token in the mail to the new e-mail, after the notice to the old one.
async fn change_token(env: &TestEnvironment) -> String {
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    let is_notice = |mail: &OutgoingMail| matches!(mail.content, MailContent::EmailChangeNotice);
    assert!(sent.iter().any(|mail| is_notice(mail) && mail.to.as_str() == OLENA));
    let MailContent::ConfirmEmail { token, .. } = &sent.iter().find(|mail| !is_notice(mail)).unwrap().content else {
        panic!("another mail");
    };
    token.reveal()
}

#[tokio::test]
async fn email_changes_when_the_new_email_is_confirmed() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let same = start_email_change(&env, &olena, OLENA).await;
    assert!(matches!(same, Err(RequestEmailChangeError::Unchanged)));
    start_email_change(&env, &olena, "first@example.com").await.unwrap();
    let first = change_token(&env).await;
    start_email_change(&env, &olena, "second@example.com").await.unwrap();
    let second = change_token(&env).await;
    let replaced = confirm_email(&env.ports, &first, &TestEnvironment::client()).await;
    assert!(matches!(replaced, Err(ConfirmEmailError::TokenInvalid)), "the later request counts");
    confirm_email(&env.ports, &second, &TestEnvironment::client()).await.unwrap();
    login_as(&env, "second@example.com").await.unwrap();
    login_as(&env, OLENA).await.unwrap_err();
}

#[tokio::test]
async fn resent_confirmation_link_works_for_a_pending_email_only() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let new = Email::parse("new@example.com").unwrap();
    resend_email_change(&env.ports, new.clone()).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    assert!(env.mailer.take_sent().is_empty(), "no user has it pending");
    start_email_change(&env, &olena, "new@example.com").await.unwrap();
    let lost = change_token(&env).await;
    resend_email_change(&env.ports, new).await.unwrap();
    let token = env.token_from_mail().await;
    assert_ne!(token, lost);
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    login_as(&env, "new@example.com").await.unwrap();
    assert!(confirm_email(&env.ports, &lost, &TestEnvironment::client()).await.is_err(), "its sister was used");
}

#[tokio::test]
async fn new_password_cancels_a_pending_email_change() {
    for resets in [true, false] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let olena = signed_in(&env, OLENA).await;
        start_email_change(&env, &olena, "evil@example.com").await.unwrap();
        let thiefs = change_token(&env).await;
        let new = Password::parse("another good phrase").unwrap();
        if resets {
            forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
            let token = env.token_from_mail().await;
            reset_password(&env.ports, &token, &new, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&env.ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
        }
        assert!(matches!(
            confirm_email(&env.ports, &thiefs, &TestEnvironment::client()).await,
            Err(ConfirmEmailError::TokenInvalid)
        ));
        login_with(&env, OLENA, "another good phrase").await.unwrap();
    }
}

#[tokio::test]
async fn taken_email_gets_no_mail_and_cannot_be_confirmed() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified("petro@example.com").await;
    let olena = signed_in(&env, OLENA).await;
    start_email_change(&env, &olena, "petro@example.com").await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    assert_eq!(sent.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [OLENA], "only the notice");

    start_email_change(&env, &olena, "late@example.com").await.unwrap();
    let token = change_token(&env).await;
    env.verified("late@example.com").await;
    assert!(matches!(
        confirm_email(&env.ports, &token, &TestEnvironment::client()).await,
        Err(ConfirmEmailError::EmailTaken)
    ));
    login_as(&env, OLENA).await.unwrap();
}

#[tokio::test]
async fn export_contains_every_contact() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let contacts: Vec<_> =
        (0..2_001).map(|_| samples::contact(olena.user.id, samples::card("Одна", "З багатьох"))).collect();
    samples::store_contacts(&*env.ports.store, &contacts).await;
    let exported = export(&env.ports, &olena).await.unwrap();
    assert_eq!(exported.contacts, contacts, "more than one page, oldest first");
    assert!(exported.trash.is_empty());
    assert_eq!((exported.user, exported.sessions), (olena.user, vec![olena.session]));
}

#[tokio::test]
async fn export_contains_the_trash() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let contacts: Vec<_> = (0..5).map(|_| samples::contact(olena.user.id, samples::card("A", "B"))).collect();
    samples::store_contacts(&*env.ports.store, &contacts).await;
    for index in [1, 3] {
        delete_contact(&env.ports, olena.user.id, contacts[index].id, &Expected::Any).await.unwrap();
        env.clock.advance(chrono::Duration::seconds(1));
    }
    let exported = export(&env.ports, &olena).await.unwrap();
    assert_eq!(exported.contacts, [0, 2, 4].map(|index| contacts[index].clone()));
    let trash: Vec<_> = exported.trash.into_iter().map(|trashed| trashed.contact).collect();
    assert_eq!(trash, [3, 1].map(|index| contacts[index].clone()), "the latest deleted first");
}

#[tokio::test]
async fn mails_of_another_user_are_not_exported_or_deleted() {
    let env = TestEnvironment::default();
    let petro = env.verified("petro@example.com").await;
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    forgot_password(&env.ports, petro.email.clone(), &TestEnvironment::client()).await.unwrap();
    start_email_change(&env, &olena, "petro@example.com").await.unwrap();
    let exported = export(&env.ports, &olena).await.unwrap();
    let kinds: Vec<_> = exported.waiting_mails.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, [MailKind::ConfirmEmail, MailKind::EmailChangeNotice], "the own ones");
    let petros = signed_in(&env, "petro@example.com").await;
    let exported = export(&env.ports, &petros).await.unwrap();
    let kinds: Vec<_> = exported.waiting_mails.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, [MailKind::ResetPassword], "and nothing of who wants the address");

    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    assert_eq!(sent.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["petro@example.com"]);
}

#[tokio::test]
async fn deleted_account_cannot_be_exported_and_records_no_event() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    let events = env.store.audit_events().len();
    let rejected = export(&env.ports, &olena).await;
    assert!(matches!(rejected, Err(ExportAccountError::NotFound)));
    assert_eq!(env.store.audit_events().len(), events);
}

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
