//! The outbox.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use domain::{
    Ports,
    account::{Email, PasswordAttempt},
    mail::{MAX_ATTEMPTS, MailContent, MailError, Mailer, OutboxStatus, OutgoingMail, pause_after},
    secret::{NoRandomness, Secret, SecretGenerator},
    use_cases::{
        account::{
            confirm_email, forgot_password, request_email_change, resend_email_change, resend_verification,
            verify_email,
        },
        background::{Delivery, deliver_due_mail},
        session::authenticate,
    },
};
use proptest::prelude::*;
use testkit::{TestEnvironment, environment::PASSWORD, fakes::SendBehaviour};

use crate::sessions::login_as;

#[tokio::test]
async fn mail_is_retried_while_the_server_is_unavailable() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    env.mailer.script([SendBehaviour::IsUnavailable, SendBehaviour::IsUnavailable]);
    let delivery = deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!((delivery.handled, delivery.failures), (1, env.store.mail_errors()));
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap().handled, 0, "the pause holds");
    assert_eq!(env.store.mail_errors(), ["the mail was not accepted, retry later: connection refused"]);
    env.clock.advance(pause_after(1));
    deliver_due_mail(&env.ports).await.unwrap();
    env.clock.advance(pause_after(2));
    deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!(env.mailer.take_sent().len(), 1);
    env.clock.advance(Duration::days(2));
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap().handled, 0, "sent once");
}

#[tokio::test]
async fn rejected_mail_is_parked_immediately() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    env.mailer.script([SendBehaviour::Rejects]);
    deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!(env.outbox().await, OutboxStatus { parked_unverified: 1, ..OutboxStatus::default() });
    env.clock.advance(Duration::days(30));
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap().handled, 0);
}

#[tokio::test]
async fn panic_in_one_mail_does_not_delay_others() {
    let env = TestEnvironment::default();
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        env.registered(email).await;
    }
    env.mailer.script([SendBehaviour::Accepts, SendBehaviour::Panics, SendBehaviour::IsUnavailable]);
    let delivery = deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!((delivery.handled, delivery.failures.len()), (3, 2));
    let status = env.outbox().await;
    assert_eq!(
        status,
        OutboxStatus { waiting: 1, parked_unverified: 1, ..OutboxStatus::default() },
        "one sent, one parked, one to be tried again"
    );
}

#[tokio::test]
async fn error_of_the_store_concerns_one_mail() {
    let env = TestEnvironment::default();
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        env.registered(email).await;
    }
    // The commits of the claim and of three preparations succeed, that of the first outcome fails.
    env.store.fail_commit_after(4);
    deliver_due_mail(&env.ports).await.unwrap_err();
    assert_eq!((env.mailer.take_sent().len(), env.outbox().await.waiting), (3, 1));
}

#[tokio::test]
async fn failing_mail_is_retried_for_a_day_and_parked() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    env.mailer.script((0..MAX_ATTEMPTS).map(|_| SendBehaviour::IsUnavailable));
    let begun = env.ports.clock.now();
    let mut tries = 0;
    while env.outbox().await.waiting > 0 {
        tries += u32::try_from(deliver_due_mail(&env.ports).await.unwrap().handled).unwrap();
        env.clock.advance(Duration::seconds(15));
    }
    assert_eq!(tries, MAX_ATTEMPTS);
    assert!(env.ports.clock.now() - begun >= Duration::days(1));
    assert_eq!(env.outbox().await.parked_unverified, 1);
}

#[test]
fn retry_delay_grows_up_to_four_hours() {
    let pauses: Vec<i64> = (0..=MAX_ATTEMPTS).map(|attempts| pause_after(attempts).num_seconds()).collect();
    assert_eq!(pauses, [15, 15, 60, 240, 960, 3840, 14400, 14400, 14400, 14400, 14400, 14400, 14400]);
    assert_eq!(pause_after(u32::MAX).num_hours(), 4);
}

#[tokio::test]
async fn many_mails_are_sent_in_batches() {
    let env = TestEnvironment::default();
    env.verified("olena@example.com").await;
    for _ in 0..20 {
        forgot_password(&env.ports, Email::parse("olena@example.com").unwrap(), &TestEnvironment::client())
            .await
            .unwrap();
    }
    let mut handled = Vec::new();
    while handled.last() != Some(&0) {
        handled.push(deliver_due_mail(&env.ports).await.unwrap().handled);
    }
    assert_eq!(handled, [8, 8, 4, 0]);
    assert_eq!(env.mailer.take_sent().len(), 20);
}

