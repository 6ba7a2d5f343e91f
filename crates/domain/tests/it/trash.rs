//! Restore, retention and size of the trash.

use chrono::Duration;
use domain::{
    Policy, Ports,
    contact::{
        CardPatch, ChangeNumber, Contact, Expected,
        trash::{TRASH_RETENTION, TrashedContact},
    },
    ids::UserId,
    use_cases::{
        background::sweep,
        contact::{
            DeleteContactError, EditContactError, GetContactError, create_contact, delete_contact, get_contact,
            patch_contact,
        },
        trash::{
            PurgeTrashedContactError, RestoreContactError, TrashPage, TrashPageRest, empty_trash,
            purge_trashed_contact, restore_contact,
        },
    },
};
use testkit::{TestEnvironment, samples, whole::trash_page};

const ANY: Expected = Expected::Any;

async fn olena(env: &TestEnvironment) -> UserId {
    env.verified("olena@example.com").await.id
}

async fn deleted(ports: &Ports, owner: UserId) -> Contact {
    let contact = create_contact(ports, owner, &samples::valid_card("Леся", "Українка"), None).await.unwrap().contact;
    delete_contact(ports, owner, contact.id, &ANY).await.unwrap();
    contact
}

async fn trash(ports: &Ports, owner: UserId) -> Vec<TrashedContact> {
    let (contacts, total, next) = trash_page(ports, owner, None, 1000).await;
    assert_eq!((total, next), (contacts.len() as u64, None));
    contacts
}

#[tokio::test]
async fn deleted_contact_is_in_the_trash_for_30_days() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let contact = deleted(ports, owner).await;
    let found = trash(ports, owner).await;
    assert_eq!(found, [TrashedContact { contact: contact.clone(), deleted_at: samples::now() }]);
    assert_eq!(found[0].expires_at(), samples::now() + Duration::days(30));
    assert!(matches!(get_contact(ports, owner, contact.id).await, Err(GetContactError::NotFound)));
    let patched = patch_contact(ports, owner, contact.id, &ANY, CardPatch::default()).await;
    assert!(matches!(patched, Err(EditContactError::NotFound)));
    let again = delete_contact(ports, owner, contact.id, &ANY).await;
    assert!(matches!(again, Err(DeleteContactError::NotFound)));
}

#[tokio::test]
async fn restored_contact_has_a_new_version() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let contact = deleted(ports, owner).await;
    env.clock.advance(Duration::days(29));
    let stale = restore_contact(ports, owner, contact.id, &Expected::OneOf(vec![ChangeNumber(7)])).await;
    assert!(matches!(stale, Err(RestoreContactError::Stale)));
    let restored = restore_contact(ports, owner, contact.id, &Expected::OneOf(vec![ChangeNumber(1)])).await.unwrap();
    let expected =
        Contact { change: ChangeNumber(3), updated_at: contact.updated_at + Duration::days(29), ..contact.clone() };
    assert_eq!(restored, expected);
    assert_eq!(get_contact(ports, owner, contact.id).await.unwrap(), expected);
    assert!(trash(ports, owner).await.is_empty());
    assert_eq!(restore_contact(ports, owner, contact.id, &ANY).await.unwrap(), expected, "to ask twice is no error");
    let stale = restore_contact(ports, owner, contact.id, &Expected::OneOf(vec![ChangeNumber(1)])).await;
    assert!(matches!(stale, Err(RestoreContactError::Stale)));
}

#[tokio::test]
async fn trash_of_another_user_is_not_accessible() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (owner, other_user) = (olena(&env).await, env.verified("petro@example.com").await.id);
    let contact = deleted(ports, owner).await;
    assert!(trash(ports, other_user).await.is_empty());
    let restored = restore_contact(ports, other_user, contact.id, &ANY).await;
    assert!(matches!(restored, Err(RestoreContactError::NotFound)));
    let purged = purge_trashed_contact(ports, other_user, contact.id).await;
    assert!(matches!(purged, Err(PurgeTrashedContactError::NotFound)));
    empty_trash(ports, other_user).await.unwrap();
    assert_eq!(trash(ports, owner).await.len(), 1);
}

#[tokio::test]
async fn contact_limit_applies_to_restoring_but_not_to_trash() {
    let env = TestEnvironment::default();
    let ports = Ports { policy: Policy { contact_limit: 1, ..Policy::default() }, ..env.ports.clone() };
    let owner = olena(&env).await;
    let first = deleted(&ports, owner).await;
    let second = create_contact(&ports, owner, &samples::valid_card("A", "B"), None).await.unwrap().contact;
    let rejected = restore_contact(&ports, owner, first.id, &ANY).await;
    assert!(matches!(rejected, Err(RestoreContactError::LimitReached { limit: 1 })), "{rejected:?}");
    assert_eq!(trash(&ports, owner).await.len(), 1, "it stays where it was");
    delete_contact(&ports, owner, second.id, &ANY).await.unwrap();
    restore_contact(&ports, owner, first.id, &ANY).await.unwrap();
}

