//! Batches: all changes or none.

use chrono::Duration;
use domain::{
    Policy, Ports,
    contact::{
        CardPatch, ChangeNumber, Contact, ContactQuery, Expected, Filter, PageStart, Sort,
        batch::{MAX_OPERATIONS, Operation, Outcome},
    },
    idempotency::{Fingerprint, IdempotencyKey, IdempotencyKeyError, Idempotent},
    ids::UserId,
    use_cases::{
        contact::{Applied, ApplyBatchError, OperationError, apply_batch, create_contact, delete_contact, get_contact},
        trash::restore_contact,
    },
};
use serde_json::json;
use testkit::{
    TestEnvironment, samples,
    whole::{contact_page, trash_page},
};

const ANY: Expected = Expected::Any;

async fn olena(env: &TestEnvironment) -> UserId {
    env.verified("olena@example.com").await.id
}

async fn created(ports: &Ports, owner: UserId, name: &str) -> Contact {
    create_contact(ports, owner, &samples::valid_card(name, "Українка"), None).await.unwrap().contact
}

async fn address_book(ports: &Ports, owner: UserId) -> Vec<Contact> {
    let query = ContactQuery {
        filter: Filter::default(),
        sort: Sort::by_creation(),
        start: PageStart::Skip(0),
        limit: ContactQuery::MAX_LIMIT,
    };
    contact_page(ports, owner, query).await.contacts
}

fn with_notes() -> CardPatch {
    samples::patch(json!({"notes": "поетка"}))
}

fn hollow() -> CardPatch {
    samples::patch(json!({"first_name": null, "last_name": null}))
}

fn creations(number: usize) -> Vec<Operation> {
    (0..number).map(|_| Operation::Create(Box::new(samples::valid_card("Нова", "Людина")))).collect()
}

