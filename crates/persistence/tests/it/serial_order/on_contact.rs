//! Operations that write one contact, and those on its owner that it depends on. A new one is one line.

use domain::{
    Ports,
    account::{PasswordAttempt, Username},
    contact::{
        Contact, Expected,
        batch::Operation as Change,
        card_resource::{CardPrecondition, PutContact, PutContent},
        import::{ImportMode, ImportOptions, ImportedContact},
        received::{ReceivedCard, ReceivedText},
    },
    idempotency::{Fingerprint, IdempotencyKey, Idempotent},
    use_cases::{
        account::{ProfileChange, delete_account, update_profile},
        card_resource::{delete_card, move_card, put_card},
        contact::{
            Importer, apply_batch, change_photo, create_contact, delete_contact, import_contacts, patch_contact,
            remove_photo, replace_contact,
        },
        operator,
        trash::{empty_trash, purge_trashed_contact, restore_contact},
    },
};
use serde_json::json;
use testkit::{
    environment::PASSWORD,
    import_file::{ImportFile, imported, with_uid},
    samples::{patch, valid},
};

use super::{
    operation::{Operation, operations},
    scene::{PICTURE, Scene, name, person, text, uid},
};

const ANY: Expected = Expected::Any;
const ANY_CARD: CardPrecondition = CardPrecondition::Any;

pub(super) const ON_CONTACT: &[Operation] = operations! { |scene, ports|
    create: create_contact(ports, scene.owner, &valid(person("Nova")), None);
    create_with_key: create_contact(ports, scene.owner, &valid(person("Nova")), Some(&key()));
    replace: replace_contact(ports, scene.owner, scene.contact, &ANY, valid(person("Lina")));
    replace_unchanged: replace_contact(ports, scene.owner, scene.contact, &scene.unchanged(), valid(person("Lida")));
    patch_notes: patch_contact(ports, scene.owner, scene.contact, &ANY, patch(json!({"notes": "x"})));
    patch_unchanged: patch_contact(ports, scene.owner, scene.contact, &scene.unchanged(), patch(json!({"notes": "y"})));
    mark_favorite: patch_contact(ports, scene.owner, scene.contact, &ANY, patch(json!({"favorite": true})));
    change_photo: change_photo(ports, scene.owner, scene.contact, &ANY, b"picture of a change".to_vec());
    change_photo_unchanged:
        change_photo(ports, scene.owner, scene.contact, &scene.unchanged(), b"picture if unchanged".to_vec());
    remove_photo: remove_photo(ports, scene.owner, scene.contact, &ANY);
    remove_photo_unchanged: remove_photo(ports, scene.owner, scene.contact, &scene.unchanged());
    delete: delete_contact(ports, scene.owner, scene.contact, &ANY);
    delete_unchanged: delete_contact(ports, scene.owner, scene.contact, &scene.unchanged());
    restore: restore_contact(ports, scene.owner, scene.contact, &ANY);
    restore_trashed: restore_contact(ports, scene.owner, scene.trashed, &ANY);
    restore_trashed_unchanged: restore_contact(ports, scene.owner, scene.trashed, &scene.unchanged_in_trash());
    purge: purge_trashed_contact(ports, scene.owner, scene.contact);
    purge_trashed: purge_trashed_contact(ports, scene.owner, scene.trashed);
    empty_trash: empty_trash(ports, scene.owner);
    batch: apply_batch(ports, scene.owner, changes(scene, ANY), None);
    batch_unchanged: apply_batch(ports, scene.owner, changes(scene, scene.unchanged()), None);
    batch_with_key: apply_batch(ports, scene.owner, changes(scene, ANY), Some(&key()));
    put_card: put(ports, scene, "card.vcf", ANY_CARD, contact("Lila", None));
    put_card_unchanged: put(ports, scene, "card.vcf", scene.unchanged_card(), contact("Lola", Some("known")));
    put_card_with_photo: put(ports, scene, "card.vcf", ANY_CARD, with_photo("Lala", b"picture of a card"));
    put_card_with_same_photo: put(ports, scene, "card.vcf", ANY_CARD, with_photo("Lana", PICTURE));
    put_new_card: put(ports, scene, "new.vcf", ANY_CARD, contact("Nina", Some("new")));
    put_same_person: put(ports, scene, "same.vcf", CardPrecondition::Absent, contact("Nina", Some("new")));
    put_group: put(ports, scene, "card.vcf", ANY_CARD, PutContent::Group { uid: None, text: text("a group") });
    delete_card: delete_card(ports, scene.owner, &name("card.vcf"), &ANY_CARD);
    delete_card_unchanged: delete_card(ports, scene.owner, &name("card.vcf"), &scene.unchanged_card());
    move_card: move_card(ports, scene.owner, &name("card.vcf"), &name("moved.vcf"), &ANY_CARD, false);
    move_card_unchanged:
        move_card(ports, scene.owner, &name("card.vcf"), &name("moved.vcf"), &scene.unchanged_card(), false);
    move_card_onto: move_card(ports, scene.owner, &name("other.vcf"), &name("card.vcf"), &ANY_CARD, true);
    delete_account: delete_account(ports, &scene.principal, &PasswordAttempt::new(PASSWORD));
    delete_owner: operator::delete_account(ports, &scene.email);
    disable_owner: operator::disable_account(ports, &scene.email);
    limit_owner: operator::set_contact_limit(ports, &scene.email, Some(2));
    rename_owner: update_profile(ports, scene.owner, profile());
    import_update:
        import(ports, scene, ImportMode::Update, None, [imported(person("Lesia")), imported(person("Nadia"))]);
    import_skip:
        import(ports, scene, ImportMode::Skip, None, [with_uid("new", person("Nina")), with_uid("y", person("Nadia"))]);
    import_add:
        import(ports, scene, ImportMode::Add, None, [with_uid("known", person("Lesia")), imported(person("Nadia"))]);
    import_with_key: import(ports, scene, ImportMode::Update, Some(&key().key), [
        with_uid("known", person("Lilia")),
        imported(person("Nadia")),
    ]);
};

