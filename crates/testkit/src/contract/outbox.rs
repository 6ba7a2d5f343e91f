//! The outbox.

use std::collections::HashSet;

use chrono::Duration;
use domain::{
    account::{Email, User},
    app_password::AppPassword,
    ids::MailId,
    mail::{Mail, MailKind, OutboxStatus, ReportedAppPassword},
    store::Store,
};

use super::{Backend, at_once};
use crate::samples;

fn mail(kind: MailKind) -> Mail {
    let email = Email::parse("olena@example.com").unwrap();
    Mail {
        id: MailId(samples::id()),
        kind,
        email,
        user: None,
        client_ip: None,
        app_password: None,
        requested_at: samples::now(),
        attempts: 0,
    }
}

async fn enqueued(store: &dyn Store, number: usize) -> Vec<Mail> {
    let mails: Vec<Mail> = (0..number).map(|_| mail(MailKind::VerifyEmail)).collect();
    let mut unit = store.begin().await.unwrap();
    for mail in &mails {
        unit.enqueue_mail(mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    mails
}

async fn claim(store: &dyn Store, at: domain::time::Timestamp, limit: u64) -> Vec<Mail> {
    let mut unit = store.begin().await.unwrap();
    let claimed = unit.claim_due_mail(at, at + Duration::minutes(5), limit).await.unwrap();
    unit.commit().await.unwrap();
    claimed
}

pub async fn mail_contains_the_app_password_that_it_reports(backend: &dyn Backend) {
    let store = backend.open().await;
    let AppPassword { name, scopes, .. } = samples::app_password(samples::user().id);
    let app_password = Some(ReportedAppPassword { name, scopes });
    let enqueued_mail = Mail { app_password, ..mail(MailKind::AppPasswordCreated) };
    let mut unit = store.begin().await.unwrap();
    unit.enqueue_mail(&enqueued_mail).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(claim(&*store, samples::now(), 10).await, [Mail { attempts: 1, ..enqueued_mail }]);
}

pub async fn mail_is_due_immediately(backend: &dyn Backend) {
    let store = backend.open().await;
    let now = samples::now();
    assert!(!store.has_due_mail(now).await.unwrap());
    let user = Some(samples::user().id);
    let client_ip = "2001:db8::7".parse().ok();
    let enqueued_mail = Mail { user, client_ip, ..mail(MailKind::EmailChangeNotice) };
    let mut unit = store.begin().await.unwrap();
    unit.enqueue_mail(&enqueued_mail).await.unwrap();
    unit.commit().await.unwrap();
    assert!(store.has_due_mail(now).await.unwrap());
    assert!(!store.has_due_mail(now - Duration::microseconds(1)).await.unwrap());
    assert_eq!(claim(&*store, now, 10).await, [Mail { attempts: 1, ..enqueued_mail }]);
}

pub async fn longest_due_mail_is_claimed_first(backend: &dyn Backend) {
    let store = backend.open().await;
    let now = samples::now();
    // The greater the id, the earlier it is due.
    let due = |minutes| Mail { requested_at: now - Duration::minutes(minutes), ..mail(MailKind::VerifyEmail) };
    let mails = [0, 1, 2, 3].map(due);
    let mut unit = store.begin().await.unwrap();
    for mail in &mails {
        unit.enqueue_mail(mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    for expected in [[&mails[3], &mails[2]], [&mails[1], &mails[0]]] {
        let claimed = claim(&*store, now, 2).await;
        assert_eq!(claimed.iter().map(|mail| mail.id).collect::<Vec<_>>(), expected.map(|mail| mail.id));
    }
}

pub async fn claimed_mail_waits_for_its_lease(backend: &dyn Backend) {
    let store = backend.open().await;
    let now = samples::now();
    let mails = enqueued(&*store, 3).await;
    let first = claim(&*store, now, 2).await;
    assert_eq!(first.iter().map(|mail| mail.id).collect::<Vec<_>>(), [mails[0].id, mails[1].id], "the oldest first");
    let status = store.outbox_status(now).await.unwrap();
    assert_eq!(
        status,
        OutboxStatus { waiting: 3, due: 1, ..OutboxStatus::default() },
        "the claimed ones wait, but are not due"
    );
    assert_eq!(claim(&*store, now, 10).await.len(), 1, "the claimed ones are not due");
    assert!(!store.has_due_mail(now).await.unwrap());
    let again = claim(&*store, now + Duration::minutes(5), 10).await;
    assert_eq!(again.len(), 3, "no mail of a crashed sender is lost");
    assert!(again.iter().all(|mail| mail.attempts == 2));
}

pub async fn concurrent_claimers_get_each_mail_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let mails = enqueued(&*store, 60).await;
    let claimed = at_once(backend, 12, |store, _| async move { claim(&*store, samples::now(), 5).await }).await;
    let ids: Vec<MailId> = claimed.into_iter().flatten().map(|mail| mail.id).collect();
    let distinct: HashSet<MailId> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "no mail was claimed twice");
    // Concurrent claimers may leave some for the next round; none may be lost.
    let rest = claim(&*store, samples::now(), 1000).await;
    assert_eq!(distinct.len() + rest.len(), mails.len());
}

pub async fn rescheduled_mail_is_due_later_and_parked_mail_never(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, later) = (samples::now(), samples::now() + Duration::hours(1));
    let mails = enqueued(&*store, 3).await;
    let mut unit = store.begin().await.unwrap();
    unit.reschedule_mail(mails[0].id, later, "connection refused").await.unwrap();
    unit.park_mail(mails[1].id, "no such mailbox").await.unwrap();
    unit.commit().await.unwrap();
    let counted = |due| OutboxStatus { waiting: 2, due, parked: 1, parked_unverified: 0 };
    assert_eq!(store.outbox_status(now).await.unwrap(), counted(1));
    assert_eq!(store.outbox_status(later).await.unwrap(), counted(2));
    assert_eq!(claim(&*store, now, 10).await.len(), 1);
    let claimed = claim(&*store, later, 10).await;
    assert!(claimed.iter().any(|mail| mail.id == mails[0].id));
    assert!(claimed.iter().all(|mail| mail.id != mails[1].id), "a parked mail is never due");
}

pub async fn removed_mail_is_not_found(backend: &dyn Backend) {
    let store = backend.open().await;
    let mails = enqueued(&*store, 2).await;
    let mut unit = store.begin().await.unwrap();
    unit.remove_mail(mails[0].id).await.unwrap();
    unit.commit().await.unwrap();
    let status = store.outbox_status(samples::now()).await.unwrap();
    assert_eq!(status, OutboxStatus { waiting: 1, due: 1, ..OutboxStatus::default() });
}

pub async fn mails_of_a_kind_since_a_time_are_removed(backend: &dyn Backend) {
    let store = backend.open().await;
    let (user, other) = (samples::user().id, samples::user().id);
    let since = samples::now();
    let cases = [
        (MailKind::EmailChanged, Some(user), since - Duration::microseconds(1), true),
        (MailKind::EmailChanged, Some(user), since, false),
        (MailKind::EmailChanged, Some(user), since + Duration::hours(1), false),
        (MailKind::PasswordChanged, Some(user), since, true),
        (MailKind::EmailChanged, Some(other), since, true),
        (MailKind::EmailChanged, None, since, true),
    ];
    let mails = cases.map(|(kind, user, requested_at, _)| Mail { user, requested_at, ..mail(kind) });
    let mut unit = store.begin().await.unwrap();
    for mail in &mails {
        unit.enqueue_mail(mail).await.unwrap();
    }
    unit.park_mail(mails[2].id, "rejected").await.unwrap();
    unit.remove_mails_since(user, MailKind::EmailChanged, since).await.unwrap();
    unit.commit().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    for (mail, (.., is_left)) in mails.iter().zip(cases) {
        assert_eq!(unit.has_mail(mail.id).await.unwrap(), is_left, "{mail:?}");
    }
    unit.park_mail(mails[0].id, "rejected").await.unwrap();
    assert!(unit.has_mail(mails[0].id).await.unwrap(), "parked");
}

pub async fn parked_mail_to_an_unverified_email_is_counted_separately(backend: &dyn Backend) {
    let store = backend.open().await;
    let user = samples::stored_user(&*store).await;
    let mails = enqueued(&*store, 2).await;
    let mut unit = store.begin().await.unwrap();
    for mail in &mails {
        unit.record_unverified_receiver(mail.id, user.id).await.unwrap();
    }
    unit.park_mail(mails[0].id, "no such mailbox").await.unwrap();
    unit.commit().await.unwrap();
    let status = store.outbox_status(samples::now()).await.unwrap();
    assert_eq!(status, OutboxStatus { waiting: 1, due: 1, parked: 0, parked_unverified: 1 });
    let noted: Vec<_> = mails.into_iter().map(|mail| Mail { user: Some(user.id), ..mail }).collect();
    assert_eq!(mails_of(&*store, &user).await, noted, "they belong to that user from then on");
}

async fn takes_slot(store: &dyn Store, mail: &Mail, now: domain::time::Timestamp) -> bool {
    takes_slot_of(store, mail, now, 2).await
}

async fn takes_slot_of(store: &dyn Store, mail: &Mail, now: domain::time::Timestamp, slots: u16) -> bool {
    let mut unit = store.begin().await.unwrap();
    let is_taken = unit.take_mail_slot(mail, now, now - Duration::hours(24), slots).await.unwrap();
    unit.commit().await.unwrap();
    is_taken
}

pub async fn mails_with_fewer_slots_leave_the_others_free(backend: &dyn Backend) {
    let store = backend.open().await;
    let mut taken = Vec::new();
    for slots in [4, 2, 2, 2, 4, 4] {
        taken.push(takes_slot_of(&*store, &mail(MailKind::VerifyEmail), samples::now(), slots).await);
    }
    assert_eq!(taken, [true, true, true, false, true, false]);
}

pub async fn mail_slots_limit_daily_mails_to_an_address(backend: &dyn Backend) {
    let store = backend.open().await;
    let (now, hour) = (samples::now(), Duration::hours(1));
    let mails: Vec<Mail> = [MailKind::VerifyEmail, MailKind::ConfirmEmail, MailKind::ResetPassword].map(mail).into();
    assert!(takes_slot(&*store, &mails[0], now).await);
    assert!(takes_slot(&*store, &mails[1], now + hour).await);
    assert!(!takes_slot(&*store, &mails[2], now + hour * 2).await, "mails of all kinds count");
    assert!(takes_slot(&*store, &mails[0], now + hour * 2).await, "a retry retains its slot");
    let elsewhere = Mail { email: samples::user().email, ..mail(MailKind::VerifyEmail) };
    assert!(takes_slot(&*store, &elsewhere, now + hour).await, "other addresses have their own slots");
    assert!(!takes_slot(&*store, &mails[2], now + hour * 24 - Duration::microseconds(1)).await);
    assert!(takes_slot(&*store, &mails[2], now + hour * 24).await);
    assert!(!takes_slot(&*store, &mail(MailKind::VerifyEmail), now + hour * 24).await, "the other is still taken");

    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.purge_mail_slots(now + hour, 1).await.unwrap(), 1);
    assert_eq!(unit.purge_mail_slots(now + hour, 10).await.unwrap(), 1);
    assert_eq!(unit.purge_mail_slots(now + hour, 10).await.unwrap(), 0);
    unit.commit().await.unwrap();
    for is_free in [true, false] {
        let taken = takes_slot(&*store, &mail(MailKind::VerifyEmail), now + hour * 24).await;
        assert_eq!(taken, is_free, "one of the two was purged");
    }
}

