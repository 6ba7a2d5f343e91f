//! The export of an account.

use chrono::Duration;
use domain::{
    account::PasswordAttempt,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    contact::{
        Expected,
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
    },
    ids::AuditEventId,
    mail::MailKind,
    session::SignedInUser,
    use_cases::{
        ExportAccountError, ExportedData,
        account::{delete_account, forgot_password},
        background::deliver_due_mail,
        contact::delete_contact,
        export_account,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples, whole::export};

use crate::{email_change::start_email_change, notices::signed_in};

const OLENA: &str = "olena@example.com";

#[tokio::test]
async fn export_contains_every_contact() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let mut contacts: Vec<_> =
        (0..2_001).map(|_| samples::contact(olena.user.id, samples::card("Одна", "З багатьох"))).collect();
    samples::store_contacts(&*env.ports.store, &mut contacts).await;
    let exported = export(&env.ports, &olena).await.unwrap();
    assert_eq!(exported.contacts, contacts, "more than one page, oldest first");
    assert!(exported.trash.is_empty());
    assert_eq!((&exported.user, exported.sessions), (&olena.user, vec![olena.session.clone()]));
    env.clock.advance(env.ports.policy.session_lifetime().idle);
    assert_eq!(
        export(&env.ports, &olena).await.unwrap().sessions,
        [],
        "the session has expired, and is not yet purged"
    );
}

#[tokio::test]
async fn export_contains_the_trash() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let mut contacts: Vec<_> = (0..5).map(|_| samples::contact(olena.user.id, samples::card("A", "B"))).collect();
    samples::store_contacts(&*env.ports.store, &mut contacts).await;
    for index in [1, 3] {
        delete_contact(&env.ports, olena.user.id, contacts[index].id, &Expected::Any).await.unwrap();
        env.clock.advance(Duration::seconds(1));
    }
    let exported = export(&env.ports, &olena).await.unwrap();
    assert_eq!(exported.contacts, [0, 2, 4].map(|index| contacts[index].clone()));
    let trash: Vec<_> = exported.trash.into_iter().map(|trashed| trashed.contact).collect();
    assert_eq!(trash, [3, 1].map(|index| contacts[index].clone()), "the latest deleted first");
}

#[tokio::test]
async fn export_contains_every_received_card() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let mut contacts: Vec<_> = (0..120).map(|_| samples::contact(olena.user.id, samples::card("A", "B"))).collect();
    samples::store_contacts(&*env.ports.store, &mut contacts).await;
    // Some of 1 KiB, some of 64 KiB, so that the parts have different lengths.
    let text = |index: usize| "x".repeat(if (40..80).contains(&index) { 64 * 1024 } else { 1024 });
    let cards: Vec<_> = contacts
        .iter()
        .enumerate()
        .map(|(index, contact)| ReceivedCard {
            contact: contact.id,
            uid: CardUid::of_contact(contact.id),
            change: contact.change,
            text: ReceivedText::new(CardVersion::V3_0, text(index)).unwrap(),
        })
        .collect();
    let mut unit = env.ports.store.begin().await.unwrap();
    unit.put_received_cards(olena.user.id, &cards).await.unwrap();
    unit.commit().await.unwrap();
    delete_contact(&env.ports, olena.user.id, contacts[7].id, &Expected::Any).await.unwrap();
    assert_eq!(export(&env.ports, &olena).await.unwrap().received_cards, cards, "with that of the trash");
}

#[tokio::test]
async fn mails_of_another_user_are_not_exported_or_deleted() {
    let env = TestEnvironment::default();
    let petro = env.verified("petro@example.com").await;
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    forgot_password(&env.ports, petro.email.clone(), &TestEnvironment::client()).await.unwrap();
    start_email_change(&env, &olena, "petro@example.com").await.unwrap();
    let exported = export(&env.ports, &olena).await.unwrap();
    let kinds: Vec<_> = exported.waiting_mails.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, [MailKind::ConfirmEmail, MailKind::EmailChangeNotice], "the own ones");
    let petros = signed_in(&env, "petro@example.com").await;
    let exported = export(&env.ports, &petros).await.unwrap();
    let kinds: Vec<_> = exported.waiting_mails.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, [MailKind::ResetPassword], "and no mail of the user with the pending e-mail");

    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    assert_eq!(sent.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["petro@example.com"]);
}

#[tokio::test]
async fn deleted_account_cannot_be_exported_and_records_no_event() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    let events = env.store.audit_events().len();
    let rejected = export(&env.ports, &olena).await;
    assert!(matches!(rejected, Err(ExportAccountError::NotFound)));
    assert_eq!(env.store.audit_events().len(), events);
}

#[tokio::test]
async fn parts_of_an_export_have_a_known_number_of_contacts() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let (_, _, export) = export_account(&env.ports, &olena).await.unwrap();
    let (mut numbers, mut next) = (Vec::new(), Some(export));
    while let Some(part) = next {
        numbers.push(part.next_contacts());
        next = part.read(&env.ports).await.unwrap().rest;
    }
    assert_eq!(numbers, [100, 100, 200, 200, 0, 0], "contacts, trash, received cards, groups, the account, events");
}

/// Reads the events of an export, part by part.
async fn event_parts(env: &TestEnvironment, principal: &SignedInUser) -> Vec<Vec<AuditEvent>> {
    let (_, _, export) = export_account(&env.ports, principal).await.unwrap();
    let (mut parts, mut next) = (Vec::new(), Some(export));
    while let Some(export) = next {
        let part = export.read(&env.ports).await.unwrap();
        if let ExportedData::Events(events) = part.data {
            parts.push(events);
        }
        next = part.rest;
    }
    parts
}

#[tokio::test]
async fn latest_ten_thousand_events_are_exported_in_parts() {
    // Number of events of the user, and of those in each part. A full part may be followed by an empty one.
    for (number, lengths) in [(450, vec![200, 200, 50]), (400, vec![200, 200, 0]), (10_001, vec![200; 50])] {
        let env = TestEnvironment::default();
        let user = samples::stored_user(&env.store).await;
        let client = TestEnvironment::client();
        let mut unit = env.ports.store.begin().await.unwrap();
        // The export records the last one.
        for _ in 1..number {
            let event = AuditEvent {
                id: AuditEventId(samples::id()),
                at: samples::now(),
                user: Some(user.id),
                action: AuditAction::SignIn,
                outcome: AuditOutcome::WrongPassword,
                client: client.clone(),
            };
            unit.record(&event).await.unwrap();
        }
        unit.commit().await.unwrap();
        let olena = SignedInUser { session: samples::session(user.id), user, client };
        let parts = event_parts(&env, &olena).await;
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{number}");
        let latest: Vec<_> = env.store.audit_events().into_iter().rev().take(10_000).collect();
        assert_eq!(parts.concat(), latest, "{number}");
    }
}
