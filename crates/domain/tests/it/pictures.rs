//! Consistency of pictures and database.

use chrono::Duration;
use domain::{
    account::{User, UserQueries as _},
    contact::{Contact, Expected},
    picture::{PictureError, PictureStoreError},
    use_cases::{
        account::{ChangeAvatarError, change_avatar, remove_avatar},
        background::{Removal, remove_orphaned_pictures},
        contact::{ChangePhotoError, change_photo, create_contact},
        steps::StoreUploadError,
    },
};
use testkit::{TestEnvironment, fakes::StoreBehaviour, samples};

pub(crate) const ANY: Expected = Expected::Any;

pub(crate) async fn olena(env: &TestEnvironment) -> User {
    env.verified("olena@example.com").await
}

pub(crate) async fn lesia(env: &TestEnvironment, owner: &User) -> Contact {
    create_contact(&env.ports, owner.id, &samples::valid_card("Леся", "Українка"), None).await.unwrap().contact
}

pub(crate) fn upload(text: &str) -> Vec<u8> {
    format!("picture {text}").into_bytes()
}

/// The pictures that remain when all removals are done.
pub(crate) async fn left(env: &TestEnvironment) -> Vec<String> {
    for _ in 0..16 {
        remove_orphaned_pictures(&env.ports).await.unwrap();
        env.clock.advance(Duration::hours(2));
    }
    assert_eq!(env.store.orphaned_pictures(), 0, "every record is settled");
    env.pictures.stored()
}

#[tokio::test]
async fn new_avatar_replaces_and_removes_the_old_one() {
    let env = TestEnvironment::default();
    let id = olena(&env).await.id;
    let first = change_avatar(&env.ports, id, upload("one")).await.unwrap().avatar.unwrap();
    let second = change_avatar(&env.ports, id, upload("two")).await.unwrap().avatar.unwrap();
    assert_ne!(first, second, "a name always means the same bytes");
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap(), Removal { handled: 1, failures: Vec::new() });
    assert_eq!(env.pictures.stored(), [second.as_str()], "the old one goes at once");
    assert_eq!(remove_avatar(&env.ports, id).await.unwrap().avatar, None);
    assert_eq!(env.store.credentials_of(id).await.unwrap().unwrap().user.avatar, None);
    remove_avatar(&env.ports, id).await.expect("nothing to remove is no error");
    assert!(left(&env).await.is_empty());
}

#[tokio::test]
async fn failed_avatar_change_leaves_only_the_old_avatar() {
    let env = TestEnvironment::default();
    let id = olena(&env).await.id;
    let stored = change_avatar(&env.ports, id, upload("one")).await.unwrap().avatar.unwrap();

    let rejected = change_avatar(&env.ports, id, b"<svg/>".to_vec()).await;
    let unsupported = StoreUploadError::Picture(PictureError::UnsupportedFormat);
    assert_eq!(format!("{:?}", rejected.unwrap_err()), format!("{:?}", ChangeAvatarError::Picture(unsupported)));
    env.pictures.set_unavailable(true);
    let unavailable = change_avatar(&env.ports, id, upload("two")).await;
    let is_unavailable = matches!(&unavailable, Err(ChangeAvatarError::Picture(StoreUploadError::PictureStore(_))));
    assert!(is_unavailable, "{unavailable:?}");
    env.pictures.set_unavailable(false);
    env.pictures.script([StoreBehaviour::StoresAndFails]);
    change_avatar(&env.ports, id, upload("three")).await.unwrap_err();
    assert_eq!(env.pictures.stored().len(), 2, "it was stored in spite of the error");
    let no_user = change_avatar(&env.ports, samples::user().id, upload("four")).await;
    assert!(matches!(no_user, Err(ChangeAvatarError::NotFound)));
    // Before the upload, and after it.
    for good in 0..2 {
        env.store.fail_commit_after(good);
        let failed = change_avatar(&env.ports, id, upload("five")).await;
        assert!(failed.is_err(), "after {good} commits");
    }
    assert_eq!(left(&env).await, [stored.as_str()]);
    let user = remove_avatar(&env.ports, id).await.unwrap();
    assert_eq!(user.avatar, None);
    assert!(left(&env).await.is_empty());
}

#[tokio::test]
async fn failed_picture_removal_is_retried_until_it_succeeds() {
    let env = TestEnvironment::default();
    let id = olena(&env).await.id;
    change_avatar(&env.ports, id, upload("one")).await.unwrap();
    remove_avatar(&env.ports, id).await.unwrap();
    env.pictures.set_unavailable(true);
    let failed = remove_orphaned_pictures(&env.ports).await.unwrap();
    assert_eq!((failed.handled, failed.failures.len()), (1, 1));
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap(), Removal::default(), "not at once");
    env.clock.advance(Duration::seconds(15));
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, 1);
    for _ in 0..40 {
        env.clock.advance(Duration::hours(1));
        assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, 1, "an hour is the longest pause");
    }
    env.pictures.set_unavailable(false);
    assert!(left(&env).await.is_empty());
}

#[tokio::test]
async fn picture_removal_resumes_after_a_crash() {
    let env = TestEnvironment::default();
    let id = olena(&env).await.id;
    change_avatar(&env.ports, id, upload("one")).await.unwrap();
    remove_avatar(&env.ports, id).await.unwrap();
    // The claim is committed, but the removal is not recorded.
    env.store.fail_commit_after(1);
    remove_orphaned_pictures(&env.ports).await.unwrap_err();
    assert_eq!(env.store.orphaned_pictures(), 1);
    env.clock.advance(Duration::minutes(2) - Duration::microseconds(1));
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap(), Removal::default());
    env.clock.advance(Duration::microseconds(1));
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, 1);
    assert_eq!(env.store.orphaned_pictures(), 0);
}