async fn start_email_change(env: &TestEnvironment, who: &str, email: &str) {
    let pair = login_as(env, who).await.unwrap();
    let principal = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    let (email, password) = (Email::parse(email).unwrap(), PasswordAttempt::new(PASSWORD));
    request_email_change(&env.ports, &principal, email, &password).await.unwrap();
}

/// The mails that were sent to that e-mail address.
async fn sent_to(env: &TestEnvironment, email: &str) -> Vec<OutgoingMail> {
    while deliver_due_mail(&env.ports).await.unwrap().handled > 0 {}
    env.mailer.take_sent().into_iter().filter(|mail| mail.to.as_str() == email).collect()
}

#[tokio::test]
async fn unverified_email_gets_at_most_six_mails_a_day() {
    let other_email = "petro@example.com";
    let email = || Email::parse(other_email).unwrap();
    let env = TestEnvironment::default();
    for who in ["a@example.com", "b@example.com"] {
        env.verified(who).await;
    }
    for who in ["a@example.com", "a@example.com", "b@example.com", "b@example.com"] {
        start_email_change(&env, who, other_email).await;
    }
    resend_email_change(&env.ports, email()).await.unwrap();
    assert_eq!(sent_to(&env, other_email).await.len(), 3, "accounts must not use up the mails of the owner");
    env.registered(other_email).await;
    resend_verification(&env.ports, email()).await.unwrap();
    forgot_password(&env.ports, email(), &TestEnvironment::client()).await.unwrap();
    forgot_password(&env.ports, email(), &TestEnvironment::client()).await.unwrap();
    assert_eq!(sent_to(&env, other_email).await.len(), 3, "of whatever kind, for whatever account");
    assert_eq!(env.outbox().await, OutboxStatus::default(), "the others are dropped");

    env.clock.advance(Duration::hours(24) - Duration::microseconds(1));
    resend_verification(&env.ports, email()).await.unwrap();
    assert!(sent_to(&env, other_email).await.is_empty());
    env.clock.advance(Duration::microseconds(1));
    for _ in 0..7 {
        resend_verification(&env.ports, email()).await.unwrap();
    }
    assert_eq!(sent_to(&env, other_email).await.len(), 6, "the next day");
}

#[tokio::test]
async fn retried_mail_is_counted_once() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    env.mailer.script([SendBehaviour::IsUnavailable, SendBehaviour::IsUnavailable]);
    for attempt in [1, 2] {
        deliver_due_mail(&env.ports).await.unwrap();
        env.clock.advance(pause_after(attempt));
    }
    for _ in 0..6 {
        resend_verification(&env.ports, Email::parse("olena@example.com").unwrap()).await.unwrap();
    }
    assert_eq!(sent_to(&env, "olena@example.com").await.len(), 6);
}

#[tokio::test]
async fn unverified_email_is_not_greeted_by_name() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    forgot_password(&env.ports, Email::parse("olena@example.com").unwrap(), &TestEnvironment::client()).await.unwrap();
    let unverified = sent_to(&env, "olena@example.com").await;
    assert_eq!(unverified.len(), 2);
    assert!(unverified.iter().all(|mail| mail.username.is_none()), "{unverified:?}");

    let petro = env.verified("petro@example.com").await;
    start_email_change(&env, "petro@example.com", "new@example.com").await;
    forgot_password(&env.ports, petro.email, &TestEnvironment::client()).await.unwrap();
    while deliver_due_mail(&env.ports).await.unwrap().handled > 0 {}
    for mail in env.mailer.take_sent() {
        assert_eq!(mail.username.is_some(), mail.to.as_str() == "petro@example.com", "{mail:?}");
    }
}

#[tokio::test]
async fn resent_confirmation_link_belongs_to_the_latest_requester() {
    let env = TestEnvironment::default();
    for who in ["first@example.com", "second@example.com"] {
        env.verified(who).await;
    }
    let shared = || Email::parse("shared@example.com").unwrap();
    for who in ["second@example.com", "first@example.com", "second@example.com"] {
        env.clock.advance(Duration::days(1));
        start_email_change(&env, who, "shared@example.com").await;
        sent_to(&env, "shared@example.com").await;
        resend_email_change(&env.ports, shared()).await.unwrap();
        let mails = sent_to(&env, "shared@example.com").await;
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };
        let MailContent::ConfirmEmail { account, .. } = &mail.content else { panic!("{mail:?}") };
        assert_eq!(account.as_str(), who);
    }
    for sent in [1, 0] {
        resend_email_change(&env.ports, shared()).await.unwrap();
        assert_eq!(sent_to(&env, "shared@example.com").await.len(), sent, "three are enough");
    }
}

