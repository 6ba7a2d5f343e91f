//! The list of sessions, and ended sessions.

use chrono::Duration;
use domain::use_cases::session::{EndSessionError, end_other_sessions, end_session, list_sessions};
use testkit::TestEnvironment;

use crate::notices::signed_in;

const OLENA: &str = "olena@example.com";

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