#[tokio::test]
async fn purged_contact_cannot_be_restored() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let contacts = [deleted(ports, owner).await, deleted(ports, owner).await, deleted(ports, owner).await];
    let listed = create_contact(ports, owner, &samples::valid_card("A", "B"), None).await.unwrap().contact;
    let not_there = purge_trashed_contact(ports, owner, listed.id).await;
    assert!(matches!(not_there, Err(PurgeTrashedContactError::NotFound)), "only what was deleted goes for good");
    purge_trashed_contact(ports, owner, contacts[1].id).await.unwrap();
    assert_eq!(trash(ports, owner).await.len(), 2);
    empty_trash(ports, owner).await.unwrap();
    assert!(trash(ports, owner).await.is_empty());
    for contact in contacts {
        let gone = restore_contact(ports, owner, contact.id, &ANY).await;
        assert!(matches!(gone, Err(RestoreContactError::NotFound)));
    }
    assert_eq!(get_contact(ports, owner, listed.id).await.unwrap(), listed);
}

#[tokio::test]
async fn sweep_purges_trash_after_30_days() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    let others = [env.verified("petro@example.com").await.id, env.verified("ivan@example.com").await.id];
    // More than fit in one unit.
    for number in 0..501 {
        deleted(ports, *others.get(number / 200).unwrap_or(&owner)).await;
    }
    env.clock.advance(TRASH_RETENTION);
    assert_eq!(sweep(ports).await.unwrap().trashed_contacts, 0, "not before the time is over");
    deleted(ports, owner).await;
    env.clock.advance(Duration::microseconds(1));
    assert_eq!(sweep(ports).await.unwrap().trashed_contacts, 501);
    assert_eq!(trash(ports, owner).await.len(), 1);
}

#[tokio::test]
async fn full_trash_purges_the_longest_deleted_contacts() {
    let env = TestEnvironment::default();
    for (contact_limit, held) in [(1, 200), (100, 200), (150, 300)] {
        let ports = Ports { policy: Policy { contact_limit, ..Policy::default() }, ..env.ports.clone() };
        let owner = env.verified(&format!("olena{contact_limit}@example.com")).await.id;
        let mut contacts = Vec::new();
        for _ in 0..held + 2 {
            contacts.push(deleted(&ports, owner).await.id);
            env.clock.advance(Duration::seconds(1));
        }
        let found: Vec<_> = trash(&ports, owner).await.iter().map(|trashed| trashed.contact.id).rev().collect();
        assert_eq!(found, contacts[2..], "the longest deleted go first");
    }
}

#[tokio::test]
async fn trash_is_listed_in_pages() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    for _ in 0..5 {
        deleted(ports, owner).await;
        env.clock.advance(Duration::seconds(1));
    }
    let (first, first_total, next) = trash_page(ports, owner, None, 3).await;
    deleted(ports, owner).await;
    let (second, second_total, end) = trash_page(ports, owner, next, 3).await;
    assert_eq!((first.len(), first_total, second.len(), second_total), (3, 5, 2, 6));
    assert_eq!(end, None);
    let mut positions: Vec<_> = first.iter().chain(&second).map(TrashedContact::position).collect();
    assert!(positions.is_sorted_by(|left, right| left > right));
    positions.dedup();
    assert_eq!(positions.len(), 5, "nothing twice");
}

#[tokio::test]
async fn total_of_the_trash_is_that_of_its_first_part() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let owner = olena(&env).await;
    for _ in 0..30 {
        deleted(ports, owner).await;
        env.clock.advance(Duration::seconds(1));
    }
    let page = TrashPage::new(owner, None, 150);
    assert_eq!([page.next_contacts(), TrashPage::new(owner, None, 7).next_contacts()], [25, 8]);
    let first = page.read(ports).await.unwrap();
    assert_eq!(first.contacts.len(), 25);
    let TrashPageRest::Parts(rest) = first.rest else { panic!("one part") };
    deleted(ports, owner).await;
    let second = rest.read(ports).await.unwrap();
    assert_eq!(second.contacts.len(), 5);
    let TrashPageRest::End { total, next } = second.rest else { panic!("three parts") };
    assert_eq!((total, next), (30, None));
}
