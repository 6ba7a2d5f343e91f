//! Avatars and photos in the local folder.

use std::{io::Cursor, path::PathBuf, time::Duration};

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage};
use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::service::{Answer, PASSWORD, Person, Service, on_both};

on_both!(
    avatar_is_stored_served_and_removed,
    photo_change_increments_the_contact_version,
    photo_of_another_user_is_not_found,
    media_route_serves_only_pictures,
    account_deletion_removes_every_picture,
);

pub(crate) fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(width, height, Rgb([200, 30, 30]));
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Png)
}

pub(crate) async fn upload(person: &Person<'_>, path: &str, form: Form) -> Answer {
    Answer::of(person.request(Method::PUT, path).multipart(form).send().await.unwrap()).await
}

pub(crate) fn file(bytes: Vec<u8>) -> Form {
    Form::new().part("file", Part::bytes(bytes).file_name("me.txt"))
}

/// The path of the URL of a picture.
pub(crate) fn path_of(url: &Value) -> String {
    url.as_str().unwrap().strip_prefix("http://localhost:8000").unwrap().to_owned()
}

fn files(service: &Service) -> Vec<PathBuf> {
    let folders = ["avatars", "photos"].map(|name| service.data_folder().join("media").join(name));
    let entries = folders.into_iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten());
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Waits until the folder has a number of pictures.
pub(crate) async fn left(service: &Service, number: usize) {
    for _ in 0..200 {
        if files(service).len() == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?} are left, and not {number}", files(service));
}

async fn avatar_is_stored_served_and_removed(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let user = upload(&olena, "/api/me/avatar", file(png(300, 200))).await.expect(StatusCode::OK).json;
    let url = user["avatar_url"].clone();
    let path = path_of(&url);
    let response = service.request(Method::GET, &path).send().await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type"), header("x-content-type-options")),
        ("image/jpeg".to_owned(), "nosniff".to_owned())
    );
    let forever = "public, max-age=31536000, immutable";
    assert_eq!(header("cache-control"), forever);
    let tag = header("etag");
    let picture = image::load_from_memory(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(picture.dimensions(), (512, 512));
    let again = service.request(Method::GET, &path).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(
        (again.status(), again.headers()["cache-control"].to_str().unwrap()),
        (StatusCode::NOT_MODIFIED, forever)
    );

    let second = upload(&olena, "/api/me/avatar", file(png(10, 10))).await.expect(StatusCode::OK).json;
    assert_ne!(second["avatar_url"], url);
    left(&service, 1).await;
    service.get(&path).await.expect_problem(404, "not-found");
    service.get(&path_of(&second["avatar_url"])).await.expect(StatusCode::OK);
    olena.send(Method::DELETE, "/api/me/avatar").await.expect(StatusCode::NO_CONTENT);
    olena.send(Method::DELETE, "/api/me/avatar").await.expect(StatusCode::NO_CONTENT);
    assert_eq!(olena.get("/api/me").await.json["avatar_url"], Value::Null);
    left(&service, 0).await;
    service.end().await;
}

