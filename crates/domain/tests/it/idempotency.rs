//! Repeated requests.

use chrono::Duration;
use domain::{
    Policy, Ports,
    contact::{ChangeNumber, Contact, Expected, ValidCard},
    idempotency::{Fingerprint, IdempotencyKey, IdempotencyKeyError, Idempotent, InvalidIdempotencyKey},
    ids::UserId,
    use_cases::{
        background::sweep,
        contact::{CreateContactError, Created, create_contact, delete_contact, get_contact, replace_contact},
    },
};
use testkit::{TestEnvironment, samples};

/// A request with a key and a body.
fn request(key: &str, asked: &str) -> Idempotent {
    let fingerprint = Fingerprint::of("POST /api/contacts", asked.as_bytes());
    Idempotent { key: IdempotencyKey::parse(key).unwrap(), fingerprint }
}

fn card() -> ValidCard {
    samples::valid_card("Леся", "Українка")
}

async fn post(ports: &Ports, owner: UserId, request: &Idempotent) -> Result<Created, CreateContactError> {
    create_contact(ports, owner, &card(), Some(request)).await
}

/// A new contact.
async fn made(ports: &Ports, owner: UserId, request: &Idempotent) -> Contact {
    let created = post(ports, owner, request).await.unwrap();
    assert!(!created.is_replay);
    created.contact
}

/// The contact of the first request.
async fn replayed(ports: &Ports, owner: UserId, request: &Idempotent) -> Contact {
    let created = post(ports, owner, request).await.unwrap();
    assert!(created.is_replay);
    created.contact
}

async fn rejection(ports: &Ports, owner: UserId, request: &Idempotent) -> IdempotencyKeyError {
    match post(ports, owner, request).await {
        Err(CreateContactError::Key(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

fn with_limit(env: &TestEnvironment, contact_limit: u64) -> Ports {
    Ports { policy: Policy { contact_limit, ..Policy::default() }, ..env.ports.clone() }
}

#[test]
fn idempotency_keys_are_limited_to_255_visible_ascii_characters() {
    let (least, most, too_long) = ("k", "k".repeat(255), "k".repeat(256));
    for good in [least, &most, "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27", "!~\"\\,;="] {
        assert!(IdempotencyKey::parse(good).is_ok(), "{good}");
    }
    for bad in ["", " ", "two words", "tab\t", "a\0", "\u{7f}", "ключ", &too_long] {
        assert_eq!(IdempotencyKey::parse(bad), Err(InvalidIdempotencyKey), "{bad:?}");
    }
    assert_ne!(IdempotencyKey::parse("k").unwrap(), IdempotencyKey::parse("K").unwrap());
    assert!(!format!("{:?}", IdempotencyKey::parse("my-secret").unwrap()).contains("my-secret"));
}

#[test]
fn fingerprint_depends_on_operation_and_body() {
    let whole = Fingerprint::of("POST /api/contacts", b"{}");
    assert_eq!(whole, Fingerprint::of("POST /api/contacts", b"{}"));
    for other in [
        Fingerprint::of("POST /api/contacts", b"{ }"),
        Fingerprint::of("POST /api/contacts/batch", b"{}"),
        Fingerprint::of("POST /api/contacts{", b"}"),
        Fingerprint::of("", b"POST /api/contacts{}"),
    ] {
        assert_ne!(whole, other);
    }
}

#[tokio::test]
async fn repeated_request_returns_the_first_contact() {
    let env = TestEnvironment::default();
    let ports = with_limit(&env, 2);
    let olena = env.verified("olena@example.com").await.id;
    let contact = made(&ports, olena, &request("k", "a")).await;
    assert_eq!(replayed(&ports, olena, &request("k", "a")).await, contact);
    made(&ports, olena, &request("other", "a")).await;
    assert_eq!(replayed(&ports, olena, &request("k", "a")).await, contact, "also when the address book is full");
    let full = post(&ports, olena, &request("third", "a")).await;
    assert!(matches!(full, Err(CreateContactError::LimitReached { limit: 2 })), "{full:?}");
}

#[tokio::test]
async fn requests_without_a_key_create_separate_contacts() {
    let env = TestEnvironment::default();
    let olena = env.verified("olena@example.com").await.id;
    let [first, second] = [
        create_contact(&env.ports, olena, &card(), None).await.unwrap(),
        create_contact(&env.ports, olena, &card(), None).await.unwrap(),
    ];
    assert_ne!(first.contact.id, second.contact.id);
    assert!(!first.is_replay && !second.is_replay);
}

#[tokio::test]
async fn key_reused_for_another_request_is_rejected() {
    let env = TestEnvironment::default();
    let ports = with_limit(&env, 1);
    let olena = env.verified("olena@example.com").await.id;
    let contact = made(&ports, olena, &request("k", "a")).await;
    assert_eq!(
        rejection(&ports, olena, &request("k", "b")).await,
        IdempotencyKeyError::Reused,
        "before the limit is asked"
    );
    assert_eq!(replayed(&ports, olena, &request("k", "a")).await, contact, "the rejection spoils nothing");
}

#[tokio::test]
async fn same_key_of_two_users_is_independent() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, petro) = (env.verified("olena@example.com").await.id, env.verified("petro@example.com").await.id);
    let hers = made(ports, olena, &request("k", "a")).await;
    let his = made(ports, petro, &request("k", "b")).await;
    assert_eq!(replayed(ports, olena, &request("k", "a")).await, hers);
    assert_eq!(replayed(ports, petro, &request("k", "b")).await, his);
}

#[tokio::test]
async fn idempotency_key_expires_after_24_hours() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let olena = env.verified("olena@example.com").await.id;
    let first = made(ports, olena, &request("k", "a")).await;
    env.clock.advance(Duration::hours(24) - Duration::microseconds(1));
    assert_eq!(sweep(ports).await.unwrap().idempotency_keys, 0);
    assert_eq!(replayed(ports, olena, &request("k", "a")).await, first);
    env.clock.advance(Duration::microseconds(1));
    // Not swept yet, and of no account. Another request may use it.
    let second = made(ports, olena, &request("k", "b")).await;
    assert_ne!(second.id, first.id);
    assert_eq!(replayed(ports, olena, &request("k", "b")).await, second);
    assert_eq!(sweep(ports).await.unwrap().idempotency_keys, 0, "it counts from its last use on");
    env.clock.advance(Duration::hours(24));
    assert_eq!(sweep(ports).await.unwrap().idempotency_keys, 1);
    made(ports, olena, &request("k", "b")).await;
}

#[tokio::test]
async fn replay_returns_the_current_contact() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let olena = env.verified("olena@example.com").await.id;
    let contact = made(ports, olena, &request("k", "a")).await;
    env.clock.advance(Duration::hours(1));
    let changed =
        replace_contact(ports, olena, contact.id, &Expected::Any, samples::valid_card("Л.", "У.")).await.unwrap();
    assert_eq!(replayed(ports, olena, &request("k", "a")).await, changed);
    assert_eq!(get_contact(ports, olena, contact.id).await.unwrap(), changed, "a replay changes nothing");
}

