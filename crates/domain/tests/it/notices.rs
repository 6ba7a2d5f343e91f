//! Notices to the owner of an account.

use chrono::Duration;
use domain::{
    account::{Email, Password, PasswordAttempt},
    audit::{AuditAction, AuditEvent, AuditOutcome},
    client::ClientInfo,
    ids::AuditEventId,
    mail::{MailContent, OutgoingMail},
    session::SignedInUser,
    use_cases::{
        account::{
            ProfileChange, change_password, confirm_email, forgot_password, request_email_change, reset_password,
            update_profile,
        },
        background::{deliver_due_mail, warn_of_wrong_passwords},
        session::{LoginCommand, LoginError, authenticate, login, refresh},
        steps::AuthenticatePasswordError,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use crate::sessions::{login_as, login_with};

pub(crate) const OLENA: &str = "olena@example.com";
pub(crate) const THIEF: &str = "thief@example.com";
pub(crate) const SECOND: &str = "second@example.com";
pub(crate) const NEW: &str = "another good phrase";

pub(crate) async fn signed_in(env: &TestEnvironment, email: &str) -> SignedInUser {
    let pair = login_as(env, email).await.unwrap();
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap()
}

pub(crate) async fn sent(env: &TestEnvironment) -> Vec<OutgoingMail> {
    deliver_due_mail(&env.ports).await.unwrap();
    env.mailer.take_sent()
}

/// The only mail since the last call: receiver, client and kind.
pub(crate) async fn only_mail(env: &TestEnvironment) -> OutgoingMail {
    let mut mails = sent(env).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

/// Changes the e-mail of the user who signs in with `from`. The mail with the token that reverts it stays queued.
pub(crate) async fn change_address_silently(env: &TestEnvironment, from: &str, to: &str) {
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

pub(crate) async fn assert_invalid_credentials(env: &TestEnvironment, email: &str, password: &str) {
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
    reset_password(&env.ports, &token, &Password::parse(NEW).unwrap(), true, &TestEnvironment::client()).await.unwrap();
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

#[tokio::test]
async fn owners_beyond_the_first_hundred_are_warned_too() {
    let env = TestEnvironment::default();
    let mut users = Vec::new();
    for number in 0..=100 {
        users.push(env.verified(&format!("olena{number}@example.com")).await.id);
    }
    let mut unit = env.ports.store.begin().await.unwrap();
    for user in users.into_iter().flat_map(|user| [user; 10]) {
        let event = AuditEvent {
            id: AuditEventId(samples::id()),
            at: env.ports.clock.now(),
            user: Some(user),
            action: AuditAction::SignIn,
            outcome: AuditOutcome::WrongPassword,
            client: TestEnvironment::client(),
        };
        unit.record(&event).await.unwrap();
    }
    unit.commit().await.unwrap();
    assert_eq!(warn_of_wrong_passwords(&env.ports).await.unwrap(), 101);
}

#[tokio::test]
async fn two_concurrent_runs_warn_an_owner_once() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    try_wrong_passwords(&env, OLENA, 10).await;
    // Both runs read the owner while neither can write.
    let unit = env.ports.store.begin().await.unwrap();
    let release = async { drop(unit) };
    let (first, second, ()) =
        tokio::join!(warn_of_wrong_passwords(&env.ports), warn_of_wrong_passwords(&env.ports), release);
    assert_eq!(first.unwrap() + second.unwrap(), 1);
    assert_eq!(env.outbox().await.waiting, 1);
}
