//! The audit trail.

use chrono::Duration;
use domain::{
    account::{PasswordHash, User},
    audit::{AuditAction, AuditEvent, AuditOutcome, DeletedAccount},
    client::ClientInfo,
    ids::{AuditEventId, UserId},
    store::Store,
};

use super::Backend;
use crate::samples;

fn event(user: Option<UserId>) -> AuditEvent {
    AuditEvent {
        id: AuditEventId(samples::id()),
        at: samples::now(),
        user,
        action: AuditAction::SignIn,
        outcome: AuditOutcome::Success,
        client: ClientInfo::new("2001:db8::7".parse().ok(), Some("tests/1.0")),
    }
}

async fn recorded(store: &dyn Store, events: &[AuditEvent]) {
    let mut unit = store.begin().await.unwrap();
    for event in events {
        unit.record(event).await.unwrap();
    }
    unit.commit().await.unwrap();
}

pub async fn latest_events_of_a_user_are_listed(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (UserId(samples::id()), UserId(samples::id()));
    // Every name is stored and read back.
    let pairs = AuditAction::ALL.iter().flat_map(|action| AuditOutcome::ALL.iter().map(move |out| (*action, *out)));
    let mut theirs: Vec<_> =
        pairs.map(|(action, outcome)| AuditEvent { action, outcome, ..event(Some(user)) }).collect();
    theirs.push(AuditEvent { client: ClientInfo::default(), ..event(Some(user)) });
    recorded(&*store, &[event(None), event(Some(other))]).await;
    recorded(&*store, &theirs).await;
    theirs.reverse();
    assert_eq!(store.audit_events_of(user, None, 1000).await.unwrap(), theirs);
    assert_eq!(store.audit_events_of(user, None, 7).await.unwrap(), theirs[..7]);
    assert_eq!(store.audit_events_of(user, Some(theirs[6].id), 7).await.unwrap(), theirs[7..14]);
    let last = theirs.last().unwrap().id;
    assert_eq!(store.audit_events_of(user, Some(last), 7).await.unwrap(), []);
}

pub async fn old_events_are_purged(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = UserId(samples::id());
    let [old, edge, young] = [-1, 0, 1]
        .map(|offset| AuditEvent { at: samples::now() + Duration::microseconds(offset), ..event(Some(user)) });
    recorded(&*store, &[old, edge, young.clone()]).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_audit_events(samples::now(), AuditOutcome::WrongPassword, 9).await.unwrap(), 0);
    for (limit, removed) in [(1, 1), (9, 1), (9, 0)] {
        assert_eq!(unit.purge_audit_events(samples::now(), AuditOutcome::Success, limit).await.unwrap(), removed);
    }
    unit.commit().await.unwrap();
    assert_eq!(store.audit_events_of(user, None, 10).await.unwrap(), [young]);
}

pub async fn events_of_one_user_are_purged_in_batches(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (UserId(samples::id()), UserId(samples::id()));
    let others = event(Some(other));
    let mut theirs: Vec<_> = (0..5).map(|_| event(Some(user))).collect();
    recorded(&*store, &theirs).await;
    recorded(&*store, std::slice::from_ref(&others)).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_audit_events_of(user, 2).await.unwrap(), 2);
    unit.commit().await.unwrap();
    theirs.reverse();
    assert_eq!(store.audit_events_of(user, None, 10).await.unwrap(), theirs[..3], "the oldest are removed first");
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_audit_events_of(user, 4).await.unwrap(), 3);
    assert_eq!(unit.purge_audit_events_of(user, 4).await.unwrap(), 0);
    unit.commit().await.unwrap();
    assert_eq!(store.audit_events_of(other, None, 10).await.unwrap(), [others]);
}

pub async fn deleted_account_is_recorded_until_it_is_removed(backend: &dyn Backend) {
    let store = backend.open().await;
    let [late, early] = [1, 0]
        .map(|seconds| DeletedAccount { user: UserId(samples::id()), at: samples::now() + Duration::seconds(seconds) });
    let mut unit = store.begin().await.unwrap();
    for account in [late, early] {
        unit.record_deleted_account(account).await.unwrap();
    }
    unit.commit().await.unwrap();
    assert_eq!(store.deleted_accounts(10).await.unwrap(), [early, late]);
    assert_eq!(store.deleted_accounts(1).await.unwrap(), [early]);
    let mut unit = store.begin().await.unwrap();
    unit.forget_deleted_account(early.user).await.unwrap();
    unit.forget_deleted_account(early.user).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.deleted_accounts(10).await.unwrap(), [late]);
    assert!(store.scrub().await.unwrap(), "no reader blocks it");
}

pub async fn users_with_many_wrong_passwords_are_found_until_warned(backend: &dyn Backend) {
    let store = backend.open().await;
    let now = samples::now();
    let (day, noticed) = (now - Duration::hours(24), now - Duration::minutes(10));
    let (tried, quiet) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let unverified = User { email_verified: false, ..samples::user() };
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&unverified, &PasswordHash("hash".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    let wrong = |user: Option<UserId>, at| AuditEvent { at, outcome: AuditOutcome::WrongPassword, ..event(user) };
    let find = async || store.users_to_warn(day, noticed, 3, 10).await.unwrap();
    for id in [Some(tried.id), Some(unverified.id), None] {
        recorded(&*store, &[wrong(id, day + Duration::seconds(1)), wrong(id, now)]).await;
    }
    recorded(&*store, &[wrong(Some(tried.id), day), event(Some(tried.id))]).await;
    let early = noticed - Duration::seconds(1);
    recorded(&*store, &[0; 3].map(|_| wrong(Some(quiet.id), early))).await;
    assert_eq!(find().await, [], "two within the day for one user, and no recent one for the other");

    for id in [Some(tried.id), Some(unverified.id), None] {
        recorded(&*store, &[wrong(id, noticed + Duration::seconds(1))]).await;
    }
    assert_eq!(find().await, [tried.id]);
    assert_eq!(store.users_to_warn(day, noticed, 3, 0).await.unwrap(), []);
    let mut unit = store.begin().await.unwrap();
    assert!(unit.record_warning(tried.id, now, day).await.unwrap());
    assert!(!unit.record_warning(tried.id, now, day).await.unwrap(), "once");
    assert!(!unit.record_warning(UserId(samples::id()), now, day).await.unwrap(), "no such user");
    unit.commit().await.unwrap();
    assert_eq!(find().await, []);
    let mut unit = store.begin().await.unwrap();
    assert!(unit.record_warning(tried.id, now + Duration::hours(24), now).await.unwrap(), "again on the next day");
}
