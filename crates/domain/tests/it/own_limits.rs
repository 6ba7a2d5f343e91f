//! The own limit of a user, in every use case that adds contacts or fills the trash.

use domain::{
    Ports,
    account::User,
    contact::{
        Expected,
        batch::Operation,
        card_resource::{CardName, CardPrecondition, PutContact, PutContent},
        import::{ImportMode, ImportOptions, ItemError},
        received::{CardVersion, ReceivedText},
    },
    idempotency::{Fingerprint, IdempotencyKey, Idempotent},
    ids::ContactId,
    use_cases::{
        card_resource::{PutCardError, delete_card, move_card, put_card},
        contact::{
            ApplyBatchError, CreateContactError, Importer, OperationError, apply_batch, create_contact, delete_contact,
            import_contacts,
        },
        operator::set_contact_limit,
        trash::{RestoreContactError, restore_contact},
    },
};
use testkit::{
    TestEnvironment,
    import_file::{ImportFile, imported},
    samples,
    whole::trash_page,
};

fn name(text: &str) -> CardName {
    CardName::parse(text).unwrap()
}

fn text() -> ReceivedText {
    ReceivedText::new(CardVersion::V3_0, "the text".to_owned()).unwrap()
}

fn sent() -> PutContent {
    PutContent::Contact(Box::new(PutContact {
        card: samples::valid_card("Леся", "Українка"),
        favorite: None,
        uid: None,
        text: text(),
        photo: None,
        text_with_photo: None,
    }))
}

async fn put(ports: &Ports, owner: &User, of: &str, content: PutContent) -> Result<(), PutCardError> {
    put_card(ports, owner.id, &name(of), &CardPrecondition::Any, content, &|_, _| None).await.map(drop)
}

async fn created(ports: &Ports, owner: &User) -> ContactId {
    create_contact(ports, owner.id, &samples::valid_card("Петро", "Коваль"), None).await.unwrap().contact.id
}

async fn limited(env: &TestEnvironment, limit: u64) -> User {
    let owner = env.verified("olena@example.com").await;
    set_contact_limit(&env.ports, &owner.email, Some(limit)).await.unwrap();
    owner
}

#[tokio::test]
async fn own_limit_is_reported_by_everything_that_adds_contacts() {
    let env = TestEnvironment::default();
    let (ports, owner) = (&env.ports, &limited(&env, 1).await);
    let deleted = created(ports, owner).await;
    delete_contact(ports, owner.id, deleted, &Expected::Any).await.unwrap();
    created(ports, owner).await;

    let key = IdempotencyKey::parse("k").unwrap();
    let key = Idempotent { key, fingerprint: Fingerprint::of("POST /api/contacts", b"{}") };
    let card = samples::valid_card("Леся", "Українка");
    let rejected = create_contact(ports, owner.id, &card, Some(&key)).await;
    assert!(matches!(rejected, Err(CreateContactError::LimitReached { limit: 1 })));
    let rejected = apply_batch(ports, owner.id, vec![Operation::Create(Box::new(card))], None).await;
    let Err(ApplyBatchError::Rejected(errors)) = rejected else { panic!("applied") };
    assert!(matches!(errors[..], [(0, OperationError::LimitReached { limit: 1 })]), "{errors:?}");
    let rejected = restore_contact(ports, owner.id, deleted, &Expected::Any).await;
    assert!(matches!(rejected, Err(RestoreContactError::LimitReached { limit: 1 })));
    assert!(matches!(put(ports, owner, "a.vcf", sent()).await, Err(PutCardError::LimitReached { .. })));
    let importer = Importer { owner: owner.id, client: &TestEnvironment::client() };
    let mut file = ImportFile::of([imported(samples::card("Леся", "Українка"))]);
    let options = ImportOptions { mode: ImportMode::Add, is_dry_run: false };
    let report = import_contacts(ports, importer, &mut file, options, None).await.unwrap();
    assert_eq!(report.items[0].errors, [ItemError::LimitReached { limit: 1 }]);
}

/// The trash has room for twice as many contacts as the address book.
#[tokio::test]
async fn trash_of_a_user_with_an_own_limit_has_room_for_twice_as_many() {
    let env = TestEnvironment::default();
    let (ports, owner) = (&env.ports, &limited(&env, 150).await);
    let in_trash = async || trash_page(ports, owner.id, None, 1000).await.1;
    for number in 0..205 {
        match number % 5 {
            0 => {
                put(ports, owner, "a.vcf", sent()).await.unwrap();
                delete_card(ports, owner.id, &name("a.vcf"), &CardPrecondition::Any).await.unwrap();
            }
            1 => {
                put(ports, owner, "b.vcf", sent()).await.unwrap();
                put(ports, owner, "c.vcf", sent()).await.unwrap();
                let (from, to) = (name("b.vcf"), name("c.vcf"));
                assert!(move_card(ports, owner.id, &from, &to, &CardPrecondition::Any, true).await.unwrap());
                put(ports, owner, "c.vcf", PutContent::Group { uid: None, text: text() }).await.unwrap();
                delete_card(ports, owner.id, &name("c.vcf"), &CardPrecondition::Any).await.unwrap();
            }
            2 => {
                let id = created(ports, owner).await;
                let delete = vec![Operation::Delete(id, Expected::Any)];
                apply_batch(ports, owner.id, delete, None).await.unwrap();
            }
            _ => {
                let id = created(ports, owner).await;
                delete_contact(ports, owner.id, id, &Expected::Any).await.unwrap();
            }
        }
    }
    assert_eq!(in_trash().await, 246, "and not 200, the number for CONTACT_LIMIT");
}

/// Every way to replace a card leaves the number of contacts right.
#[tokio::test]
async fn replaced_cards_do_not_count() {
    let env = TestEnvironment::default();
    let (ports, owner) = (&env.ports, &limited(&env, 2).await);
    for of in ["a.vcf", "b.vcf"] {
        put(ports, owner, of, sent()).await.unwrap();
    }
    assert!(move_card(ports, owner.id, &name("a.vcf"), &name("b.vcf"), &CardPrecondition::Any, true).await.unwrap());
    put(ports, owner, "c.vcf", sent()).await.unwrap();
    assert!(matches!(put(ports, owner, "d.vcf", sent()).await, Err(PutCardError::LimitReached { .. })));
    put(ports, owner, "c.vcf", PutContent::Group { uid: None, text: text() }).await.unwrap();
    put(ports, owner, "d.vcf", sent()).await.unwrap();
    assert!(matches!(put(ports, owner, "e.vcf", sent()).await, Err(PutCardError::LimitReached { .. })));
}
