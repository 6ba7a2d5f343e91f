//! Generated invalid uploads to both routes that accept pictures.

use std::time::Duration;

use image::ImageFormat;
use png::{BitDepth, ColorType, Encoder};
use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    pictures::{encoded, file, left, path_of, upload},
    service::{Answer, Kind, Person, Service, on_both},
};

on_both!(
    invalid_picture_file_is_rejected_with_its_code,
    invalid_upload_form_is_rejected_with_its_code,
    valid_picture_with_misleading_name_or_type_is_accepted
);

const LIMIT: usize = 5 * 1024 * 1024;

/// The two routes, and the data that must not change.
async fn routes(person: &Person<'_>) -> [(String, String, &'static str); 2] {
    let contact = person.add(&json!({"first_name": "Леся"})).await;
    let contact = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    [
        ("/api/me/avatar".to_owned(), "/api/me".to_owned(), "avatar_url"),
        (format!("{contact}/photo"), contact, "photo_url"),
    ]
}

/// A valid PNG of black pixels, each a hundredth of a byte.
pub(crate) fn bomb(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    let row = vec![0; side.div_ceil(8) as usize];
    (0..side).for_each(|_| std::io::Write::write_all(&mut rows, &row).unwrap());
    rows.finish().unwrap();
    writer.finish().unwrap();
    bytes
}

