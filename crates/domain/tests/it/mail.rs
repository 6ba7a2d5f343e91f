//! The outbox: nothing is lost, nothing is sent twice, nothing is tried for ever.

use chrono::Duration;
use domain::{
    account::{Email, forgot_password},
    mail::{MAX_ATTEMPTS, OutboxStatus, deliver_due_mail, pause_after},
};
use testkit::{World, fakes::Post};

#[tokio::test]
async fn a_mail_server_that_is_away_loses_nothing() {
    let world = World::default();
    world.registered("olena@example.com").await;
    world.mailer.script([Post::IsAway, Post::IsAway]);
    let delivery = deliver_due_mail(&world.ports).await.unwrap();
    assert_eq!((delivery.handled, delivery.failures), (1, world.store.mail_errors()));
    assert_eq!(deliver_due_mail(&world.ports).await.unwrap().handled, 0, "the pause holds");
    assert_eq!(world.store.mail_errors(), ["the mail was not taken now: connection refused"]);
    world.clock.advance(pause_after(1));
    deliver_due_mail(&world.ports).await.unwrap();
    world.clock.advance(pause_after(2));
    deliver_due_mail(&world.ports).await.unwrap();
    assert_eq!(world.mailer.take_sent().len(), 1);
    world.clock.advance(Duration::days(2));
    assert_eq!(deliver_due_mail(&world.ports).await.unwrap().handled, 0, "sent once");
}

#[tokio::test]
async fn a_mail_that_is_refused_is_parked_at_once() {
    let world = World::default();
    world.registered("olena@example.com").await;
    world.mailer.script([Post::Refuses]);
    deliver_due_mail(&world.ports).await.unwrap();
    assert_eq!(world.outbox().await, OutboxStatus { parked_unverified: 1, ..OutboxStatus::default() });
    world.clock.advance(Duration::days(30));
    assert_eq!(deliver_due_mail(&world.ports).await.unwrap().handled, 0);
}

#[tokio::test]
async fn a_mail_to_fall_over_keeps_no_other_back() {
    let world = World::default();
    for address in ["a@example.com", "b@example.com", "c@example.com"] {
        world.registered(address).await;
    }
    world.mailer.script([Post::Takes, Post::Panics, Post::IsAway]);
    let delivery = deliver_due_mail(&world.ports).await.unwrap();
    assert_eq!((delivery.handled, delivery.failures.len()), (3, 2));
    let status = world.outbox().await;
    assert_eq!(status, OutboxStatus { waiting: 1, parked_unverified: 1, ..OutboxStatus::default() }, "one sent, one parked, one to be tried again");
}

#[tokio::test]
async fn a_mail_is_tried_over_a_day_and_then_parked() {
    let world = World::default();
    world.registered("olena@example.com").await;
    world.mailer.script((0..MAX_ATTEMPTS).map(|_| Post::IsAway));
    let begun = world.ports.clock.now();
    let mut tries = 0;
    while world.outbox().await.waiting > 0 {
        tries += u32::try_from(deliver_due_mail(&world.ports).await.unwrap().handled).unwrap();
        world.clock.advance(Duration::seconds(15));
    }
    assert_eq!(tries, MAX_ATTEMPTS);
    assert!(world.ports.clock.now() - begun >= Duration::days(1));
    assert_eq!(world.outbox().await.parked_unverified, 1);
}

#[test]
fn pauses_grow_to_a_bound() {
    let pauses: Vec<i64> = (0..=MAX_ATTEMPTS).map(|attempts| pause_after(attempts).num_seconds()).collect();
    assert_eq!(pauses, [15, 15, 60, 240, 960, 3840, 14400, 14400, 14400, 14400, 14400, 14400, 14400]);
    assert_eq!(pause_after(u32::MAX).num_hours(), 4);
}

#[tokio::test]
async fn many_mails_are_sent_in_batches() {
    let world = World::default();
    world.verified("olena@example.com").await;
    for _ in 0..20 {
        forgot_password(&world.ports, Email::parse("olena@example.com").unwrap(), &World::client()).await.unwrap();
    }
    let mut handled = Vec::new();
    while handled.last() != Some(&0) {
        handled.push(deliver_due_mail(&world.ports).await.unwrap().handled);
    }
    assert_eq!(handled, [8, 8, 4, 0]);
    assert_eq!(world.mailer.take_sent().len(), 20);
}
