//! Pictures that are stored, read and removed. Each test crate of a store runs all cases.

use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError, limits::MAX_STORED_BYTES};
use uuid::Uuid;

fn key(number: u128) -> PictureKey {
    PictureKey::photo(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number))
}

pub async fn stored_picture_is_read(store: &dyn PictureStore) {
    for jpeg in [b"picture 1".to_vec(), b"picture 2".to_vec(), vec![7; MAX_STORED_BYTES]] {
        store.put(&key(1), Picture { jpeg: jpeg.clone() }).await.unwrap();
        assert!(store.get(&key(1)).await.unwrap() == Some(jpeg));
    }
}

pub async fn picture_that_is_not_stored_is_none(store: &dyn PictureStore) {
    assert!(store.get(&key(2)).await.unwrap().is_none());
    store.put(&key(2), Picture { jpeg: b"picture".to_vec() }).await.unwrap();
    store.discard(&key(2)).await.unwrap();
    assert!(store.get(&key(2)).await.unwrap().is_none());
}

pub async fn larger_picture_is_rejected(store: &dyn PictureStore) {
    store.put(&key(3), Picture { jpeg: vec![7; MAX_STORED_BYTES + 1] }).await.unwrap();
    assert!(matches!(store.get(&key(3)).await, Err(PictureStoreError::Rejected(_))));
}

/// Runs all cases on a store.
pub async fn all(store: &dyn PictureStore) {
    stored_picture_is_read(store).await;
    picture_that_is_not_stored_is_none(store).await;
    larger_picture_is_rejected(store).await;
}