fn bad_files() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let (png, jpeg) = (encoded(64, 64, ImageFormat::Png), encoded(64, 64, ImageFormat::Jpeg));
    let bomb = bomb(30_000);
    assert!(bomb.len() < 200 * 1024, "a bomb is small before it goes off");
    let unsupported = |name, bytes: &[u8]| (name, bytes.to_vec(), 415, "unsupported-picture");
    let invalid = |name, bytes: Vec<u8>| (name, bytes, 422, "invalid-picture");
    vec![
        unsupported("svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        unsupported("html", b"<!doctype html><script>alert(1)</script>"),
        unsupported("gif", b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;"),
        unsupported("webp", b"RIFF\x1A\0\0\0WEBPVP8L\x0D\0\0\0\x2F\0\0\0\x10\x07\x10\x11\x11\x88\x88\xFE\x07\0"),
        unsupported("empty", b""),
        invalid("png, cut off", png[..png.len() / 2].to_vec()),
        invalid("jpeg, cut off", jpeg[..jpeg.len() / 2].to_vec()),
        invalid("html that begins like a jpeg", b"\xFF\xD8\xFF\xE0<html><script>alert(1)</script>".to_vec()),
        invalid("html that begins like a png", b"\x89PNG\r\n\x1A\n<html><script>alert(1)</script>".to_vec()),
        ("bomb", bomb, 422, "picture-too-large"),
        ("too long", [png, vec![0; LIMIT]].concat(), 413, "body-too-large"),
    ]
}

async fn invalid_picture_file_is_rejected_with_its_code(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (path, shown_at, field) in routes(&olena).await {
        for (name, bytes, status, code) in bad_files() {
            // Neither the name nor the declared type is trusted.
            let part = Part::bytes(bytes).file_name("me.jpg").mime_str("image/jpeg").unwrap();
            let answer = upload(&olena, &path, Form::new().part("file", part)).await;
            assert_eq!(answer.status.as_u16(), status, "{name} to {path}: {}", answer.text);
            answer.expect_problem(status, code);
        }
        assert_eq!(olena.get(&shown_at).await.json[field], Value::Null);
    }
    left(&service, 0).await;
    service.end().await;
}

async fn invalid_upload_form_is_rejected_with_its_code(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let good = || encoded(10, 10, ImageFormat::Png);
    for (path, shown_at, field) in routes(&olena).await {
        let two = Form::new().part("file", Part::bytes(good())).part("file", Part::bytes(good()));
        let forms = [
            ("no file", Form::new().text("other", "x"), 422, "invalid-body", "unknown-field"),
            ("a file and more", file(good()).text("other", "x"), 422, "invalid-body", "unknown-field"),
            ("two files", two, 422, "invalid-body", "repeated"),
        ];
        for (name, form, status, code, error) in forms {
            let rejected = upload(&olena, &path, form).await.expect_problem(status, code);
            assert_eq!(rejected.errors(), [("/file", error)], "{name} to {path}");
        }
        upload(&olena, &path, Form::new()).await.expect_problem(400, "bad-request");
        let bodies = [
            ("application/json", "{\"file\": \"x\"}", 415, "unsupported-media-type"),
            ("image/png", "\u{89}PNG", 415, "unsupported-media-type"),
            ("application/x-www-form-urlencoded", "file=x", 415, "unsupported-media-type"),
            ("multipart/form-data", "--x--\r\n", 400, "bad-request"),
            ("multipart/form-data; boundary=x", "--x\r\n", 400, "bad-request"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nhalf",
                400,
                "bad-request",
            ),
        ];
        for (kind, body, status, code) in bodies {
            let request = olena.request(Method::PUT, &path).header("content-type", kind).body(body);
            let rejected = Answer::of(request.send().await.unwrap()).await.expect_problem(status, code);
            let accepted = if status == 415 { "multipart/form-data" } else { "" };
            assert_eq!(rejected.header("accept"), accepted, "{kind} to {path}");
        }
        assert_eq!(olena.get(&shown_at).await.json[field], Value::Null);
    }
    left(&service, 0).await;
    service.end().await;
}

async fn valid_picture_with_misleading_name_or_type_is_accepted(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let (html, zip) = (b"<html><script>alert(1)</script></html>".as_slice(), b"PK\x03\x04\x14\0evil.sh".as_slice());
    for (path, _, field) in routes(&olena).await {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            for (name, kind, side, tail) in [
                ("me.gif", "text/html", 64, b"".as_slice()),
                ("../../me.svg", "image/svg+xml", 1, b""),
                ("me.html", "image/gif", 64, html),
                ("me.zip", "application/zip", 64, zip),
            ] {
                let bytes = [encoded(side, side, format), tail.to_vec()].concat();
                let part = Part::bytes(bytes).file_name(name).mime_str(kind).unwrap();
                let answer = upload(&olena, &path, Form::new().part("file", part)).await.expect(StatusCode::OK);
                let url = path_of(&answer.json[field]);
                let stored = service.request(Method::GET, &url).send().await.unwrap().bytes().await.unwrap();
                assert!(stored.starts_with(b"\xFF\xD8") && stored.ends_with(b"\xFF\xD9"), "{name}");
                let has_tail = !tail.is_empty() && stored.windows(tail.len()).any(|window| window == tail);
                assert!(!has_tail, "{name}: bytes after the picture are stored");
            }
        }
    }
    left(&service, 2).await;
    service.end().await;
}

/// The only test that waits for a real deadline: a body may take half a minute.
#[actix_web::test]
async fn stalled_upload_times_out_with_408() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    let head = format!(
        "PUT /api/me/avatar HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: 1000000\r\n\
         content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n",
        olena.access_token
    );
    let mut slow = TcpStream::connect(service.base.strip_prefix("http://").unwrap()).await.unwrap();
    slow.write_all(head.as_bytes()).await.unwrap();
    // The server reads it. Another upload of the same user waits for its turn, and is rejected while the first
    // may still come.
    let busy = loop {
        let answer = upload(&olena, "/api/me/avatar", file(encoded(10, 10, ImageFormat::Png))).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    busy.expect_problem(503, "busy");
    let petro = service.stored_person("petro@example.com").await;
    upload(&petro, "/api/me/avatar", file(encoded(10, 10, ImageFormat::Png))).await.expect(StatusCode::OK);
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(60), async {
        while !answer.windows(15).any(|window| window == b"request-timeout") {
            assert!(slow.read_buf(&mut answer).await.unwrap() > 0, "hung up without an answer");
        }
    });
    read.await.expect("the answer comes in time");
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
    upload(&olena, "/api/me/avatar", file(encoded(10, 10, ImageFormat::Png))).await.expect(StatusCode::OK);
    service.end().await;
}
