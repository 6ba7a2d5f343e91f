//! Notices and reverted e-mails.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use domain::{
    Ports,
    account::{
        Email, HashingError, OneTimeToken, Password, PasswordAttempt, PasswordHash, PasswordHasher, UserQueries as _,
        Verdict,
    },
    client::{ClientInfo, ClientNetwork},
    mail::{MailContent, OutgoingMail},
    session::Principal,
    store::Store as _,
    use_cases::{
        account::{
            ConfirmEmailError, ProfileChange, ResetPasswordError, RevertEmailError, change_password, confirm_email,
            forgot_password, request_email_change, reset_password, revert_email, update_profile, verify_email,
        },
        background::{deliver_due_mail, warn_of_wrong_passwords},
        session::{AuthenticateError, LoginCommand, LoginError, authenticate, login, refresh},
        steps::AuthenticatePasswordError,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

use crate::sessions::{login_as, login_with};

pub(crate) const OLENA: &str = "olena@example.com";
pub(crate) const THIEF: &str = "thief@example.com";
pub(crate) const SECOND: &str = "second@example.com";
pub(crate) const NEW: &str = "another good phrase";

pub(crate) async fn signed_in(env: &TestEnvironment, email: &str) -> Principal {
    let pair = login_as(env, email).await.unwrap();
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap()
}

pub(crate) async fn sent(env: &TestEnvironment) -> Vec<OutgoingMail> {
    deliver_due_mail(&env.ports).await.unwrap();
    env.mailer.take_sent()
}

/// The only mail since the last call: receiver, client and kind.
async fn only_mail(env: &TestEnvironment) -> OutgoingMail {
    let mut mails = sent(env).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

/// Changes the e-mail of the user who signs in with `from`. The mail with the token that reverts it stays queued.
async fn change_address_silently(env: &TestEnvironment, from: &str, to: &str) {
    let thief = signed_in(env, from).await;
    let (to, password) = (Email::parse(to).unwrap(), PasswordAttempt::new(PASSWORD));
    request_email_change(&env.ports, &thief, to, &password).await.unwrap();
    let token = env.token_from_mail().await;
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
}

/// Changes the e-mail of the user who signs in with `from`, and returns the token that reverts it.
pub(crate) async fn change_address(env: &TestEnvironment, from: &str, to: &str) -> String {
    change_address_silently(env, from, to).await;
    let mail = only_mail(env).await;
    assert_eq!((mail.to.as_str(), mail.client_ip, mail.username), (from, TestEnvironment::client().ip, None));
    let MailContent::EmailChanged { token, expires_at } = mail.content else { panic!("another mail") };
    assert_eq!(expires_at, env.ports.clock.now() + Duration::days(7));
    token.reveal()
}

async fn assert_invalid_credentials(env: &TestEnvironment, email: &str, password: &str) {
    let outcome = login_with(env, email, password).await.map(|_| ());
    let is_rejected = matches!(outcome, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials)));
    assert!(is_rejected, "{email}: {outcome:?}");
}

#[tokio::test]
async fn changed_password_is_reported_by_mail() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let new = Password::parse(NEW).unwrap();
    change_password(&env.ports, &olena, &PasswordAttempt::new("wrong"), &new).await.unwrap_err();
    assert!(sent(&env).await.is_empty());
    change_password(&env.ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
    let mail = only_mail(&env).await;
    assert!(matches!(mail.content, MailContent::PasswordChanged), "{mail:?}");
    assert_eq!((mail.to.as_str(), mail.client_ip), (OLENA, TestEnvironment::client().ip));
}

#[tokio::test]
async fn reset_password_is_reported_by_mail() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let token = env.token_from_mail().await;
    reset_password(&env.ports, &token, &Password::parse(NEW).unwrap(), &TestEnvironment::client()).await.unwrap();
    let mail = only_mail(&env).await;
    assert!(matches!(mail.content, MailContent::PasswordWasReset), "{mail:?}");
    assert_eq!((mail.to.as_str(), mail.client_ip), (OLENA, TestEnvironment::client().ip));
}

