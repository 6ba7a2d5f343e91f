//! Photos of contacts.

use chrono::Duration;
use domain::{
    contact::{ChangeNumber, Expected},
    ids::ContactId,
    use_cases::{
        background::remove_orphaned_pictures,
        contact::{ChangePhotoError, change_photo, delete_contact, get_contact, remove_photo, replace_contact},
        trash::{empty_trash, restore_contact},
    },
};
use testkit::{TestEnvironment, samples};

use crate::pictures::{ANY, left, lesia, olena, upload};

#[tokio::test]
async fn photo_change_increments_the_contact_version() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let contact = lesia(&env, &owner).await;
    env.clock.advance(Duration::seconds(1));
    let with = change_photo(&env.ports, owner.id, contact.id, &ANY, upload("one")).await.unwrap();
    assert_eq!((with.change, with.updated_at - contact.updated_at), (ChangeNumber(2), Duration::seconds(1)));
    assert_eq!(get_contact(&env.ports, owner.id, contact.id).await.unwrap(), with);
    let name = with.photo.clone().unwrap().as_str().to_owned();
    assert!(name.starts_with("photos/"), "{name}");
    let edited =
        replace_contact(&env.ports, owner.id, contact.id, &ANY, samples::valid_card("Л.", "У.")).await.unwrap();
    assert_eq!(edited.photo, with.photo, "an edit does not change the photo");
    assert_eq!(left(&env).await, [name]);

    let stale = Expected::OneOf(vec![ChangeNumber(2)]);
    let rejected = remove_photo(&env.ports, owner.id, contact.id, &stale).await;
    assert!(matches!(rejected, Err(ChangePhotoError::Stale)));
    remove_photo(&env.ports, owner.id, contact.id, &Expected::OneOf(vec![ChangeNumber(3)])).await.unwrap();
    remove_photo(&env.ports, owner.id, contact.id, &ANY).await.expect("nothing to remove is no error");
    let without = get_contact(&env.ports, owner.id, contact.id).await.unwrap();
    assert_eq!((without.photo, without.change), (None, ChangeNumber(4)), "and no change");
    assert!(left(&env).await.is_empty());
}

#[tokio::test]
async fn photo_is_removed_with_the_permanently_deleted_contact() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let (first, second) = (lesia(&env, &owner).await, lesia(&env, &owner).await);
    change_photo(&env.ports, owner.id, first.id, &ANY, upload("one")).await.unwrap();
    let stays = change_photo(&env.ports, owner.id, second.id, &ANY, upload("two")).await.unwrap();
    delete_contact(&env.ports, owner.id, first.id, &ANY).await.unwrap();
    assert_eq!(left(&env).await.len(), 2, "a contact in the trash has its photo");
    let restored = restore_contact(&env.ports, owner.id, first.id, &ANY).await.unwrap();
    assert!(left(&env).await.contains(&restored.photo.unwrap().as_str().to_owned()));
    delete_contact(&env.ports, owner.id, first.id, &ANY).await.unwrap();
    empty_trash(&env.ports, owner.id).await.unwrap();
    assert_eq!(left(&env).await, [stays.photo.unwrap().as_str()]);
}

#[tokio::test]
async fn photo_of_a_foreign_or_stale_contact_is_rejected() {
    let env = TestEnvironment::default();
    let (owner, other_user) = (olena(&env).await, env.verified("petro@example.com").await);
    let contact = lesia(&env, &owner).await;
    let foreign = change_photo(&env.ports, other_user.id, contact.id, &ANY, upload("x")).await;
    assert!(matches!(foreign, Err(ChangePhotoError::NotFound)));
    let foreign = remove_photo(&env.ports, other_user.id, contact.id, &ANY).await;
    assert!(matches!(foreign, Err(ChangePhotoError::NotFound)));
    let no_user = change_photo(&env.ports, owner.id, ContactId(samples::id()), &ANY, upload("x")).await;
    assert!(matches!(no_user, Err(ChangePhotoError::NotFound)));
    let stale =
        change_photo(&env.ports, owner.id, contact.id, &Expected::OneOf(vec![ChangeNumber(7)]), upload("x")).await;
    assert!(matches!(stale, Err(ChangePhotoError::Stale)));
    assert!(env.pictures.stored().is_empty(), "no upload was sent for any of them");
    assert_eq!(get_contact(&env.ports, owner.id, contact.id).await.unwrap(), contact);
}

#[tokio::test]
async fn photo_of_a_contact_changed_meanwhile_is_removed_at_once() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let contact = lesia(&env, &owner).await;
    env.pictures.delay_by(Duration::zero(), env.clock.clone());
    let (ports, expected) = (env.ports.clone(), Expected::OneOf(vec![contact.change]));
    let change =
        tokio::spawn(async move { change_photo(&ports, owner.id, contact.id, &expected, upload("one")).await });
    while env.pictures.stored().is_empty() {
        tokio::task::yield_now().await;
    }
    let replaced =
        replace_contact(&env.ports, owner.id, contact.id, &ANY, samples::valid_card("Л.", "У.")).await.unwrap();
    env.pictures.release();
    let outcome = change.await.unwrap();
    assert!(matches!(outcome, Err(ChangePhotoError::Stale)), "{outcome:?}");
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, 1);
    assert_eq!((env.store.orphaned_pictures(), env.pictures.stored()), (0, Vec::new()));
    let next = lesia(&env, &owner).await;
    assert_eq!(next.change.0, replaced.change.0 + 1, "a rejected photo uses up no change number");
}
