//! Uploads and removals with the `cloudinary` crate, against a stand-in with TLS.
//!
//! The URL of the crate is fixed, and the environment redirects it. So the client runs in a process of its own: each test
//! starts this binary again, for [`client`] alone.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::picture::{Picture, PictureKey, PictureStore, PictureStoreError};
use media::{CloudinaryPictures, CloudinarySettings};
use testkit::{
    cloudinary::{CloudinaryAccount, CloudinaryStandIn, UploadAnswer},
    fakes::FrozenClock,
};
use tokio::process::{Child, Command};

const URL: &str = "MEDIA_TEST_CLOUDINARY_URL";
const TASK: &str = "MEDIA_TEST_CLOUDINARY_TASK";
const RIGHT_URL: &str = "cloudinary://123456:the-secret@test-cloud";
const KEY: &str = "avatars/fedcba9876543210";
const JPEG: &[u8] = b"\xFF\xD8 the adapter does not look inside \xFF\xD9";
const TIME_LIMIT: Duration = Duration::from_secs(2);
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The client. An ordinary run has no task for it.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the parent process passes the task in the environment")]
async fn client() {
    let Ok(task) = std::env::var(TASK) else { return };
    let mut settings = CloudinarySettings::parse(&std::env::var(URL).unwrap()).unwrap();
    settings.time_limit = TIME_LIMIT;
    let store = CloudinaryPictures::new(settings, Arc::new(FrozenClock::default()));
    let key = PictureKey::from_stored(KEY.to_owned());
    let (action, expected) = task.split_once(' ').unwrap_or(("put", &task));
    let outcome = match action {
        "contract" => return testkit::contract::picture_store::all(&store).await,
        "discard" => store.discard(&key).await,
        "get" => store.get(&key).await.map(drop),
        _ => store.put(&key, Picture { jpeg: JPEG.to_vec() }).await,
    };
    let text = format!("{:?}", outcome.as_ref().err());
    assert!(!text.contains("the-secret") && !text.contains("123456"), "an error contains the credentials: {text}");
    let found = match outcome {
        Ok(()) => "done",
        Err(PictureStoreError::Unavailable(_)) => "unavailable",
        Err(PictureStoreError::Rejected(_)) => "rejected",
    };
    assert_eq!(found, expected, "{text}");
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

    fn client(&self, url: &str, task: &str) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "cloudinary::client", "--nocapture"]);
        for inherited in ["NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_DIR"] {
            command.env_remove(inherited);
        }
        command
            .env("HTTPS_PROXY", &self.cloudinary.proxy_url)
            .env("SSL_CERT_FILE", self.certificate.path())
            .env(URL, url)
            .env(TASK, task)
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Runs the client, which checks the outcome.
    async fn run(&self, url: &str, task: &str) {
        finish(self.client(url, task), &format!("{task} by {url}")).await;
    }
}

async fn finish(mut client: Child, name: &str) {
    let status = tokio::time::timeout(TEST_TIMEOUT, client.wait()).await.expect("the client ends in time").unwrap();
    assert!(status.success(), "{name}: see the output of the client above");
}

#[tokio::test]
async fn picture_is_stored_and_removed() {
    for answer in [UploadAnswer::Stored, UploadAnswer::StoredInDynamicFolders, UploadAnswer::StoredWithFewFields] {
        let scene = Scene::new(answer).await;
        scene.run(RIGHT_URL, "done").await;
        let file = scene.cloudinary.stored().remove(KEY).unwrap();
        assert_eq!(STANDARD.decode(file.strip_prefix("data:image/jpeg;base64,").unwrap()).unwrap(), JPEG);
        scene.run(RIGHT_URL, "done").await;
        scene.run(RIGHT_URL, "discard done").await;
        assert!(scene.cloudinary.stored().is_empty());
        scene.run(RIGHT_URL, "discard done").await;
        let upload = format!("upload {KEY} and invalidate");
        let destroy = format!("destroy {KEY} and invalidate");
        assert_eq!(scene.cloudinary.requests(), [upload.as_str(), &upload, &destroy, &destroy]);
    }
}

#[tokio::test]
async fn pictures_are_read_by_the_contract() {
    Scene::new(UploadAnswer::Stored).await.run(RIGHT_URL, "contract .").await;
}

#[tokio::test]
async fn picture_that_is_not_delivered_is_an_error() {
    for (status, expected) in [(403, "get rejected"), (420, "get unavailable"), (503, "get unavailable")] {
        let scene = Scene::new(UploadAnswer::Error(status, "an error".to_owned())).await;
        scene.run(RIGHT_URL, expected).await;
        assert_eq!(scene.cloudinary.requests(), [format!("deliver {KEY}")]);
    }
}

#[tokio::test]
async fn wrong_account_is_rejected() {
    let scene = Scene::new(UploadAnswer::Stored).await;
    for url in [
        "cloudinary://123456:another@test-cloud",
        "cloudinary://654321:the-secret@test-cloud",
        "cloudinary://123456:the-secret@another-cloud",
    ] {
        scene.run(url, "rejected").await;
        scene.run(url, "discard rejected").await;
    }
    assert!(scene.cloudinary.stored().is_empty());
}

#[tokio::test]
async fn error_is_classified_by_its_message() {
    let table = [
        (400, "Invalid image file", "rejected"),
        (401, "Unknown API key 123456 with the-secret", "rejected"),
        (403, "Your account is disabled", "rejected"),
        (420, "Rate Limit Exceeded. Limit of 500 api operations reached.", "unavailable"),
        (500, "General Error", "unavailable"),
        (503, "Service temporarily overloaded", "unavailable"),
    ];
    for (status, message, expected) in table {
        let scene = Scene::new(UploadAnswer::Error(status, message.to_owned())).await;
        scene.run(RIGHT_URL, expected).await;
        assert!(scene.cloudinary.stored().is_empty());
    }
}

#[tokio::test]
async fn picture_under_another_name_is_rejected() {
    let scene = Scene::new(UploadAnswer::StoredElsewhere).await;
    scene.run(RIGHT_URL, "rejected").await;
}

#[tokio::test]
async fn unconfirmed_upload_is_unavailable_and_can_be_discarded() {
    for answer in [
        UploadAnswer::StoredThenGarbage(502),
        UploadAnswer::StoredThenGarbage(200),
        UploadAnswer::StoredThenHangUp,
        UploadAnswer::StoredThenSilence(TEST_TIMEOUT),
    ] {
        let name = format!("{answer:?}");
        let scene = Scene::new(answer).await;
        scene.run(RIGHT_URL, "unavailable").await;
        assert_eq!(scene.cloudinary.stored().len(), 1, "{name}: it is stored nevertheless");
        scene.run(RIGHT_URL, "discard done").await;
        assert!(scene.cloudinary.stored().is_empty(), "{name}: the picture is still stored");
    }
}

#[tokio::test]
async fn unknown_certificate_authority_is_rejected() {
    let scene = Scene::new(UploadAnswer::Stored).await;
    let other = Scene::new(UploadAnswer::Stored).await;
    std::fs::write(scene.certificate.path(), &other.cloudinary.certificate_pem).unwrap();
    scene.run(RIGHT_URL, "unavailable").await;
    scene.run(RIGHT_URL, "discard unavailable").await;
    assert!(scene.cloudinary.requests().is_empty(), "nothing was sent");
}