#[tokio::test]
async fn bounce_of_a_verified_email_counts_as_parked() {
    let env = TestEnvironment::default();
    env.verified("olena@example.com").await;
    forgot_password(&env.ports, Email::parse("olena@example.com").unwrap(), &TestEnvironment::client()).await.unwrap();
    env.mailer.script([SendBehaviour::Rejects]);
    deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!(env.outbox().await, OutboxStatus { parked: 1, ..OutboxStatus::default() });
}

/// Randomness that is unavailable.
struct Exhausted;

impl SecretGenerator for Exhausted {
    fn generate(&self) -> Result<Secret, NoRandomness> {
        Err(NoRandomness("exhausted".into()))
    }
}

#[tokio::test]
async fn mail_without_randomness_for_its_link_is_retried() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    let ports = Ports { secrets: Arc::new(Exhausted), ..env.ports.clone() };
    let delivery = deliver_due_mail(&ports).await.unwrap();
    let failures = vec!["no randomness is available for a secret: exhausted".to_owned()];
    assert_eq!(delivery, Delivery { handled: 1, failures });
    assert_eq!(env.outbox().await.waiting, 1);
    env.clock.advance(pause_after(1));
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap(), Delivery { handled: 1, failures: Vec::new() });
    assert_eq!(env.mailer.take_sent().len(), 1);
}

/// A server that rejects every mail with a long error.
struct Verbose;

#[async_trait]
impl Mailer for Verbose {
    async fn send(&self, _: &OutgoingMail) -> Result<(), MailError> {
        Err(MailError::Permanent("ї".repeat(1000).into()))
    }
}

#[tokio::test]
async fn error_of_a_mail_is_stored_up_to_500_characters() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    let ports = Ports { mailer: Arc::new(Verbose), ..env.ports.clone() };
    let delivery = deliver_due_mail(&ports).await.unwrap();
    assert_eq!(env.store.mail_errors(), delivery.failures);
    assert_eq!(delivery.failures[0].chars().count(), 500);
}

#[tokio::test]
async fn mail_of_a_worker_that_dies_is_due_again_after_two_minutes() {
    let env = TestEnvironment::default();
    env.registered("olena@example.com").await;
    // The claim is committed, the token of the link is not.
    env.store.fail_commit_after(1);
    deliver_due_mail(&env.ports).await.unwrap_err();
    env.clock.advance(Duration::minutes(2) - Duration::microseconds(1));
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap().handled, 0);
    env.clock.advance(Duration::microseconds(1));
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap().handled, 1);
    assert_eq!(env.mailer.take_sent().len(), 1);
}

#[tokio::test]
async fn notice_to_a_former_email_is_sent_when_its_slots_are_taken() {
    let env = TestEnvironment::default();
    let olena = "olena@example.com";
    env.registered(olena).await;
    for _ in 0..5 {
        resend_verification(&env.ports, Email::parse(olena).unwrap()).await.unwrap();
    }
    let mails = sent_to(&env, olena).await;
    let MailContent::VerifyEmail { token, .. } = &mails[5].content else { panic!("{mails:?}") };
    verify_email(&env.ports, &token.reveal(), &TestEnvironment::client()).await.unwrap();
    start_email_change(&env, olena, "new@example.com").await;
    let token = env.token_from_mail().await;
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    let mails = sent_to(&env, olena).await;
    assert!(matches!(mails[0].content, MailContent::EmailChanged { .. }), "{mails:?}");
}

proptest! {
    #[test]
    fn pauses_between_attempts_grow_up_to_four_hours(attempts in any::<u32>()) {
        let pause = pause_after(attempts);
        let next = pause_after(attempts.saturating_add(1));
        prop_assert!((Duration::seconds(15)..=Duration::hours(4)).contains(&pause), "{}", pause);
        prop_assert!(next == (pause * 4).min(Duration::hours(4)) || attempts == 0 && next == pause);
    }
}

#[test]
fn attempts_of_a_mail_span_more_than_a_day() {
    assert_eq!([1, 2, 3].map(pause_after), [15, 60, 240].map(Duration::seconds));
    let all: Duration = (1..MAX_ATTEMPTS).map(pause_after).sum();
    assert!(all > Duration::days(1), "{all}");
}
