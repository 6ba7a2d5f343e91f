//! Fuzz target of uploads: see `crates/fuzz`.

use std::{
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use domain::picture::{PictureError, PictureProcessor as _};
use media::{SquarePictures, SquarePicturesSettings};

use crate::samples::USER;

/// Number of panics in the threads that convert pictures. The processor answers them as a damaged picture.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name().is_some_and(|name| name == "pictures") {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        before(info);
    }));
}

/// An upload of any bytes is rejected, or becomes a square.
#[test]
fn picture() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let processor = SquarePictures::new(SquarePicturesSettings::default()).unwrap();
    count_panics();
    fuzz::check!("picture", 300, |upload: &[u8]| {
        let panics = PANICS.load(Ordering::SeqCst);
        match runtime.block_on(processor.square(USER, upload.to_vec())) {
            Ok(picture) => {
                let picture = image::load_from_memory(&picture.jpeg).unwrap();
                assert_eq!((picture.width(), picture.height()), (512, 512));
            }
            Err(error) => assert!(!matches!(error, PictureError::Failed(_) | PictureError::Overloaded), "{error:?}"),
        }
        assert_eq!(PANICS.load(Ordering::SeqCst), panics, "a decoder panicked");
    });
}
