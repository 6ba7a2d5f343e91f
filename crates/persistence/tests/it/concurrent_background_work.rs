//! Background work on users that change meanwhile.

use std::sync::Arc;

use chrono::Duration;
use domain::{
    account::UserQueries as _,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    ids::AuditEventId,
    store::Store as _,
    use_cases::background::{remove_unverified_accounts, warn_of_wrong_passwords},
};
use testkit::{TestEnvironment, samples};

use crate::{concurrency::blocked, databases::TestDatabase};

on_both!(account_verified_while_its_removal_waits_stays, owner_warned_by_another_process_meanwhile_is_not_warned_again,);

async fn account_verified_while_its_removal_waits_stays(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let user = env.registered("olena@example.com").await;
    env.clock.advance(env.ports.policy.unverified_account_ttl);
    let mut verifying = store.begin().await.unwrap();
    verifying.lock_user(user.id).await.unwrap().unwrap();
    let ports = env.ports.clone();
    let removing = blocked(async move { remove_unverified_accounts(&ports).await }).await;
    verifying.mark_email_verified(user.id, &user.email).await.unwrap();
    verifying.commit().await.unwrap();
    assert_eq!(removing.await.unwrap().unwrap(), 0);
    assert!(store.credentials_of(user.id).await.unwrap().is_some());
}

async fn owner_warned_by_another_process_meanwhile_is_not_warned_again(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let user = env.verified("olena@example.com").await;
    let now = env.ports.clock.now();
    let mut unit = store.begin().await.unwrap();
    for _ in 0..10 {
        let (action, outcome) = (AuditAction::SignIn, AuditOutcome::WrongPassword);
        let (id, client) = (AuditEventId(samples::id()), TestEnvironment::client());
        unit.record(&AuditEvent { id, at: now, user: Some(user.id), action, outcome, client }).await.unwrap();
    }
    unit.commit().await.unwrap();
    let mut first = store.begin().await.unwrap();
    assert!(first.record_warning(user.id, now, now - Duration::hours(24)).await.unwrap());
    let ports = env.ports.clone();
    let second = blocked(async move { warn_of_wrong_passwords(&ports).await }).await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().unwrap(), 0);
    assert_eq!(env.outbox().await.waiting, 0);
}
