//! Avatars and photos: the database never points to a picture that is not there, and none stays that nothing points
//! to.

use chrono::Duration;
use domain::{
    account::{ChangeAvatarError, User, change_avatar, remove_avatar},
    contact::{
        ChangePhotoError, Contact, ContactId, Expected, Version, change_photo, create_contact, delete_contact,
        get_contact, remove_photo, replace_contact,
        trash::{empty_trash, restore_contact},
    },
    picture::{KeepPictureError, PictureError, PictureStoreError, Removal, remove_stray_pictures},
};
use testkit::{World, fakes::Keeping, samples};

const ANY: Expected = Expected::Any;

async fn olena(world: &World) -> User {
    world.verified("olena@example.com").await
}

async fn lesia(world: &World, owner: &User) -> Contact {
    create_contact(&world.ports, owner.id, samples::draft("Леся", "Українка"), None).await.unwrap().contact
}

fn upload(text: &str) -> Vec<u8> {
    format!("picture {text}").into_bytes()
}

/// The pictures that are kept once nothing is left to do, however long that takes.
async fn left(world: &World) -> Vec<String> {
    for _ in 0..16 {
        remove_stray_pictures(&world.ports).await.unwrap();
        world.clock.advance(Duration::hours(2));
    }
    assert_eq!(world.store.stray_pictures(), 0, "every note is settled");
    world.pictures.stored()
}

#[tokio::test]
async fn a_new_avatar_takes_the_place_of_the_old() {
    let world = World::default();
    let id = olena(&world).await.id;
    let first = change_avatar(&world.ports, id, upload("one")).await.unwrap().avatar.unwrap();
    let second = change_avatar(&world.ports, id, upload("two")).await.unwrap().avatar.unwrap();
    assert_ne!(first, second, "a name always means the same bytes");
    assert_eq!(remove_stray_pictures(&world.ports).await.unwrap(), Removal { handled: 1, failures: Vec::new() });
    assert_eq!(world.pictures.stored(), [second.as_str()], "the old one goes at once");
    assert_eq!(remove_avatar(&world.ports, id).await.unwrap().avatar, None);
    remove_avatar(&world.ports, id).await.expect("nothing to remove is no error");
    assert!(left(&world).await.is_empty());
}

#[tokio::test]
async fn a_photo_is_a_change_of_its_contact() {
    let world = World::default();
    let owner = olena(&world).await;
    let contact = lesia(&world, &owner).await;
    world.clock.advance(Duration::seconds(1));
    let with = change_photo(&world.ports, owner.id, contact.id, &ANY, upload("one")).await.unwrap();
    assert_eq!((with.version, with.updated_at - contact.updated_at), (Version(2), Duration::seconds(1)));
    assert_eq!(get_contact(&world.ports, owner.id, contact.id).await.unwrap(), with);
    let name = with.photo.clone().unwrap().as_str().to_owned();
    assert!(name.starts_with("photos/"), "{name}");
    let edited = replace_contact(&world.ports, owner.id, contact.id, &ANY, samples::draft("Л.", "У.")).await.unwrap();
    assert_eq!(edited.photo, with.photo, "an edit keeps the photo");
    assert_eq!(left(&world).await, [name]);

    let stale = Expected::OneOf(vec![Version(2)]);
    let refused = remove_photo(&world.ports, owner.id, contact.id, &stale).await;
    assert!(matches!(refused, Err(ChangePhotoError::Stale)));
    remove_photo(&world.ports, owner.id, contact.id, &Expected::OneOf(vec![Version(3)])).await.unwrap();
    remove_photo(&world.ports, owner.id, contact.id, &ANY).await.expect("nothing to remove is no error");
    let without = get_contact(&world.ports, owner.id, contact.id).await.unwrap();
    assert_eq!((without.photo, without.version), (None, Version(4)), "and no change");
    assert!(left(&world).await.is_empty());
}

#[tokio::test]
async fn a_contact_takes_its_photo_along_when_it_goes_for_good() {
    let world = World::default();
    let owner = olena(&world).await;
    let (first, second) = (lesia(&world, &owner).await, lesia(&world, &owner).await);
    change_photo(&world.ports, owner.id, first.id, &ANY, upload("one")).await.unwrap();
    let stays = change_photo(&world.ports, owner.id, second.id, &ANY, upload("two")).await.unwrap();
    delete_contact(&world.ports, owner.id, first.id, &ANY).await.unwrap();
    assert_eq!(left(&world).await.len(), 2, "the trash keeps it");
    let restored = restore_contact(&world.ports, owner.id, first.id, &ANY).await.unwrap();
    assert!(left(&world).await.contains(&restored.photo.unwrap().as_str().to_owned()));
    delete_contact(&world.ports, owner.id, first.id, &ANY).await.unwrap();
    empty_trash(&world.ports, owner.id).await.unwrap();
    assert_eq!(left(&world).await, [stays.photo.unwrap().as_str()]);
}

