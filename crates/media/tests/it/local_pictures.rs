//! Pictures in a folder.

use std::{fs, path::Path, time::Duration};

use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError};
use media::{LocalPictures, LocalPicturesSettings};
use tempfile::TempDir;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);

fn store(root: &Path, public_url: &str) -> LocalPictures {
    LocalPictures::new(LocalPicturesSettings { folder: root.join("data/media"), public_url: public_url.to_owned() })
}

fn picture(bytes: &[u8]) -> Picture {
    Picture { jpeg: bytes.to_vec() }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn picture_is_stored_under_its_name_and_removed() {
    let root = TempDir::new().unwrap();
    let store = store(root.path(), "http://localhost:8000");
    let key = PictureKey::avatar(ID);
    store.put(&key, picture(b"first")).await.unwrap();

    let name = "01920000000070008000000000000001.jpg";
    let avatars = store.folder().join("avatars");
    assert_eq!(files(&avatars), [name], "and no temporary file");
    assert_eq!(fs::read(avatars.join(name)).unwrap(), b"first");

    store.put(&key, picture(b"second")).await.unwrap();
    assert_eq!(fs::read(avatars.join(name)).unwrap(), b"second");
    assert_eq!(files(&avatars), [name]);

    store.discard(&key).await.unwrap();
    assert!(files(&avatars).is_empty());
    store.discard(&key).await.expect("no error for a missing picture");
}

#[tokio::test]
async fn pictures_are_read_by_the_contract() {
    let root = TempDir::new().unwrap();
    testkit::contract::picture_store::all(&store(root.path(), "http://localhost:8000")).await;
}

#[tokio::test]
async fn only_orphaned_parts_are_removed() {
    let root = TempDir::new().unwrap();
    let store = store(root.path(), "http://localhost:8000");
    assert_eq!(store.tidy().await.unwrap(), 0, "no folder yet");
    let key = PictureKey::photo(ID);
    store.put(&key, picture(b"picture")).await.unwrap();
    let photos = store.folder().join("photos");
    let aged = |name: &str, hours: u64| {
        let file = fs::File::create(photos.join(name)).unwrap();
        let written = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(3600 * hours + 60);
        file.set_modified(written).unwrap();
    };
    aged(".old.part", 1);
    aged(".young.part", 0);
    aged("old.part", 1);
    aged(".old", 1);
    assert_eq!(store.tidy().await.unwrap(), 1);
    let left = [".old", ".young.part", "01920000000070008000000000000001.jpg", "old.part"];
    assert_eq!(files(&photos), left);
}

#[cfg(unix)]
#[tokio::test]
async fn stored_picture_is_readable_by_a_web_server() {
    use std::os::unix::fs::PermissionsExt;
    let root = TempDir::new().unwrap();
    let store = store(root.path(), "http://localhost:8000");
    store.put(&PictureKey::from_stored("a".to_owned()), picture(b"picture")).await.unwrap();
    let mode = fs::metadata(store.folder().join("a.jpg")).unwrap().permissions().mode();
    // The umask of the user may remove more, but not the rights of the owner.
    assert_eq!(mode & 0o777 & !0o044, 0o600);
    let control = root.path().join("control");
    fs::write(&control, b"").unwrap();
    assert_eq!(mode & 0o044, fs::metadata(&control).unwrap().permissions().mode() & 0o044);
}

#[test]
fn url_begins_with_the_public_url() {
    for public_url in ["https://contacts.example", "https://contacts.example/"] {
        let store = store(Path::new("/nowhere"), public_url);
        assert_eq!(
            store.url(&PictureKey::avatar(ID)),
            "https://contacts.example/media/avatars/01920000000070008000000000000001.jpg"
        );
    }
}

#[tokio::test]
async fn keys_outside_the_folder_are_rejected() {
    let root = TempDir::new().unwrap();
    let store = store(root.path(), "http://localhost:8000");
    let outside = root.path().join("victim.jpg");
    fs::write(&outside, b"untouched").unwrap();
    let absolute = root.path().join("victim").to_string_lossy().into_owned();
    for name in
        ["../../victim", "avatars/../../../victim", &absolute, "", "/", "a//b", "a/", "a\0b", "a.b", "A", "а", "a\\b"]
    {
        let key = PictureKey::from_stored(name.to_owned());
        let outcome = store.put(&key, picture(b"evil")).await;
        assert!(matches!(outcome, Err(PictureStoreError::Rejected(_))), "{name:?}: {outcome:?}");
        let outcome = store.discard(&key).await;
        assert!(matches!(outcome, Err(PictureStoreError::Rejected(_))), "{name:?}: {outcome:?}");
        let outcome = store.get(&key).await;
        assert!(matches!(outcome, Err(PictureStoreError::Rejected(_))), "{name:?}: {outcome:?}");
    }
    assert_eq!(fs::read(&outside).unwrap(), b"untouched");
    assert!(!store.folder().exists());
}

#[tokio::test]
async fn failed_write_leaves_no_file() {
    let root = TempDir::new().unwrap();
    let store = store(root.path(), "http://localhost:8000");
    let key = PictureKey::avatar(ID);
    let target = store.folder().join("avatars/01920000000070008000000000000001.jpg");
    // A folder with the name of the picture, so that the rename fails.
    fs::create_dir_all(&target).unwrap();
    let outcome = store.put(&key, picture(b"picture")).await;
    assert!(matches!(outcome, Err(PictureStoreError::Unavailable(_))), "{outcome:?}");
    assert_eq!(files(&store.folder().join("avatars")).len(), 1, "only the folder that was there");
    let outcome = store.discard(&key).await;
    assert!(matches!(outcome, Err(PictureStoreError::Unavailable(_))), "{outcome:?}");

    fs::remove_dir_all(store.folder()).unwrap();
    fs::write(store.folder(), b"a file where the folder should be").unwrap();
    let outcome = store.put(&key, picture(b"picture")).await;
    assert!(matches!(outcome, Err(PictureStoreError::Unavailable(_))), "{outcome:?}");
}
