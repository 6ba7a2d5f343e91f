//! Photos of cards that are rejected, or that another request changes meanwhile.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use domain::{
    Policy, Ports,
    contact::{Expected, card_resource::PutContact},
    ids::UserId,
    picture::{Picture, PictureError, PictureProcessor},
    use_cases::{
        background::remove_orphaned_pictures, card_resource::PutCardError, contact::change_photo,
        steps::StoreUploadError,
    },
};
use testkit::TestEnvironment;

use super::{ANY, contact_of, found, put, sent};
use crate::pictures::{left, olena, upload};

fn with_photo(of: &str) -> PutContact {
    PutContact { photo: Some(upload(of)), ..sent("Леся") }
}

/// Processor that converts no picture.
struct FailingProcessor(fn() -> PictureError);

#[async_trait]
impl PictureProcessor for FailingProcessor {
    async fn square(&self, _: UserId, _: Vec<u8>) -> Result<Picture, PictureError> {
        Err((self.0)())
    }
}

#[tokio::test]
async fn card_is_rejected_while_its_picture_cannot_be_processed() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let errors: [fn() -> PictureError; 2] =
        [|| PictureError::Overloaded, || PictureError::Failed("out of memory".into())];
    for error in errors {
        let ports = Ports { picture_processor: Arc::new(FailingProcessor(error)), ..env.ports.clone() };
        let rejected = put(&ports, &owner, "a.vcf", &ANY, with_photo("one")).await;
        let is_rejected = matches!(&rejected, Err(PutCardError::Picture(StoreUploadError::Picture(_))));
        assert!(is_rejected, "{rejected:?}");
        assert_eq!(found(&env.ports, &owner, "a.vcf").await, None);
    }
}

#[tokio::test]
async fn photo_of_a_rejected_card_is_removed_at_once() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let ports = Ports { policy: Policy { contact_limit: 0, ..Policy::default() }, ..env.ports.clone() };
    let rejected = put(&ports, &owner, "a.vcf", &ANY, with_photo("one")).await;
    assert!(matches!(rejected, Err(PutCardError::LimitReached { limit: 0 })), "{rejected:?}");
    assert_eq!(env.pictures.stored().len(), 1);
    assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, 1);
    assert_eq!((env.store.orphaned_pictures(), env.pictures.stored()), (0, Vec::new()));
}

#[tokio::test]
async fn photo_of_a_card_that_may_be_stored_is_removed_after_its_lease() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    // The first commit records the upload. The outcome of the second one may be unknown.
    env.store.fail_commit_after(1);
    let failed = put(&env.ports, &owner, "a.vcf", &ANY, with_photo("one")).await;
    assert!(matches!(failed, Err(PutCardError::Store(_))), "{failed:?}");
    for (minutes, handled) in [(0, 0), (4, 0), (1, 1)] {
        env.clock.advance(Duration::minutes(minutes));
        assert_eq!(remove_orphaned_pictures(&env.ports).await.unwrap().handled, handled, "after {minutes} more");
    }
    assert_eq!(env.pictures.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn photo_is_compared_again_with_that_of_another_request() {
    // Picture of the other request, and true when its photo remains because both are equal.
    for (other, remains) in [("one", true), ("two", false)] {
        let env = TestEnvironment::default();
        let owner = olena(&env).await;
        let id = contact_of(&put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap()).id;
        // Storing the photo blocks after it was compared.
        env.pictures.delay_by(Duration::zero(), env.clock.clone());
        let sending = async { put(&env.ports, &owner, "a.vcf", &ANY, with_photo("one")).await.unwrap() };
        let changing = async {
            while env.pictures.stored().is_empty() {
                tokio::task::yield_now().await;
            }
            let changed = change_photo(&env.ports, owner.id, id, &Expected::Any, upload(other)).await.unwrap();
            env.pictures.release();
            changed.photo
        };
        let (stored, of_other) = tokio::join!(sending, changing);
        let photo = contact_of(&stored).photo.clone();
        assert_eq!(photo == of_other, remains, "{other}");
        assert_eq!(left(&env).await, [photo.unwrap().as_str()], "{other}");
    }
}