pub async fn concurrent_mails_take_at_most_the_available_slots(backend: &dyn Backend) {
    let taken = at_once(backend, 12, |store, _| async move {
        takes_slot(&*store, &mail(MailKind::VerifyEmail), samples::now()).await
    })
    .await;
    assert_eq!(taken.into_iter().filter(|is_taken| *is_taken).count(), 2);
}

async fn mails_of(store: &dyn Store, user: &User) -> Vec<Mail> {
    let mut found = store.mails_of(user).await.unwrap();
    found.sort_by_key(|mail| mail.id);
    found
}

pub async fn user_mails_are_found_by_id_and_email(backend: &dyn Backend) {
    let store = backend.open().await;
    let other = samples::stored_user(&*store).await;
    let mut user = samples::stored_user(&*store).await;
    user.pending_email = Some(other.email.clone());
    let to = |email: &Email, kind| Mail { email: email.clone(), ..mail(kind) };
    let by_address = to(&user.email, MailKind::ResetPassword);
    let by_id = Mail { user: Some(user.id), ..to(&other.email, MailKind::ConfirmEmail) };
    let parked = Mail { user: Some(user.id), ..to(&user.email, MailKind::EmailChangeNotice) };
    let others = [
        to(&other.email, MailKind::ResetPassword),
        Mail { user: Some(other.id), ..to(&user.email, MailKind::ConfirmEmail) },
        to(&user.email, MailKind::ConfirmEmail),
        to(&other.email, MailKind::ConfirmEmail),
    ];
    let mut unit = store.begin().await.unwrap();
    for mail in [&by_address, &by_id, &parked].into_iter().chain(&others) {
        unit.enqueue_mail(mail).await.unwrap();
    }
    unit.park_mail(parked.id, "rejected").await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(mails_of(&*store, &user).await, [by_address, by_id, parked]);
    assert_eq!(mails_of(&*store, &other).await, others[..2], "a mail to a pending e-mail is not theirs");

    let mut unit = store.begin().await.unwrap();
    unit.delete_user(&user).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(mails_of(&*store, &other).await, others[..2], "it is not deleted with another account");
}

pub async fn parked_mails_are_purged(backend: &dyn Backend) {
    let store = backend.open().await;
    let mails = enqueued(&*store, 3).await;
    let mut unit = store.begin().await.unwrap();
    unit.park_mail(mails[0].id, "rejected").await.unwrap();
    assert_eq!(unit.purge_parked_mails(samples::now() - Duration::microseconds(1), 9).await.unwrap(), 0);
    assert_eq!(unit.purge_parked_mails(samples::now(), 9).await.unwrap(), 1);
    unit.commit().await.unwrap();
    let status = store.outbox_status(samples::now()).await.unwrap();
    assert_eq!((status.waiting, status.parked), (2, 0), "waiting mails are not deleted");
}