#[tokio::test]
async fn only_the_owner_of_the_version_that_was_read_may_give_a_photo() {
    let world = World::default();
    let (owner, stranger) = (olena(&world).await, world.verified("petro@example.com").await);
    let contact = lesia(&world, &owner).await;
    let foreign = change_photo(&world.ports, stranger.id, contact.id, &ANY, upload("x")).await;
    assert!(matches!(foreign, Err(ChangePhotoError::NotFound)));
    let foreign = remove_photo(&world.ports, stranger.id, contact.id, &ANY).await;
    assert!(matches!(foreign, Err(ChangePhotoError::NotFound)));
    let nobody = change_photo(&world.ports, owner.id, ContactId(samples::id()), &ANY, upload("x")).await;
    assert!(matches!(nobody, Err(ChangePhotoError::NotFound)));
    let stale = change_photo(&world.ports, owner.id, contact.id, &Expected::OneOf(vec![Version(7)]), upload("x")).await;
    assert!(matches!(stale, Err(ChangePhotoError::Stale)));
    assert!(world.pictures.stored().is_empty(), "nothing was sent away for any of them");
    assert_eq!(get_contact(&world.ports, owner.id, contact.id).await.unwrap(), contact);
}

#[tokio::test]
async fn what_fails_leaves_everything_as_it_was() {
    let world = World::default();
    let id = olena(&world).await.id;
    let kept = change_avatar(&world.ports, id, upload("one")).await.unwrap().avatar.unwrap();

    let refused = change_avatar(&world.ports, id, b"<svg/>".to_vec()).await;
    let unsupported = KeepPictureError::Picture(PictureError::UnsupportedFormat);
    assert_eq!(format!("{:?}", refused.unwrap_err()), format!("{:?}", ChangeAvatarError::Picture(unsupported)));
    world.pictures.set_away(true);
    let away = change_avatar(&world.ports, id, upload("two")).await;
    let is_away = matches!(&away, Err(ChangeAvatarError::Picture(KeepPictureError::PictureStore(_))));
    assert!(is_away, "{away:?}");
    world.pictures.set_away(false);
    world.pictures.script([Keeping::KeepsAndFails]);
    change_avatar(&world.ports, id, upload("three")).await.unwrap_err();
    assert_eq!(world.pictures.stored().len(), 2, "it was kept for all that");
    let nobody = change_avatar(&world.ports, samples::user().id, upload("four")).await;
    assert!(matches!(nobody, Err(ChangeAvatarError::NotFound)));
    // Before the upload, and after it.
    for good in 0..2 {
        world.store.fail_commit_after(good);
        let failed = change_avatar(&world.ports, id, upload("five")).await;
        assert!(failed.is_err(), "after {good} commits");
    }
    assert_eq!(left(&world).await, [kept.as_str()]);
    let user = remove_avatar(&world.ports, id).await.unwrap();
    assert_eq!(user.avatar, None);
    assert!(left(&world).await.is_empty());
}

#[tokio::test]
async fn a_removal_that_fails_is_tried_again_without_end() {
    let world = World::default();
    let id = olena(&world).await.id;
    change_avatar(&world.ports, id, upload("one")).await.unwrap();
    remove_avatar(&world.ports, id).await.unwrap();
    world.pictures.set_away(true);
    let failed = remove_stray_pictures(&world.ports).await.unwrap();
    assert_eq!((failed.handled, failed.failures.len()), (1, 1));
    assert_eq!(remove_stray_pictures(&world.ports).await.unwrap(), Removal::default(), "not at once");
    world.clock.advance(Duration::seconds(15));
    assert_eq!(remove_stray_pictures(&world.ports).await.unwrap().handled, 1);
    for _ in 0..40 {
        world.clock.advance(Duration::hours(1));
        assert_eq!(remove_stray_pictures(&world.ports).await.unwrap().handled, 1, "an hour is the longest pause");
    }
    world.pictures.set_away(false);
    assert!(left(&world).await.is_empty());
}

