//! The sweep.

use chrono::Duration;
use domain::{
    account::{Email, OneTimeToken, UserQueries as _},
    audit::{AuditAction, AuditEvent, AuditOutcome},
    ids::AuditEventId,
    use_cases::{
        account::forgot_password,
        background::{
            SweepReport, deliver_due_mail, erase_remaining_events, remove_orphaned_pictures,
            remove_unverified_accounts, sweep,
        },
        session::{authenticate, logout},
    },
};
use testkit::{TestEnvironment, fakes::SendBehaviour, samples};

use crate::sessions::login_as;

const OLENA: &str = "olena@example.com";

#[tokio::test]
async fn sweep_continues_after_one_kind_of_data_fails() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let pair = login_as(&env, OLENA).await.unwrap();
    let olena = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    logout(&env.ports, &olena).await.unwrap();
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    env.clock.advance(Duration::hours(1));

    env.store.fail_commit_after(0);
    sweep(&env.ports).await.unwrap_err();
    let swept = sweep(&env.ports).await.unwrap();
    assert_eq!((swept.sessions, swept.one_time_tokens), (1, 0), "the tokens were removed while the sessions failed");
}

#[tokio::test]
async fn unverified_account_is_removed_after_seven_days() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    let never = env.registered("never@example.com").await;
    env.mailer.script([SendBehaviour::Rejects]);
    deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!(env.outbox().await.parked_unverified, 1);
    env.clock.advance(Duration::days(7) - Duration::microseconds(1));
    let late = env.registered("late@example.com").await;
    assert_eq!(sweep(&env.ports).await.unwrap().unverified_accounts, 0);
    env.clock.advance(Duration::microseconds(1));
    let swept = sweep(&env.ports).await.unwrap();
    assert_eq!((swept.unverified_accounts, swept.events_of_deleted_accounts), (1, 1), "with its events");
    assert_eq!(env.outbox().await.parked_unverified, 0, "and its mails");
    let mut left = Vec::new();
    for user in [&olena, &never, &late] {
        left.push(env.store.credentials_of(user.id).await.unwrap().is_some());
    }
    assert_eq!(left, [true, false, true]);
    env.registered("never@example.com").await;
}

#[tokio::test]
async fn failed_account_removal_does_not_stop_the_others() {
    let env = TestEnvironment::default();
    for number in 0..3 {
        env.registered(&format!("never{number}@example.com")).await;
    }
    env.clock.advance(Duration::days(7));
    env.store.fail_commit_after(0);
    remove_unverified_accounts(&env.ports).await.unwrap_err();
    assert_eq!(remove_unverified_accounts(&env.ports).await.unwrap(), 1, "two were removed after the one that failed");

    env.store.fail_commit_after(0);
    erase_remaining_events(&env.ports).await.unwrap_err();
    assert_eq!(
        erase_remaining_events(&env.ports).await.unwrap(),
        1,
        "the trails of two were removed after the one that failed"
    );
    assert_eq!(env.store.audit_events(), []);
}

#[tokio::test]
async fn unverified_account_lifetime_is_configurable() {
    let mut env = TestEnvironment::default();
    env.ports.policy.unverified_account_ttl = Duration::hours(1);
    for number in 0..150 {
        env.registered(&format!("never{number}@example.com")).await;
    }
    env.clock.advance(Duration::hours(1));
    assert_eq!(sweep(&env.ports).await.unwrap().unverified_accounts, 150, "more than are read at once");
}

#[tokio::test]
async fn sweep_removes_each_kind_when_its_time_is_over() {
    // Stored data; the time until its removal; its number in the report of the sweep.
    type Number = fn(&SweepReport) -> u64;
    let cases: [(&str, Duration, Number); 4] = [
        ("parked mail", Duration::days(30), |swept| swept.parked_mails),
        ("slot of a mail", Duration::hours(24), |swept| swept.mail_slots),
        ("one-time token", Duration::hours(24) + OneTimeToken::REPEATABLE_FOR, |swept| swept.one_time_tokens),
        ("session", Duration::days(7), |swept| swept.sessions),
    ];
    for (kind, time, number) in cases {
        let mut env = TestEnvironment::default();
        env.ports.policy.unverified_account_ttl = Duration::days(365);
        match kind {
            "parked mail" => {
                env.registered(OLENA).await;
                env.mailer.script([SendBehaviour::Rejects]);
                deliver_due_mail(&env.ports).await.unwrap();
            }
            "session" => {
                env.verified(OLENA).await;
                login_as(&env, OLENA).await.unwrap();
            }
            _ => {
                env.registered(OLENA).await;
                env.token_from_mail().await;
            }
        }
        env.clock.advance(time - Duration::microseconds(1));
        assert_eq!(number(&sweep(&env.ports).await.unwrap()), 0, "{kind}");
        env.clock.advance(Duration::microseconds(1));
        assert_eq!(number(&sweep(&env.ports).await.unwrap()), 1, "{kind}");
        assert_eq!(number(&sweep(&env.ports).await.unwrap()), 0, "{kind}");
    }
}

#[tokio::test]
async fn data_is_scrubbed_once_after_the_trails_of_all_deleted_accounts() {
    let env = TestEnvironment::default();
    erase_remaining_events(&env.ports).await.unwrap();
    assert_eq!(env.store.take_scrubs(), 0, "no account was deleted");
    for number in 0..2 {
        env.registered(&format!("never{number}@example.com")).await;
    }
    env.clock.advance(Duration::days(7));
    remove_unverified_accounts(&env.ports).await.unwrap();
    erase_remaining_events(&env.ports).await.unwrap();
    assert_eq!(env.store.take_scrubs(), 1);
}

#[tokio::test]
async fn work_that_is_not_due_writes_nothing() {
    let env = TestEnvironment::default();
    env.store.fail_commit_after(0);
    assert_eq!(deliver_due_mail(&env.ports).await.unwrap().handled, 0);
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, 0);
}

#[tokio::test]
async fn sweep_removes_more_events_than_one_unit_does() {
    let env = TestEnvironment::default();
    let mut unit = env.ports.store.begin().await.unwrap();
    for _ in 0..1_001 {
        let event = AuditEvent {
            id: AuditEventId(samples::id()),
            at: samples::now(),
            user: None,
            action: AuditAction::SignIn,
            outcome: AuditOutcome::WrongPassword,
            client: TestEnvironment::client(),
        };
        unit.record(&event).await.unwrap();
    }
    unit.commit().await.unwrap();
    env.clock.advance(Duration::days(14));
    assert_eq!(sweep(&env.ports).await.unwrap().audit_events, 1_001);
    assert_eq!(env.store.audit_events(), []);
}
