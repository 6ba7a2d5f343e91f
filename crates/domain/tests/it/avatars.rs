//! Avatars: the database never points to a picture that is not there.

use domain::{
    account::{ChangeAvatarError, change_avatar, remove_avatar},
    picture::PictureError,
};
use testkit::{World, samples};

#[tokio::test]
async fn a_new_avatar_takes_the_place_of_the_old() {
    let world = World::default();
    let id = world.verified("olena@example.com").await.id;
    let first = change_avatar(&world.ports, id, b"picture one".to_vec()).await.unwrap().avatar.unwrap();
    let second = change_avatar(&world.ports, id, b"picture two".to_vec()).await.unwrap().avatar.unwrap();
    assert_ne!(first, second, "a name always means the same bytes");
    assert_eq!(world.pictures.kept(), [second.as_str()]);
    assert_eq!(remove_avatar(&world.ports, id).await.unwrap().avatar, None);
    remove_avatar(&world.ports, id).await.expect("nothing to remove is no error");
    assert!(world.pictures.kept().is_empty());
}

#[tokio::test]
async fn what_fails_leaves_everything_as_it_was() {
    let world = World::default();
    let id = world.verified("olena@example.com").await.id;
    let kept = change_avatar(&world.ports, id, b"picture one".to_vec()).await.unwrap().avatar.unwrap();

    let refused = change_avatar(&world.ports, id, b"<svg/>".to_vec()).await;
    assert!(matches!(refused, Err(ChangeAvatarError::Picture(PictureError::UnsupportedFormat))));
    world.pictures.set_away(true);
    let away = change_avatar(&world.ports, id, b"picture two".to_vec()).await;
    assert!(matches!(away, Err(ChangeAvatarError::PictureStore(_))));
    world.pictures.set_away(false);
    let nobody = change_avatar(&world.ports, samples::user().id, b"picture three".to_vec()).await;
    assert!(matches!(nobody, Err(ChangeAvatarError::NotFound)));
    assert_eq!(world.pictures.kept(), [kept.as_str()]);
}