#[tokio::test]
async fn a_remover_that_dies_delays_and_loses_nothing() {
    let world = World::default();
    let id = olena(&world).await.id;
    change_avatar(&world.ports, id, upload("one")).await.unwrap();
    remove_avatar(&world.ports, id).await.unwrap();
    // The claim is committed, then the removal is noted nowhere.
    world.store.fail_commit_after(1);
    remove_stray_pictures(&world.ports).await.unwrap_err();
    assert_eq!(world.store.stray_pictures(), 1);
    world.clock.advance(Duration::minutes(2));
    assert_eq!(remove_stray_pictures(&world.ports).await.unwrap().handled, 1);
    assert_eq!(world.store.stray_pictures(), 0);
}

#[tokio::test]
async fn an_upload_slower_than_its_lease_points_to_nothing() {
    let world = World::default();
    let key = domain::picture::PictureKey::photo(samples::id());
    // What a request does that was stopped between its upload and its commit, and goes on much later.
    let mut unit = world.ports.store.begin().await.unwrap();
    unit.note_stray_pictures(std::slice::from_ref(&key), samples::now(), None).await.unwrap();
    unit.commit().await.unwrap();
    remove_stray_pictures(&world.ports).await.unwrap();
    let mut unit = world.ports.store.begin().await.unwrap();
    assert!(!unit.adopt_picture(&key).await.unwrap());
    drop(unit);
}

/// The same from outside: the clock runs while the picture is being kept, and it arrives before its removal
/// or after.
#[tokio::test]
async fn an_upload_that_arrives_after_its_removal_is_removed_again() {
    for scripted in [None, Some(Keeping::ArrivesLate)] {
        let world = World::default();
        let owner = olena(&world).await;
        let contact = lesia(&world, &owner).await;
        world.pictures.script(scripted);
        world.pictures.delay_by(Duration::minutes(6), world.clock.clone());
        let (before, ports) = (world.ports.clock.now(), world.ports.clone());
        let slow = tokio::spawn(async move { change_photo(&ports, owner.id, contact.id, &ANY, upload("slow")).await });
        while world.ports.clock.now() == before {
            tokio::task::yield_now().await;
        }
        remove_stray_pictures(&world.ports).await.unwrap();
        world.pictures.release();
        let refused = slow.await.unwrap();
        let given_up = matches!(
            refused,
            Err(ChangePhotoError::Picture(KeepPictureError::PictureStore(PictureStoreError::Unavailable(_))))
        );
        assert!(given_up, "{refused:?}");
        assert!(left(&world).await.is_empty());
    }
}

/// A process stands still in the middle of an upload, goes on, and is killed before it can say so.
#[tokio::test]
async fn an_upload_that_arrives_late_and_is_never_heard_of_is_removed() {
    for hours in [0, 1, 5, 12, 23] {
        let world = World::default();
        let owner = olena(&world).await;
        let contact = lesia(&world, &owner).await;
        world.pictures.script([Keeping::ArrivesLateAndHangs]);
        world.pictures.delay_by(Duration::minutes(6), world.clock.clone());
        let (before, ports) = (world.ports.clock.now(), world.ports.clone());
        let slow = tokio::spawn(async move { change_photo(&ports, owner.id, contact.id, &ANY, upload("slow")).await });
        while world.ports.clock.now() == before {
            tokio::task::yield_now().await;
        }
        // Meanwhile another process removes what is not there yet.
        let mut removals = remove_stray_pictures(&world.ports).await.unwrap().handled;
        for _ in 0..hours * 60 {
            world.clock.advance(Duration::minutes(1));
            removals += remove_stray_pictures(&world.ports).await.unwrap().handled;
        }
        assert!((1..10).contains(&removals), "{removals} removals in {hours} hours");
        world.pictures.release();
        while world.pictures.stored().is_empty() {
            tokio::task::yield_now().await;
        }
        slow.abort();
        assert!(left(&world).await.is_empty(), "after {hours} hours");
    }
}

#[tokio::test]
async fn an_upload_that_has_ended_in_vain_is_removed_once() {
    let world = World::default();
    let nobody = change_avatar(&world.ports, samples::user().id, upload("one")).await;
    assert!(matches!(nobody, Err(ChangeAvatarError::NotFound)));
    assert_eq!(remove_stray_pictures(&world.ports).await.unwrap(), Removal { handled: 1, failures: Vec::new() });
    assert_eq!((world.store.stray_pictures(), world.pictures.stored()), (0, Vec::new()));
}
