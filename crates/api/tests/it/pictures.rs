//! Avatars in the local folder.

use std::io::Cursor;

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage};
use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::Value;

use crate::service::{Answer, Person, Service, on_both};

on_both!(an_avatar_is_kept_served_and_removed, bad_uploads_are_refused);

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(width, height, Rgb([200, 30, 30]));
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn upload(olena: &Person<'_>, form: Form) -> Answer {
    Answer::of(olena.request(Method::PUT, "/api/me/avatar").multipart(form).send().await.unwrap()).await
}

fn file(bytes: Vec<u8>) -> Form {
    Form::new().part("file", Part::bytes(bytes).file_name("me.txt"))
}

async fn an_avatar_is_kept_served_and_removed(service: Service) {
    let olena = service.person("olena@example.com").await;
    let user = upload(&olena, file(png(300, 200))).await.expect(StatusCode::OK).json;
    let url = user["avatar_url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("http://localhost:8000").unwrap().to_owned();
    let response = service.request(Method::GET, &path).send().await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type"), header("x-content-type-options")),
        ("image/jpeg".to_owned(), "nosniff".to_owned())
    );
    assert!(header("cache-control").contains("immutable") && !header("etag").is_empty());
    let picture = image::load_from_memory(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(picture.dimensions(), (512, 512));

    let second = upload(&olena, file(png(10, 10))).await.expect(StatusCode::OK).json;
    assert_ne!(second["avatar_url"], url);
    service.get(&path).await.expect_problem(404, "not-found");
    olena.send(Method::DELETE, "/api/me/avatar").await.expect(StatusCode::NO_CONTENT);
    assert_eq!(olena.get("/api/me").await.json["avatar_url"], Value::Null);
    let left = std::fs::read_dir(service.data_folder().join("media/avatars")).unwrap().count();
    assert_eq!(left, 0, "nothing is left behind");
    service.end().await;
}

async fn bad_uploads_are_refused(service: Service) {
    let olena = service.person("olena@example.com").await;
    let good = png(10, 10);
    let cases = [
        (file(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()), 415, "unsupported-picture"),
        (file(b"GIF89a".to_vec()), 415, "unsupported-picture"),
        (file(Vec::new()), 415, "unsupported-picture"),
        (file(good[..good.len() / 2].to_vec()), 422, "invalid-picture"),
        (file(vec![0; 5 * 1024 * 1024 + 1]), 413, "body-too-large"),
        (Form::new().text("other", "x"), 422, "invalid-body"),
        (Form::new(), 400, "bad-request"),
        (Form::new().part("file", Part::bytes(good.clone())).part("file", Part::bytes(good)), 422, "invalid-body"),
    ];
    for (form, status, code) in cases {
        upload(&olena, form).await.expect_problem(status, code);
    }
    let json = olena.request(Method::PUT, "/api/me/avatar").header("content-type", "application/json").body("{}");
    Answer::of(json.send().await.unwrap()).await.expect_problem(415, "unsupported-media-type");
    let cut = olena
        .request(Method::PUT, "/api/me/avatar")
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x\r\n");
    Answer::of(cut.send().await.unwrap()).await.expect_problem(400, "bad-request");
    assert_eq!(olena.get("/api/me").await.json["avatar_url"], Value::Null);
    service.end().await;
}