#[tokio::test]
async fn session_ended_by_token_reuse_is_reported_once() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let stolen = login_as(&env, OLENA).await.unwrap().refresh_token.reveal();
    refresh(&env.ports, &stolen, &TestEnvironment::client()).await.unwrap();
    assert!(sent(&env).await.is_empty());
    let thief = ClientInfo::new("198.51.100.66".parse().ok(), None);
    refresh(&env.ports, &stolen, &thief).await.unwrap_err();
    let mail = only_mail(&env).await;
    assert!(matches!(mail.content, MailContent::SessionEnded), "{mail:?}");
    assert_eq!((mail.to.as_str(), mail.client_ip), (OLENA, thief.ip));
    refresh(&env.ports, &stolen, &thief).await.unwrap_err();
    assert!(sent(&env).await.is_empty(), "once");
}

async fn login_from(env: &TestEnvironment, agent: &str, ip: &str) {
    let client = ClientInfo::new(ip.parse().ok(), Some(agent));
    let (email, password) = (Email::parse(OLENA).ok(), PasswordAttempt::new(PASSWORD));
    login(&env.ports, LoginCommand { email, password, client, attempt: Vec::new() }).await.unwrap();
}

#[tokio::test]
async fn login_from_a_new_device_is_reported_once() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    for (agent, ip, is_reported) in [
        ("Firefox", "203.0.113.7", false),
        ("Firefox", "203.0.113.9", false),
        ("Chrome", "203.0.113.7", true),
        ("Chrome", "203.0.113.7", false),
        ("Firefox", "198.51.100.66", true),
    ] {
        login_from(&env, agent, ip).await;
        let mails = sent(&env).await;
        assert_eq!(mails.len(), usize::from(is_reported), "{agent} {ip}");
        for mail in mails {
            assert!(matches!(mail.content, MailContent::NewDevice), "{mail:?}");
            assert_eq!((mail.to.as_str(), mail.client_ip), (OLENA, ip.parse().ok()));
        }
    }
    let change = ProfileChange { notify_new_device: Some(false), ..ProfileChange::default() };
    assert!(!update_profile(&env.ports, olena.id, change).await.unwrap().notify_new_device);
    login_from(&env, "Opera", "203.0.113.7").await;
    assert!(sent(&env).await.is_empty(), "switched off");
    let changed = update_profile(&env.ports, olena.id, ProfileChange::default()).await.unwrap();
    assert!(!changed.notify_new_device, "what is absent stays");
}

#[tokio::test]
async fn email_revert_ends_all_access_of_the_thief() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let link = change_address(&env, OLENA, THIEF).await;
    let thief = login_as(&env, THIEF).await.unwrap();
    let principal = authenticate(&env.ports, &thief.access_token, TestEnvironment::client()).await.unwrap();
    let another = Email::parse("another@example.com").unwrap();
    let password = PasswordAttempt::new(PASSWORD);
    request_email_change(&env.ports, &principal, another, &password).await.unwrap();
    let confirmation = env.token_from_mail().await;
    forgot_password(&env.ports, Email::parse(THIEF).unwrap(), &TestEnvironment::client()).await.unwrap();
    let reset = env.token_from_mail().await;

    revert_email(&env.ports, &link, &TestEnvironment::client()).await.unwrap();
    let mail = only_mail(&env).await;
    assert_eq!(mail.to.as_str(), OLENA);
    let MailContent::ResetPassword { token, .. } = mail.content else { panic!("another mail") };
    let ended = authenticate(&env.ports, &thief.access_token, TestEnvironment::client()).await;
    assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
    assert_invalid_credentials(&env, THIEF, PASSWORD).await;
    assert_invalid_credentials(&env, OLENA, PASSWORD).await;
    let confirmed = confirm_email(&env.ports, &confirmation, &TestEnvironment::client()).await;
    assert!(matches!(confirmed, Err(ConfirmEmailError::TokenInvalid)));
    let new = Password::parse(NEW).unwrap();
    reset_password(&env.ports, &reset, &new, &TestEnvironment::client()).await.unwrap_err();
    reset_password(&env.ports, &token.reveal(), &new, &TestEnvironment::client()).await.unwrap();
    login_with(&env, OLENA, NEW).await.unwrap();
    revert_email(&env.ports, &link, &TestEnvironment::client()).await.expect("a second press is no error");
    login_with(&env, OLENA, NEW).await.expect("a second press changes nothing");
    env.clock.advance(OneTimeToken::REPEATABLE_FOR);
    let again = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
    assert!(matches!(again, Err(RevertEmailError::TokenInvalid)), "a link works once");
}