async fn photo_change_increments_the_contact_version(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact = olena.add(&json!({"first_name": "Леся"})).await;
    let path = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    let photo = format!("{path}/photo");
    let given = upload(&olena, &photo, file(png(300, 200))).await.expect(StatusCode::OK);
    assert_eq!((given.header("etag"), &given.json["first_name"]), ("\"2\"", &contact["first_name"]));
    assert!(given.json["updated_at"].as_str() > contact["updated_at"].as_str());
    assert_eq!(olena.get(&path).await.json, given.json);
    let url = path_of(&given.json["photo_url"]);
    assert!(url.starts_with("/media/photos/"), "{url}");
    service.get(&url).await.expect(StatusCode::OK);
    assert_eq!(olena.get("/api/contacts").await.json["items"][0]["photo_url"], given.json["photo_url"]);

    let conditional = async |method: Method, tag: &'static str| {
        let request = olena.request(method, &photo).header("if-match", tag).multipart(file(png(10, 10)));
        Answer::of(request.send().await.unwrap()).await
    };
    conditional(Method::PUT, "\"1\"").await.expect_problem(412, "contact-changed");
    conditional(Method::DELETE, "\"1\"").await.expect_problem(412, "contact-changed");
    let second = conditional(Method::PUT, "\"2\"").await.expect(StatusCode::OK);
    assert_eq!(second.header("etag"), "\"3\"");
    let edited = olena.send_json(Method::PUT, &path, &json!({"first_name": "Л."})).await.expect(StatusCode::OK).json;
    assert_eq!(edited["photo_url"], second.json["photo_url"], "an edit does not change the photo");
    left(&service, 1).await;
    service.get(&url).await.expect_problem(404, "not-found");

    olena.send(Method::DELETE, &photo).await.expect(StatusCode::NO_CONTENT);
    let without = olena.get(&path).await;
    assert_eq!((without.header("etag"), &without.json["photo_url"]), ("\"5\"", &Value::Null));
    olena.send(Method::DELETE, &photo).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(olena.get(&path).await.header("etag"), "\"5\"", "nothing to remove is no change");
    left(&service, 0).await;
    upload(&olena, &photo, file(png(10, 10))).await.expect(StatusCode::OK);
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    left(&service, 1).await;
    let restored = olena.send(Method::POST, &format!("{path}/restore")).await.expect(StatusCode::OK).json;
    assert!(restored["photo_url"].is_string(), "it comes back with its photo");
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    olena.send(Method::DELETE, "/api/contacts/trash").await.expect(StatusCode::NO_CONTENT);
    left(&service, 0).await;
    upload(&olena, &photo, file(png(10, 10))).await.expect_problem(404, "contact-not-found");
    service.end().await;
}

async fn photo_of_another_user_is_not_found(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let contact = olena.add(&json!({"first_name": "Леся"})).await;
    let photo = format!("/api/contacts/{}/photo", contact["id"].as_str().unwrap());
    let given = upload(&olena, &photo, file(png(10, 10))).await.expect(StatusCode::OK).json;
    upload(&petro, &photo, file(png(10, 10))).await.expect_problem(404, "contact-not-found");
    petro.send(Method::DELETE, &photo).await.expect_problem(404, "contact-not-found");
    let unsigned = service.request(Method::PUT, &photo).multipart(file(png(10, 10))).send().await.unwrap();
    Answer::of(unsigned).await.expect_problem(401, "unauthenticated");
    service.request(Method::DELETE, &photo).send().await.unwrap().error_for_status().unwrap_err();
    service.get(&path_of(&given["photo_url"])).await.expect(StatusCode::OK);
    left(&service, 1).await;
    service.end().await;
}

async fn media_route_serves_only_pictures(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let user = upload(&olena, "/api/me/avatar", file(png(10, 10))).await.expect(StatusCode::OK).json;
    let path = path_of(&user["avatar_url"]);
    let folder = service.data_folder().join("media/avatars");
    std::fs::write(folder.join(".hidden.jpg"), b"hidden").unwrap();
    std::fs::write(folder.join(".abc.part"), b"half a picture").unwrap();
    for path in [
        "/media",
        "/media/",
        "/media/avatars",
        "/media/avatars/",
        "/media/avatars/.hidden.jpg",
        "/media/avatars/.abc.part",
        "/media/avatars/%2Eabc.part",
        "/media/..%2Fcontacts.db",
        "/media/%2E%2E/contacts.db",
        "/media/avatars/%2E%2E%2F%2E%2E%2Fmail",
    ] {
        let answer = service.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert!(!answer.header("cache-control").contains("immutable"), "{path}");
    }
    let rejected = service.request(Method::DELETE, &path).send().await.unwrap();
    Answer::of(rejected).await.expect_problem(405, "method-not-allowed");
    service.end().await;
}

async fn account_deletion_removes_every_picture(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    for person in [&olena, &petro] {
        upload(person, "/api/me/avatar", file(png(10, 10))).await.expect(StatusCode::OK);
        for _ in 0..3 {
            let contact = person.add(&json!({"first_name": "Леся"})).await;
            let photo = format!("/api/contacts/{}/photo", contact["id"].as_str().unwrap());
            upload(person, &photo, file(png(10, 10))).await.expect(StatusCode::OK);
        }
    }
    left(&service, 8).await;
    let leave = json!({ "password": PASSWORD });
    olena.send_json(Method::DELETE, "/api/me", &leave).await.expect(StatusCode::NO_CONTENT);
    left(&service, 4).await;
    let stored = petro.get("/api/contacts").await.json;
    for contact in stored["items"].as_array().unwrap() {
        service.get(&path_of(&contact["photo_url"])).await.expect(StatusCode::OK);
    }
    service.end().await;
}