#[tokio::test]
async fn upload_slower_than_its_lease_cannot_be_used() {
    let env = TestEnvironment::default();
    let key = domain::picture::PictureKey::photo(samples::id());
    // A request that stops between its upload and its commit, and continues much later.
    let mut unit = env.ports.store.begin().await.unwrap();
    unit.record_orphaned_pictures(std::slice::from_ref(&key), samples::now(), None).await.unwrap();
    unit.commit().await.unwrap();
    remove_orphaned_pictures(&env.ports).await.unwrap();
    let mut unit = env.ports.store.begin().await.unwrap();
    assert!(!unit.claim_picture(&key).await.unwrap());
    drop(unit);
}

#[tokio::test]
async fn picture_that_may_arrive_is_removed_for_the_last_time_when_it_no_longer_may() {
    let env = TestEnvironment::default();
    let key = domain::picture::PictureKey::photo(samples::id());
    let now = env.ports.clock.now();
    let mut unit = env.ports.store.begin().await.unwrap();
    let may_arrive_until = Some(now + Duration::seconds(60));
    unit.record_orphaned_pictures(std::slice::from_ref(&key), now, may_arrive_until).await.unwrap();
    unit.commit().await.unwrap();
    let microsecond = Duration::microseconds(1);
    for (pause, handled, left) in [
        (Duration::zero(), 1, 1),
        (Duration::seconds(15), 1, 1),
        (Duration::seconds(45) - microsecond, 0, 1),
        (microsecond, 1, 0),
    ] {
        env.clock.advance(pause);
        assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, handled, "after {pause}");
        assert_eq!(env.store.orphaned_pictures(), left, "after {pause}");
    }
}

/// The same from outside: the clock runs while the picture is being stored. It arrives before its removal
/// or after.
#[tokio::test]
async fn upload_completed_after_its_removal_is_removed_again() {
    for scripted in [None, Some(StoreBehaviour::ArrivesLate)] {
        let env = TestEnvironment::default();
        let owner = olena(&env).await;
        let contact = lesia(&env, &owner).await;
        env.pictures.script(scripted);
        env.pictures.delay_by(Duration::minutes(6), env.clock.clone());
        let (before, ports) = (env.ports.clock.now(), env.ports.clone());
        let slow = tokio::spawn(async move { change_photo(&ports, owner.id, contact.id, &ANY, upload("slow")).await });
        while env.ports.clock.now() == before {
            tokio::task::yield_now().await;
        }
        remove_orphaned_pictures(&env.ports).await.unwrap();
        env.pictures.release();
        let rejected = slow.await.unwrap();
        let given_up = matches!(
            rejected,
            Err(ChangePhotoError::Picture(StoreUploadError::PictureStore(PictureStoreError::Unavailable(_))))
        );
        assert!(given_up, "{rejected:?}");
        assert!(left(&env).await.is_empty());
    }
}

/// A process stops in the middle of an upload, continues, and is killed before it can record that.
#[tokio::test]
async fn late_upload_of_a_crashed_process_is_removed() {
    for hours in [0, 1, 5, 12, 23] {
        let env = TestEnvironment::default();
        let owner = olena(&env).await;
        let contact = lesia(&env, &owner).await;
        env.pictures.script([StoreBehaviour::ArrivesLateAndHangs]);
        env.pictures.delay_by(Duration::minutes(6), env.clock.clone());
        let (before, ports) = (env.ports.clock.now(), env.ports.clone());
        let slow = tokio::spawn(async move { change_photo(&ports, owner.id, contact.id, &ANY, upload("slow")).await });
        while env.ports.clock.now() == before {
            tokio::task::yield_now().await;
        }
        // Meanwhile another process removes the picture, which is not stored yet.
        let mut removals = remove_orphaned_pictures(&env.ports).await.unwrap().handled;
        for _ in 0..hours * 60 {
            env.clock.advance(Duration::minutes(1));
            removals += remove_orphaned_pictures(&env.ports).await.unwrap().handled;
        }
        assert!((1..10).contains(&removals), "{removals} removals in {hours} hours");
        env.pictures.release();
        while env.pictures.stored().is_empty() {
            tokio::task::yield_now().await;
        }
        slow.abort();
        assert!(left(&env).await.is_empty(), "after {hours} hours");
    }
}

#[tokio::test]
async fn unused_upload_is_removed_once() {
    let env = TestEnvironment::default();
    let no_user = change_avatar(&env.ports, samples::user().id, upload("one")).await;
    assert!(matches!(no_user, Err(ChangeAvatarError::NotFound)));
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap(), Removal { handled: 1, failures: Vec::new() });
    assert_eq!((env.store.orphaned_pictures(), env.pictures.stored()), (0, Vec::new()));
}

#[tokio::test]
async fn picture_of_a_failed_upload_is_removed_after_its_lease() {
    let env = TestEnvironment::default();
    let id = olena(&env).await.id;
    env.pictures.script([StoreBehaviour::StoresAndFails]);
    change_avatar(&env.ports, id, upload("one")).await.unwrap_err();
    for (minutes, handled) in [(0, 0), (4, 0), (1, 1)] {
        env.clock.advance(Duration::minutes(minutes));
        assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, handled, "after {minutes} more");
    }
    assert!(env.pictures.stored().is_empty());
}