#[tokio::test]
async fn revert_of_the_first_change_invalidates_later_revert_links() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let owners = change_address(&env, OLENA, THIEF).await;
    env.clock.advance(Duration::seconds(1));
    let thiefs = change_address(&env, THIEF, SECOND).await;
    let thief = signed_in(&env, SECOND).await;
    let new = Password::parse(NEW).unwrap();
    change_password(&env.ports, &thief, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
    revert_email(&env.ports, &owners, &TestEnvironment::client()).await.expect("a new password does not end the link");
    let undone = revert_email(&env.ports, &thiefs, &TestEnvironment::client()).await;
    assert!(matches!(undone, Err(RevertEmailError::TokenInvalid)), "or the thief would take it back again");
    assert_invalid_credentials(&env, OLENA, NEW).await;
}

#[tokio::test]
async fn later_revert_link_does_not_invalidate_an_earlier_one() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    let owners = change_address(&env, OLENA, THIEF).await;
    env.clock.advance(Duration::seconds(1));
    let thiefs = change_address(&env, THIEF, SECOND).await;
    for (link, address) in [(&thiefs, THIEF), (&owners, OLENA)] {
        revert_email(&env.ports, link, &TestEnvironment::client()).await.expect(address);
        let user = env.store.credentials_of(olena.id).await.unwrap().unwrap().user;
        assert_eq!(user.email.as_str(), address);
    }
    let mail = only_mail(&env).await;
    assert_eq!(mail.to.as_str(), OLENA, "the thief gets no mail to set a new password");
    assert!(matches!(mail.content, MailContent::ResetPassword { .. }), "{mail:?}");
}

#[tokio::test]
async fn late_revert_link_expires_seven_days_after_the_change() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    change_address_silently(&env, OLENA, THIEF).await;
    let changed_at = env.ports.clock.now();
    env.clock.advance(Duration::hours(5));
    let MailContent::EmailChanged { expires_at, .. } = only_mail(&env).await.content else { panic!("another mail") };
    assert_eq!(expires_at, changed_at + Duration::days(7));
}

#[tokio::test]
async fn revert_cancels_the_queued_mail_of_a_later_change() {
    for is_claimed in [false, true] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let owners = change_address(&env, OLENA, THIEF).await;
        env.clock.advance(Duration::seconds(1));
        change_address_silently(&env, THIEF, SECOND).await;
        let client = TestEnvironment::client();
        if is_claimed {
            // Units begin in the order of the calls. The worker claims the mail, the revert commits, then the worker
            // prepares its copy of the mail.
            let ports = Ports { passwords: Arc::new(ConstantHash), ..env.ports.clone() };
            let first = env.store.begin().await.unwrap();
            let (delivery, revert) = (deliver_due_mail(&env.ports), revert_email(&ports, &owners, &client));
            let (delivery, outcome, ()) = tokio::join!(biased; delivery, revert, async { drop(first) });
            outcome.unwrap();
            assert_eq!(delivery.unwrap().handled, 1);
        } else {
            revert_email(&env.ports, &owners, &client).await.unwrap();
        }
        let mail = only_mail(&env).await;
        assert_eq!(mail.to.as_str(), OLENA);
        assert!(matches!(mail.content, MailContent::ResetPassword { .. }), "{mail:?}");
        assert_eq!(env.outbox().await.waiting, 0);
    }
}

/// A hasher that does not check that no unit is open.
struct ConstantHash;

#[async_trait]
impl PasswordHasher for ConstantHash {
    async fn hash(&self, _: &Password, _: ClientNetwork) -> Result<PasswordHash, HashingError> {
        Ok(PasswordHash("constant".to_owned()))
    }

    async fn verify(
        &self,
        _: &PasswordAttempt,
        _: Option<&PasswordHash>,
        _: ClientNetwork,
    ) -> Result<Verdict, HashingError> {
        Ok(Verdict::Mismatch)
    }

    async fn rehash(&self, _: &PasswordAttempt, _: ClientNetwork) -> Result<PasswordHash, HashingError> {
        Ok(PasswordHash("constant".to_owned()))
    }
}

#[tokio::test]
async fn expired_or_foreign_link_does_not_revert_an_email() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let link = change_address(&env, OLENA, THIEF).await;
    forgot_password(&env.ports, Email::parse(THIEF).unwrap(), &TestEnvironment::client()).await.unwrap();
    let of_another_purpose = env.token_from_mail().await;
    for token in [of_another_purpose.as_str(), "", "nonsense", &link[..63]] {
        let rejected = revert_email(&env.ports, token, &TestEnvironment::client()).await;
        assert!(matches!(rejected, Err(RevertEmailError::TokenInvalid)), "{token}");
    }
    env.clock.advance(Duration::days(7));
    let late = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
    assert!(matches!(late, Err(RevertEmailError::TokenInvalid)));
    login_as(&env, THIEF).await.unwrap();
}

