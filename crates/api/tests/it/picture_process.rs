//! Pictures of the binary: killed at any moment, and over Cloudinary.

use std::{fs, path::PathBuf, time::Duration};

use image::ImageFormat;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use testkit::{
    cloudinary::{CloudinaryAccount, CloudinaryStandIn, UploadAnswer},
    database,
    postgres::FreshDatabase,
    sqlite,
};

use crate::{
    pictures::{encoded, file},
    process::Process,
};

/// A user of a process.
struct User {
    client: Client,
    token: String,
    picture: Vec<u8>,
}

impl User {
    async fn register_and_sign_in(process: &Process, folder: &TempDir) -> Self {
        let token = process.register_and_sign_in(folder, "olena@example.com").await;
        Self { client: Client::new(), token, picture: encoded(400, 300, ImageFormat::Png) }
    }

    async fn send(&self, process: &Process, method: Method, path: &str) -> reqwest::Result<(StatusCode, Value)> {
        let mut request =
            self.client.request(method.clone(), format!("{}{path}", process.base)).bearer_auth(&self.token);
        if method == Method::PUT {
            request = request.multipart(file(self.picture.clone()));
        }
        let answer = request.send().await?;
        Ok((answer.status(), answer.json().await.unwrap_or_default()))
    }
}

fn pictures(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path().join("data/media/avatars")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "jpg")).collect()
}

#[actix_web::test]
async fn killed_upload_loses_and_orphans_no_picture_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    kill_during_picture_changes(&folder, &database).await;
}

#[actix_web::test]
async fn killed_upload_loses_and_orphans_no_picture_on_postgres() {
    let (folder, database) = (tempfile::tempdir().unwrap(), FreshDatabase::create().await);
    kill_during_picture_changes(&folder, &database.url).await;
    database.remove().await;
}

async fn kill_during_picture_changes(folder: &TempDir, database: &str) {
    // The same URL each time, because tokens belong to one URL.
    let variables = [("PUBLIC_URL", "http://localhost:8000"), ("DATABASE_URL", database)];
    let start = || Process::start_with(folder, "log", &variables);
    let mut process = start().await;
    let user = User::register_and_sign_in(&process, folder).await;
    for round in 0..6_u64 {
        let (status, answer) = user.send(&process, Method::PUT, "/api/me/avatar").await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        // Each round kills the process a little later in an upload.
        let moment = tokio::time::sleep(Duration::from_millis(2 + 23 * round));
        let changing = async { while user.send(&process, Method::PUT, "/api/me/avatar").await.is_ok() {} };
        tokio::select! {
            () = moment => {}
            () = changing => panic!("the service ended by itself"),
        }
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        process = start().await;
        let (_, me) = user.send(&process, Method::GET, "/api/me").await.unwrap();
        let url = me["avatar_url"].as_str().unwrap_or_else(|| panic!("round {round}: {me}"));
        let (_, name) = url.split_once("/media/").unwrap();
        let picture = reqwest::get(format!("{}/media/{name}", process.base)).await.unwrap();
        assert_eq!(picture.status(), StatusCode::OK, "round {round}: the avatar is not there");
        image::load_from_memory(&picture.bytes().await.unwrap()).unwrap();
        // Five minutes later.
        database::execute(database, "UPDATE orphaned_pictures SET due_at = '2020-01-01T00:00:00+00:00'").await;
        for tries in 0.. {
            if pictures(folder).len() == 1 {
                break;
            }
            assert!(tries < 200, "round {round}: {:?} are left, {me}", pictures(folder));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The binary over a stand-in for Cloudinary.
struct Scene {
    cloudinary: CloudinaryStandIn,
    folder: TempDir,
    process: Process,
    user: User,
}

impl Scene {
    async fn new(secret: &str, answer: UploadAnswer) -> Self {
        let account = CloudinaryAccount {
            cloud_name: "test-cloud".to_owned(),
            api_key: "123456".to_owned(),
            api_secret: "the-secret".to_owned(),
        };
        let cloudinary = CloudinaryStandIn::start(account, answer).await;
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("authority.pem");
        fs::write(&certificate, &cloudinary.certificate_pem).unwrap();
        let url = format!("cloudinary://123456:{secret}@test-cloud");
        let variables = [
            ("CLOUDINARY_URL", url.as_str()),
            ("HTTPS_PROXY", &cloudinary.proxy_url),
            ("SSL_CERT_FILE", certificate.to_str().unwrap()),
        ];
        let process = Process::start_with(&folder, "log", &variables).await;
        let user = User::register_and_sign_in(&process, &folder).await;
        Self { cloudinary, folder, process, user }
    }

    async fn send(&self, method: Method, path: &str) -> (StatusCode, Value) {
        self.user.send(&self.process, method, path).await.unwrap()
    }

    /// Checks that an upload fails with a code and changes nothing.
    async fn fails(&self, status: StatusCode, code: &str) {
        let (found, problem) = self.send(Method::PUT, "/api/me/avatar").await;
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(self.send(Method::GET, "/api/me").await.1["avatar_url"], Value::Null);
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        assert!(!log.contains("the-secret") && !problem.to_string().contains("loudinary"), "{problem}");
    }

    async fn assert_stored(&self, number: usize) {
        for _ in 0..200 {
            if self.cloudinary.stored().len() == number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{:?} are stored, and not {number}", self.cloudinary.stored().keys());
    }
}

#[actix_web::test]
async fn cloudinary_stores_and_removes_pictures() {
    let scene = Scene::new("the-secret", UploadAnswer::Stored).await;
    let (status, user) = scene.send(Method::PUT, "/api/me/avatar").await;
    assert_eq!(status, StatusCode::OK, "{user}");
    let first = scene.cloudinary.stored().into_keys().next().unwrap();
    assert!(user["avatar_url"].as_str().unwrap().ends_with(&format!("/{first}.jpg")), "{user}");
    assert_eq!(scene.send(Method::PUT, "/api/me/avatar").await.0, StatusCode::OK);
    scene.assert_stored(1).await;
    assert_ne!(scene.cloudinary.stored().into_keys().next().unwrap(), first, "the old one was removed");
    assert_eq!(scene.send(Method::DELETE, "/api/me/avatar").await.0, StatusCode::NO_CONTENT);
    scene.assert_stored(0).await;
}

#[actix_web::test]
async fn cloudinary_rejection_is_a_bad_gateway() {
    let scene = Scene::new("another-secret", UploadAnswer::Stored).await;
    scene.fails(StatusCode::BAD_GATEWAY, "picture-store-refused").await;
    scene.assert_stored(0).await;
}

#[actix_web::test]
async fn failed_cloudinary_upload_is_unavailable_and_removed_later() {
    let scene = Scene::new("the-secret", UploadAnswer::StoredThenGarbage(502)).await;
    scene.fails(StatusCode::SERVICE_UNAVAILABLE, "picture-store-unavailable").await;
    scene.assert_stored(1).await;
    // Five minutes later.
    let database = scene.folder.path().join("data/contacts.db");
    sqlite::execute(&database, "UPDATE orphaned_pictures SET due_at = '2020-01-01T00:00:00+00:00'").await;
    scene.assert_stored(0).await;
}

#[actix_web::test]
async fn silent_cloudinary_is_reported_as_unavailable() {
    let scene = Scene::new("the-secret", UploadAnswer::StoredThenSilence(Duration::from_secs(120))).await;
    scene.fails(StatusCode::SERVICE_UNAVAILABLE, "picture-store-unavailable").await;
}