#[tokio::test]
async fn key_of_a_deleted_contact_is_rejected_as_spent() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let olena = env.verified("olena@example.com").await.id;
    let contact = made(ports, olena, &request("k", "a")).await;
    delete_contact(ports, olena, contact.id, &Expected::Any).await.unwrap();
    assert_eq!(rejection(ports, olena, &request("k", "a")).await, IdempotencyKeyError::Spent);
    assert_eq!(rejection(ports, olena, &request("k", "b")).await, IdempotencyKeyError::Reused);
    made(ports, olena, &request("another", "a")).await;
}

#[tokio::test]
async fn rejected_or_failed_request_leaves_the_key_free() {
    let env = TestEnvironment::default();
    let ports = with_limit(&env, 1);
    let olena = env.verified("olena@example.com").await.id;
    let first = made(&ports, olena, &request("first", "a")).await;
    let rejected = post(&ports, olena, &request("k", "a")).await;
    assert!(matches!(rejected, Err(CreateContactError::LimitReached { .. })));
    delete_contact(&ports, olena, first.id, &Expected::Any).await.unwrap();
    env.store.fail_commit_after(0);
    let failed = post(&ports, olena, &request("k", "a")).await;
    assert!(matches!(failed, Err(CreateContactError::Store(_))));
    // Rejected, then failed: the key is still free, for another body too.
    let contact = made(&ports, olena, &request("k", "b")).await;
    assert_eq!(replayed(&ports, olena, &request("k", "b")).await, contact);
}

#[tokio::test]
async fn contact_with_a_key_has_the_next_change_number() {
    let env = TestEnvironment::default();
    let olena = env.verified("olena@example.com").await.id;
    let created = create_contact(&env.ports, olena, &card(), Some(&request("k", "{}"))).await.unwrap().contact;
    assert_eq!(created.change, ChangeNumber(1));
    assert_eq!(get_contact(&env.ports, olena, created.id).await.unwrap(), created);
}