#[tokio::test]
async fn old_email_taken_by_an_unverified_account_is_restored() {
    for is_verified in [false, true] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let link = change_address(&env, OLENA, THIEF).await;
        env.registered(OLENA).await;
        let verification = env.token_from_mail().await;
        if is_verified {
            verify_email(&env.ports, &verification, &TestEnvironment::client()).await.unwrap();
        }
        let outcome = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
        if is_verified {
            assert!(matches!(outcome, Err(RevertEmailError::EmailTaken)));
            login_as(&env, THIEF).await.expect("nothing has changed");
        } else {
            outcome.expect("or a thief would only have to register it");
            login_as(&env, THIEF).await.unwrap_err();
            let mail = only_mail(&env).await;
            let MailContent::ResetPassword { token, .. } = mail.content else { panic!("another mail") };
            let new = Password::parse(NEW).unwrap();
            reset_password(&env.ports, &token.reveal(), &new, &TestEnvironment::client()).await.unwrap();
            login_with(&env, OLENA, NEW).await.unwrap();
        }
    }
}

#[tokio::test]
async fn rejected_new_password_does_not_cancel_an_email_change() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let (new_email, password) = (Email::parse(SECOND).unwrap(), PasswordAttempt::new(PASSWORD));
    request_email_change(&env.ports, &olena, new_email, &password).await.unwrap();
    let confirmation = env.token_from_mail().await;
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let reset = env.token_from_mail().await;
    env.passwords.take_work();
    let derived = Password::parse("olena@example.com!").unwrap();
    let outcome = reset_password(&env.ports, &reset, &derived, &TestEnvironment::client()).await;
    assert!(matches!(outcome, Err(ResetPasswordError::Password(_))), "{outcome:?}");
    assert_eq!(env.passwords.take_work(), 0, "it is rejected before it is hashed");
    confirm_email(&env.ports, &confirmation, &TestEnvironment::client()).await.unwrap();
}

async fn try_wrong_passwords(env: &TestEnvironment, email: &str, times: usize) {
    for _ in 0..times {
        login_with(env, email, "wrong").await.unwrap_err();
    }
}

#[tokio::test]
async fn ten_wrong_passwords_are_reported_once_a_day() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.registered("unverified@example.com").await;
    env.token_from_mail().await;
    for email in ["unverified@example.com", "nobody@example.com"] {
        try_wrong_passwords(&env, email, 12).await;
    }
    try_wrong_passwords(&env, OLENA, 9).await;
    assert_eq!(warn_of_wrong_passwords(&env.ports).await.unwrap(), 0);
    env.clock.advance(Duration::hours(23));
    try_wrong_passwords(&env, OLENA, 1).await;
    assert_eq!(env.outbox().await.waiting, 0, "nothing happens while a user signs in");
    assert_eq!(warn_of_wrong_passwords(&env.ports).await.unwrap(), 1);
    let mail = only_mail(&env).await;
    assert!(matches!(mail.content, MailContent::WrongPasswords), "{mail:?}");
    assert_eq!((mail.to.as_str(), mail.client_ip), (OLENA, None));

    try_wrong_passwords(&env, OLENA, 20).await;
    env.clock.advance(Duration::hours(24) - Duration::microseconds(1));
    try_wrong_passwords(&env, OLENA, 20).await;
    assert_eq!(warn_of_wrong_passwords(&env.ports).await.unwrap(), 0);
    env.clock.advance(Duration::microseconds(1));
    assert_eq!(warn_of_wrong_passwords(&env.ports).await.unwrap(), 1);
    assert_eq!(sent(&env).await.len(), 1);
}

#[tokio::test]
async fn failed_warning_of_one_user_does_not_stop_others() {
    let env = TestEnvironment::default();
    for email in [OLENA, SECOND] {
        env.verified(email).await;
        try_wrong_passwords(&env, email, 10).await;
    }
    env.store.fail_commit_after(0);
    warn_of_wrong_passwords(&env.ports).await.unwrap_err();
    assert_eq!(env.outbox().await.waiting, 1, "the second user was warned");
    assert_eq!(warn_of_wrong_passwords(&env.ports).await.unwrap(), 1, "the first is warned later");
}
