//! The sweep.

use chrono::Duration;
use domain::{
    account::{Email, forgot_password},
    mail::deliver_due_mail,
    maintenance::sweep,
    session::{authenticate, logout},
};
use testkit::World;

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
