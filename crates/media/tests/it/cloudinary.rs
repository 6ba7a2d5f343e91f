//! Uploads and removals over the `cloudinary` crate as it is shipped, against a stand-in behind TLS.
//!
//! The crate's address is fixed and the environment leads it elsewhere, so the client runs in a process of its
//! own: each test starts this binary anew for [`client`] alone.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError};
use media::{CloudinaryPictures, CloudinarySettings};
use testkit::{
    cloudinary::{CloudinaryAccount, CloudinaryStandIn, UploadAnswer},
    fakes::FrozenClock,
};
use tokio::process::{Child, Command};

const ADDRESS: &str = "MEDIA_TEST_CLOUDINARY_ADDRESS";
const DEED: &str = "MEDIA_TEST_CLOUDINARY_DEED";
const RIGHT_ADDRESS: &str = "cloudinary://123456:the-secret@test-cloud";
const KEY: &str = "avatars/fedcba9876543210";
const JPEG: &[u8] = b"\xFF\xD8 the adapter does not look inside \xFF\xD9";
const TIME_LIMIT: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);

/// The client's part. In an ordinary run there is no deed and nothing to do.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the environment is how the parent process speaks to this one")]
async fn client() {
    let Ok(deed) = std::env::var(DEED) else { return };
    let mut settings = CloudinarySettings::parse(&std::env::var(ADDRESS).unwrap()).unwrap();
    settings.time_limit = TIME_LIMIT;
    let store = CloudinaryPictures::new(settings, Arc::new(FrozenClock::default()));
    let key = PictureKey::from_stored(KEY.to_owned());
    let (deed, outcome) = match deed.strip_prefix("discard ") {
        Some(expected) => (expected.to_owned(), store.discard(&key).await),
        None => (deed, store.put(&key, Picture { jpeg: JPEG.to_vec() }).await),
    };
    let text = format!("{:?}", outcome.as_ref().err());
    assert!(!text.contains("the-secret") && !text.contains("123456"), "an error names the account: {text}");
    let found = match outcome {
        Ok(()) => "done",
        Err(PictureStoreError::Unavailable(_)) => "unavailable",
        Err(PictureStoreError::Refused(_)) => "refused",
    };
    assert_eq!(found, deed, "{text}");
}

struct Scene {
    cloudinary: CloudinaryStandIn,
    certificate: tempfile::NamedTempFile,
}

impl Scene {
    async fn new(answer: UploadAnswer) -> Self {
        let account = CloudinaryAccount {
            cloud_name: "test-cloud".to_owned(),
            api_key: "123456".to_owned(),
            api_secret: "the-secret".to_owned(),
        };
        let cloudinary = CloudinaryStandIn::start(account, answer).await;
        let certificate = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(certificate.path(), &cloudinary.certificate_pem).unwrap();
        Self { cloudinary, certificate }
    }

    fn client(&self, address: &str, deed: &str) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "cloudinary::client", "--nocapture"]);
        for inherited in ["NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_DIR"] {
            command.env_remove(inherited);
        }
        command
            .env("HTTPS_PROXY", &self.cloudinary.proxy_url)
            .env("SSL_CERT_FILE", self.certificate.path())
            .env(ADDRESS, address)
            .env(DEED, deed)
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// The client must find what is expected.
    async fn run(&self, address: &str, deed: &str) {
        finish(self.client(address, deed), &format!("{deed} by {address}")).await;
    }
}

async fn finish(mut client: Child, name: &str) {
    let status = tokio::time::timeout(PATIENCE, client.wait()).await.expect("the client ends in time").unwrap();
    assert!(status.success(), "{name}: see the client's output above");
}

#[tokio::test]
async fn keeps_and_removes() {
    for answer in [UploadAnswer::Kept, UploadAnswer::KeptInDynamicFolders, UploadAnswer::KeptWithFewFields] {
        let scene = Scene::new(answer).await;
        scene.run(RIGHT_ADDRESS, "done").await;
        let file = scene.cloudinary.stored().remove(KEY).unwrap();
        assert_eq!(STANDARD.decode(file.strip_prefix("data:image/jpeg;base64,").unwrap()).unwrap(), JPEG);
        scene.run(RIGHT_ADDRESS, "done").await;
        scene.run(RIGHT_ADDRESS, "discard done").await;
        assert!(scene.cloudinary.stored().is_empty());
        scene.run(RIGHT_ADDRESS, "discard done").await;
        let upload = format!("upload {KEY} and invalidate");
        let destroy = format!("destroy {KEY} and invalidate");
        assert_eq!(scene.cloudinary.requests(), [upload.as_str(), &upload, &destroy, &destroy]);
    }
}

#[tokio::test]
async fn a_wrong_account_is_refused() {
    let scene = Scene::new(UploadAnswer::Kept).await;
    for address in [
        "cloudinary://123456:another@test-cloud",
        "cloudinary://654321:the-secret@test-cloud",
        "cloudinary://123456:the-secret@another-cloud",
    ] {
        scene.run(address, "refused").await;
        scene.run(address, "discard refused").await;
    }
    assert!(scene.cloudinary.stored().is_empty());
}

#[tokio::test]
async fn an_error_is_sorted_by_what_it_says() {
    let table = [
        (400, "Invalid image file", "refused"),
        (401, "Unknown API key 123456 with the-secret", "refused"),
        (403, "Your account is disabled", "refused"),
        (420, "Rate Limit Exceeded. Limit of 500 api operations reached.", "unavailable"),
        (500, "General Error", "unavailable"),
        (503, "Service temporarily overloaded", "unavailable"),
    ];
    for (status, message, expected) in table {
        let scene = Scene::new(UploadAnswer::Error(status, message.to_owned())).await;
        scene.run(RIGHT_ADDRESS, expected).await;
        assert!(scene.cloudinary.stored().is_empty());
    }
}

#[tokio::test]
async fn another_name_than_asked_for_is_refused() {
    let scene = Scene::new(UploadAnswer::KeptElsewhere).await;
    scene.run(RIGHT_ADDRESS, "refused").await;
}

#[tokio::test]
async fn an_upload_in_doubt_is_unavailable_and_can_be_discarded() {
    for answer in [
        UploadAnswer::KeptThenGarbage(502),
        UploadAnswer::KeptThenGarbage(200),
        UploadAnswer::KeptThenHangUp,
        UploadAnswer::KeptThenSilence(PATIENCE),
    ] {
        let name = format!("{answer:?}");
        let scene = Scene::new(answer).await;
        scene.run(RIGHT_ADDRESS, "unavailable").await;
        assert_eq!(scene.cloudinary.stored().len(), 1, "{name}: it is kept for all that");
        scene.run(RIGHT_ADDRESS, "discard done").await;
        assert!(scene.cloudinary.stored().is_empty(), "{name}: the picture stays");
    }
}

#[tokio::test]
async fn a_certificate_of_a_stranger_is_not_trusted() {
    let scene = Scene::new(UploadAnswer::Kept).await;
    let stranger = Scene::new(UploadAnswer::Kept).await;
    std::fs::write(scene.certificate.path(), &stranger.cloudinary.certificate_pem).unwrap();
    scene.run(RIGHT_ADDRESS, "unavailable").await;
    scene.run(RIGHT_ADDRESS, "discard unavailable").await;
    assert!(scene.cloudinary.requests().is_empty(), "nothing was sent");
}
