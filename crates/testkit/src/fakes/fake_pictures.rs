//! Processor and store of pictures in memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::Duration;
use domain::{
    ids::UserId,
    picture::{
        Picture, PictureError, PictureKey, PictureProcessor, PictureStore, PictureStoreError, limits::MAX_STORED_BYTES,
    },
};

use super::FrozenClock;
use crate::memory::OpenUnits;

/// Accepts every upload that begins with `picture`; stores pictures in memory.
#[derive(Default)]
pub struct FakePictures {
    open_units: OpenUnits,
    stored: Mutex<BTreeMap<String, Picture>>,
    unavailable: Mutex<bool>,
    script: Mutex<VecDeque<StoreBehaviour>>,
    delay: Mutex<Option<(Duration, Arc<FrozenClock>)>>,
    gate: tokio::sync::Notify,
}

/// Behaviour of [`FakePictures`] for the next picture.
pub enum StoreBehaviour {
    /// Stores it and reports an error.
    StoresAndFails,
    /// Stores it and never returns.
    StoresAndHangs,
    /// Never returns.
    Hangs,
    /// Stores it only after the delay of [`FakePictures::delay_by`].
    ArrivesLate,
    /// Like `ArrivesLate`, and never returns.
    ArrivesLateAndHangs,
}

impl FakePictures {
    /// Creates a fake that panics while a unit of that store is open.
    #[must_use]
    pub fn new(open_units: OpenUnits) -> Self {
        Self { open_units, ..Self::default() }
    }

    /// Returns the keys of the stored pictures.
    pub fn stored(&self) -> Vec<String> {
        self.stored.lock().unwrap().keys().cloned().collect()
    }

    /// Advances the clock by `time` while the next picture is being stored, and blocks it until
    /// [`FakePictures::release`].
    pub fn delay_by(&self, time: Duration, clock: Arc<FrozenClock>) {
        *self.delay.lock().unwrap() = Some((time, clock));
    }

    /// Unblocks the delayed picture.
    pub fn release(&self) {
        self.gate.notify_one();
    }

    /// Sets the behaviour for the next pictures, one for each. Later pictures are stored.
    pub fn script(&self, next: impl IntoIterator<Item = StoreBehaviour>) {
        self.script.lock().unwrap().extend(next);
    }

    /// Makes the store unavailable, or available again.
    pub fn set_unavailable(&self, unavailable: bool) {
        *self.unavailable.lock().unwrap() = unavailable;
    }
}

#[async_trait]
impl PictureProcessor for FakePictures {
    async fn square(&self, _owner: UserId, upload: Vec<u8>) -> Result<Picture, PictureError> {
        self.open_units.assert_none("processing a picture");
        if upload.starts_with(b"picture") { Ok(Picture { jpeg: upload }) } else { Err(PictureError::UnsupportedFormat) }
    }
}

#[async_trait]
impl PictureStore for FakePictures {
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError> {
        self.open_units.assert_none("storing a picture");
        if *self.unavailable.lock().unwrap() {
            return Err(PictureStoreError::Unavailable("unavailable".into()));
        }
        let next = self.script.lock().unwrap().pop_front();
        let store = |picture| self.stored.lock().unwrap().insert(key.as_str().to_owned(), picture);
        let (now, late) = match next {
            Some(StoreBehaviour::Hangs) => (None, None),
            Some(StoreBehaviour::ArrivesLate | StoreBehaviour::ArrivesLateAndHangs) => (None, Some(picture)),
            _ => (Some(picture), None),
        };
        now.map(store);
        let delay = self.delay.lock().unwrap().take();
        if let Some((time, clock)) = delay {
            clock.advance(time);
            self.gate.notified().await;
        }
        late.map(store);
        match next {
            None | Some(StoreBehaviour::ArrivesLate) => Ok(()),
            Some(StoreBehaviour::StoresAndFails) => Err(PictureStoreError::Unavailable("connection lost".into())),
            Some(StoreBehaviour::StoresAndHangs | StoreBehaviour::ArrivesLateAndHangs | StoreBehaviour::Hangs) => {
                std::future::pending().await
            }
        }
    }

    async fn get(&self, key: &PictureKey) -> Result<Option<Vec<u8>>, PictureStoreError> {
        self.open_units.assert_none("reading a picture");
        if *self.unavailable.lock().unwrap() {
            return Err(PictureStoreError::Unavailable("unavailable".into()));
        }
        match self.stored.lock().unwrap().get(key.as_str()) {
            Some(picture) if picture.jpeg.len() > MAX_STORED_BYTES => {
                Err(PictureStoreError::Rejected("the picture is too large".into()))
            }
            picture => Ok(picture.map(|picture| picture.jpeg.clone())),
        }
    }

    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError> {
        self.open_units.assert_none("removing a picture");
        if *self.unavailable.lock().unwrap() {
            return Err(PictureStoreError::Unavailable("unavailable".into()));
        }
        self.stored.lock().unwrap().remove(key.as_str());
        Ok(())
    }

    fn url(&self, key: &PictureKey) -> String {
        format!("https://pictures.example/{}.jpg", key.as_str())
    }
}