/// Key that two requests with the same content share.
fn key() -> Idempotent {
    Idempotent { key: IdempotencyKey::parse("one").unwrap(), fingerprint: Fingerprint::of("the same", b"content") }
}

fn profile() -> ProfileChange {
    ProfileChange { username: Some(Username::parse("Оленка").unwrap()), ..ProfileChange::default() }
}

/// Operations of a batch. The first one changes the contact if it is as expected.
fn changes(scene: &Scene, expected: Expected) -> Vec<Change> {
    vec![
        Change::Update(scene.contact, expected, patch(json!({"nickname": "x"}))),
        Change::Delete(scene.other, ANY),
        Change::Create(Box::new(valid(person("Nata")))),
    ]
}

fn contact(first_name: &str, of: Option<&str>) -> PutContent {
    PutContent::Contact(Box::new(put_contact(first_name, of)))
}

fn with_photo(first_name: &str, picture: &[u8]) -> PutContent {
    let photo = Some(picture.to_vec());
    PutContent::Contact(Box::new(PutContact { photo, ..put_contact(first_name, None) }))
}

fn put_contact(first_name: &str, of: Option<&str>) -> PutContact {
    let (card, text) = (valid(person(first_name)), text(first_name));
    PutContact { card, favorite: None, uid: of.map(uid), text, photo: None, text_with_photo: None }
}

async fn put(
    ports: &Ports,
    scene: &Scene,
    of: &str,
    precondition: CardPrecondition,
    content: PutContent,
) -> impl std::fmt::Debug + use<> {
    put_card(ports, scene.owner, &name(of), &precondition, content, &former).await
}

/// Writes the first name as former text.
fn former(contact: &Contact, _: Option<&ReceivedCard>) -> Option<ReceivedText> {
    Some(text(contact.parsed_card().ok()?.first_name?.as_str()))
}

async fn import(
    ports: &Ports,
    scene: &Scene,
    mode: ImportMode,
    key: Option<&IdempotencyKey>,
    people: [ImportedContact; 2],
) -> impl std::fmt::Debug + use<> {
    let importer = Importer { owner: scene.owner, client: &scene.client };
    let options = ImportOptions { mode, is_dry_run: false };
    import_contacts(ports, importer, &mut ImportFile::of(people), options, key).await
}