async fn errors(ports: &Ports, owner: UserId, operations: Vec<Operation>) -> Vec<(usize, OperationError)> {
    match apply_batch(ports, owner, operations, None).await {
        Err(ApplyBatchError::Rejected(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn batch_applies_every_operation() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let (changed, deleted, untouched) =
        (created(ports, owner, "А").await, created(ports, owner, "Б").await, created(ports, owner, "В").await);
    env.clock.advance(Duration::seconds(1));
    let operations = vec![
        Operation::Delete(deleted.id, Expected::OneOf(vec![deleted.change])),
        Operation::Create(Box::new(samples::valid_card("Ґ", "Нова"))),
        Operation::Update(changed.id, Expected::OneOf(vec![changed.change]), with_notes()),
    ];
    let outcomes = apply_batch(ports, owner, operations, None).await.unwrap().outcomes;
    let [Outcome::Deleted(gone), Outcome::Created(new), Outcome::Updated(now)] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert_eq!(*gone, deleted.id);
    assert_eq!((now.id, now.change, now.created_at), (changed.id, ChangeNumber(6), changed.created_at));
    assert_eq!(now.updated_at, changed.updated_at + Duration::seconds(1));
    let (card, old) = (now.card.parse().unwrap(), changed.card.parse().unwrap());
    assert!(card.notes.is_some() && card.first_name == old.first_name);
    assert_eq!(new.change, ChangeNumber(5));
    assert_eq!(address_book(ports, owner).await, [now.clone(), untouched, new.clone()]);
    let (trash, ..) = trash_page(ports, owner, None, 10).await;
    assert_eq!(trash.iter().map(|trashed| &trashed.contact).collect::<Vec<_>>(), [&deleted]);
}

#[tokio::test]
async fn invalid_batch_reports_every_error_and_changes_nothing() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (owner, other_user) = (olena(&env).await, env.verified("petro@example.com").await.id);
    let (own, other) = (created(ports, owner, "А").await, created(ports, owner, "Б").await);
    let nameless = created(ports, owner, "В").await;
    let foreign = created(ports, other_user, "Чужа").await;
    let operations = vec![
        Operation::Create(Box::new(samples::valid_card("Нова", "Людина"))),
        Operation::Update(nameless.id, ANY, hollow()),
        Operation::Update(own.id, Expected::OneOf(vec![ChangeNumber(7)]), with_notes()),
        Operation::Delete(foreign.id, ANY),
        Operation::Delete(own.id, ANY),
        Operation::Update(other.id, ANY, hollow()),
    ];
    let found = errors(ports, owner, operations).await;
    let [(1, OperationError::Invalid(details)), stale, missing, repeated, (5, OperationError::Invalid(_))] =
        found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert!(!details.is_empty());
    let expected = [&(2, OperationError::Stale), &(3, OperationError::NotFound), &(4, OperationError::Repeated)];
    assert_eq!([stale, missing, repeated], expected);
    assert_eq!(address_book(ports, owner).await, [own, other, nameless]);
    assert_eq!(get_contact(ports, other_user, foreign.id).await.unwrap(), foreign);
}

#[tokio::test]
async fn contact_limit_applies_to_the_result_of_a_batch() {
    let env = TestEnvironment::default();
    let ports = Ports { policy: Policy { contact_limit: 3, ..Policy::default() }, ..env.ports.clone() };
    let owner = olena(&env).await;
    let first = created(&ports, owner, "А").await;
    let reached = OperationError::LimitReached { limit: 3 };
    assert_eq!(errors(&ports, owner, creations(4)).await, [(2, reached.clone()), (3, reached)]);
    assert_eq!(address_book(&ports, owner).await.len(), 1);
    apply_batch(&ports, owner, creations(2), None).await.unwrap();
    let mut operations = creations(1);
    operations.push(Operation::Delete(first.id, ANY));
    apply_batch(&ports, owner, operations, None).await.expect("one contact fits in the end");
    assert_eq!(address_book(&ports, owner).await.len(), 3);
}

#[tokio::test]
async fn batch_of_zero_or_too_many_operations_is_rejected() {
    let env = TestEnvironment::default();
    let ports = Ports { policy: Policy { contact_limit: 1000, ..Policy::default() }, ..env.ports.clone() };
    let owner = olena(&env).await;
    for number in [0, MAX_OPERATIONS + 1] {
        let rejected = apply_batch(&ports, owner, creations(number), None).await;
        assert!(matches!(rejected, Err(ApplyBatchError::WrongLength)), "{number}");
    }
    apply_batch(&ports, owner, creations(MAX_OPERATIONS), None).await.unwrap();
    assert_eq!(address_book(&ports, owner).await.len(), MAX_OPERATIONS);
    let no_user = apply_batch(&ports, samples::user().id, creations(1), None).await;
    assert!(matches!(no_user, Err(ApplyBatchError::OwnerNotFound)));
}

#[tokio::test]
async fn batch_with_the_same_key_is_applied_once() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let request = |asked: &str| Idempotent {
        key: IdempotencyKey::parse("k").unwrap(),
        fingerprint: Fingerprint::of("POST /api/contacts/batch", asked.as_bytes()),
    };
    let (changed, deleted) = (created(ports, owner, "А").await, created(ports, owner, "Б").await);
    let operations = || {
        vec![
            Operation::Create(Box::new(samples::valid_card("Ґ", "Нова"))),
            Operation::Delete(deleted.id, Expected::OneOf(vec![deleted.change])),
            Operation::Update(changed.id, Expected::OneOf(vec![changed.change]), with_notes()),
        ]
    };
    let mut wrong = operations();
    wrong.push(Operation::Delete(changed.id, ANY));
    let rejected = apply_batch(ports, owner, wrong, Some(&request("wrong"))).await;
    assert!(matches!(rejected, Err(ApplyBatchError::Rejected(_))), "and leaves the key free: {rejected:?}");

    let first = apply_batch(ports, owner, operations(), Some(&request("a"))).await.unwrap();
    assert!(!first.is_replay);
    let again = apply_batch(ports, owner, operations(), Some(&request("a"))).await.unwrap();
    assert_eq!(again, Applied { is_replay: true, ..first });
    assert_eq!(address_book(ports, owner).await.len(), 2);
    let other = apply_batch(ports, owner, creations(1), Some(&request("b"))).await;
    assert!(matches!(other, Err(ApplyBatchError::Key(IdempotencyKeyError::Reused))), "{other:?}");
    delete_contact(ports, owner, changed.id, &ANY).await.unwrap();
    let spent = apply_batch(ports, owner, operations(), Some(&request("a"))).await;
    assert!(matches!(spent, Err(ApplyBatchError::Key(IdempotencyKeyError::Spent))), "{spent:?}");
    restore_contact(ports, owner, changed.id, &ANY).await.unwrap();
    apply_batch(ports, owner, operations(), Some(&request("a"))).await.expect("what it made is there again");
}

#[tokio::test]
async fn batch_that_changes_nothing_takes_no_change_number() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let contacts = [created(ports, owner, "А").await, created(ports, owner, "Б").await];
    let operations = contacts.iter().map(|contact| Operation::Update(contact.id, ANY, CardPatch::default()));
    let applied = apply_batch(ports, owner, operations.collect(), None).await.unwrap();
    assert_eq!(applied.outcomes, contacts.map(Outcome::Unchanged));
    assert_eq!(created(ports, owner, "В").await.change, ChangeNumber(3));
}
