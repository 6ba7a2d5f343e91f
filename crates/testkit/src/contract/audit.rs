//! The audit trail.

use chrono::Duration;
use domain::{
    account::UserId,
    audit::{AuditAction, AuditEvent, AuditEventId, AuditOutcome},
    client::ClientInfo,
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

pub async fn the_latest_events_of_a_user_are_read(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (UserId(samples::id()), UserId(samples::id()));
    // Every name is kept and read back.
    let pairs = AuditAction::ALL.iter().flat_map(|action| AuditOutcome::ALL.iter().map(move |out| (*action, *out)));
    let mut theirs: Vec<_> =
        pairs.map(|(action, outcome)| AuditEvent { action, outcome, ..event(Some(user)) }).collect();
    theirs.push(AuditEvent { client: ClientInfo::default(), ..event(Some(user)) });
    recorded(&*store, &[event(None), event(Some(other))]).await;
    recorded(&*store, &theirs).await;
    theirs.reverse();
    assert_eq!(store.audit_events_of(user, 1000).await.unwrap(), theirs);
    assert_eq!(store.audit_events_of(user, 7).await.unwrap(), theirs[..7]);
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
    assert_eq!(store.audit_events_of(user, 10).await.unwrap(), [young]);
}

pub async fn an_account_takes_its_events_along_but_for_the_last(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::stored_user(&*store).await, samples::stored_user(&*store).await);
    let strangers = event(Some(other.id));
    recorded(&*store, &[event(Some(user.id)), strangers.clone()]).await;
    let last = AuditEvent { action: AuditAction::DeleteAccount, ..event(Some(user.id)) };
    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.record(&last).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.audit_events_of(user.id, 10).await.unwrap(), [last]);
    assert_eq!(store.audit_events_of(other.id, 10).await.unwrap(), [strangers]);
}
