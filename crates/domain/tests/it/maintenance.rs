//! The sweep.

use chrono::Duration;
use domain::{
    account::{Email, UserQueries as _, forgot_password},
    mail::deliver_due_mail,
    maintenance::sweep,
    session::{authenticate, logout},
};
use testkit::{World, fakes::Post};

use crate::sessions::login_as;

const OLENA: &str = "olena@example.com";

#[tokio::test]
async fn a_kind_that_fails_does_not_keep_the_others_from_being_removed() {
    let world = World::default();
    world.verified(OLENA).await;
    let pair = login_as(&world, OLENA).await.unwrap();
    let olena = authenticate(&world.ports, &pair.access_token, World::client()).await.unwrap();
    logout(&world.ports, &olena).await.unwrap();
    forgot_password(&world.ports, Email::parse(OLENA).unwrap(), &World::client()).await.unwrap();
    deliver_due_mail(&world.ports).await.unwrap();
    world.clock.advance(Duration::hours(1));

    world.store.fail_commit_after(0);
    sweep(&world.ports).await.unwrap_err();
    let swept = sweep(&world.ports).await.unwrap();
    assert_eq!((swept.sessions, swept.one_time_tokens), (1, 0), "the tokens were removed while the sessions failed");
}

#[tokio::test]
async fn an_account_that_is_never_verified_is_removed_after_seven_days() {
    let world = World::default();
    let olena = world.verified(OLENA).await;
    let never = world.registered("never@example.com").await;
    world.mailer.script([Post::Refuses]);
    deliver_due_mail(&world.ports).await.unwrap();
    assert_eq!(world.outbox().await.parked_unverified, 1);
    world.clock.advance(Duration::days(7) - Duration::microseconds(1));
    let late = world.registered("late@example.com").await;
    assert_eq!(sweep(&world.ports).await.unwrap().unverified_accounts, 0);
    world.clock.advance(Duration::microseconds(1));
    let swept = sweep(&world.ports).await.unwrap();
    assert_eq!((swept.unverified_accounts, swept.events_of_deleted_accounts), (1, 1), "with its events");
    assert_eq!(world.outbox().await.parked_unverified, 0, "and its mails");
    let mut left = Vec::new();
    for user in [&olena, &never, &late] {
        left.push(world.store.credentials_of(user.id).await.unwrap().is_some());
    }
    assert_eq!(left, [true, false, true]);
    world.registered("never@example.com").await;
}

#[tokio::test]
async fn how_long_an_unverified_account_is_stored_is_chosen_by_the_operator() {
    let mut world = World::default();
    world.ports.policy.unverified_account_ttl = Duration::hours(1);
    for number in 0..150 {
        world.registered(&format!("never{number}@example.com")).await;
    }
    world.clock.advance(Duration::hours(1));
    assert_eq!(sweep(&world.ports).await.unwrap().unverified_accounts, 150, "more than are read at once");
}
