//! Slow request bodies.

use std::time::Duration;

use futures_util::future::join_all;
use image::ImageFormat;
use reqwest::StatusCode;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    pictures::{encoded, file, upload},
    service::{Kind, Person, Service},
};

const BOUNDARY: &str = "a-boundary";

/// A number of users.
async fn people(service: &Service, number: usize) -> Vec<Person<'_>> {
    join_all((0..number).map(async |number| service.stored_person(&format!("person{number}@example.com")).await)).await
}

/// A request whose body has begun to arrive.
struct Slow(TcpStream);

impl Slow {
    async fn begin(service: &Service, person: &Person<'_>, request: &str, kind: &str, length: usize) -> Self {
        let token = &person.access_token;
        let head = format!(
            "{request} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: {kind}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(service.base.trim_start_matches("http://")).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        Self(stream)
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The answer.
    async fn answer(mut self) -> String {
        let mut answer = Vec::new();
        timeout(Duration::from_secs(60), self.0.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// A form with a file, before and after its middle.
fn form(picture: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let begin = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n");
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let whole = [begin.as_bytes(), picture, end.as_bytes()].concat();
    let (first, second) = whole.split_at(whole.len() / 2);
    (first.to_vec(), second.to_vec())
}

fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

#[actix_web::test]
async fn slow_batches_do_not_delay_other_batches_or_exports() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let people = people(&service, 5).await;
    let (fifth, others) = people.split_last().unwrap();
    let batch = json!({"operations": [{"op": "create", "contact": {"first_name": "Леся"}}]});
    let text = batch.to_string();
    let (first, second) = text.split_at(text.len() / 2);
    let mut slow = Vec::new();
    for person in others {
        let request = "POST /api/contacts/batch";
        let mut begun = Slow::begin(&service, person, request, "application/json", text.len()).await;
        begun.send(first.as_bytes()).await;
        slow.push(begun);
    }
    // The service has read the first half.
    sleep(Duration::from_millis(300)).await;
    let sent = fifth.send_json(reqwest::Method::POST, "/api/contacts/batch", &batch);
    sent.await.expect(StatusCode::OK);
    fifth.get("/api/me/export").await.expect(StatusCode::OK);
    for mut begun in slow {
        begun.send(second.as_bytes()).await;
        let answer = begun.answer().await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    service.end().await;
}

#[actix_web::test]
async fn slow_uploads_do_not_delay_another_upload() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let people = people(&service, 9).await;
    let (ninth, others) = people.split_last().unwrap();
    let (first, _) = form(&[0; 2000]);
    let mut slow = Vec::new();
    for person in others {
        let mut begun = Slow::begin(&service, person, "PUT /api/me/avatar", &form_type(), 5 << 20).await;
        begun.send(&first).await;
        slow.push(begun);
    }
    sleep(Duration::from_millis(300)).await;
    let picture = file(encoded(40, 30, ImageFormat::Png));
    upload(ninth, "/api/me/avatar", picture).await.expect(StatusCode::OK);
    drop(slow);
    service.end().await;
}

#[actix_web::test]
async fn slow_upload_is_accepted_when_complete() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    let (first, second) = form(&encoded(400, 300, ImageFormat::Png));
    let length = first.len() + second.len();
    let mut slow = Slow::begin(&service, &olena, "PUT /api/me/avatar", &form_type(), length).await;
    slow.send(&first).await;
    // Longer than the period in which the pace of an upload is checked.
    sleep(Duration::from_millis(3300)).await;
    slow.send(&second).await;
    let answer = slow.answer().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("avatar_url"), "{answer}");
    service.end().await;
}

#[actix_web::test]
async fn upload_waits_only_for_the_same_user() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let people = people(&service, 2).await;
    let (first, second) = form(&encoded(40, 30, ImageFormat::Png));
    let length = first.len() + second.len();
    let mut slow = Slow::begin(&service, &people[0], "PUT /api/me/avatar", &form_type(), length).await;
    slow.send(&first).await;
    sleep(Duration::from_millis(300)).await;
    let picture = || file(encoded(40, 30, ImageFormat::Png));
    let mut own = Box::pin(upload(&people[0], "/api/me/avatar", picture()));
    assert!(timeout(Duration::from_millis(300), &mut own).await.is_err(), "the own next one waits");
    upload(&people[1], "/api/me/avatar", picture()).await.expect(StatusCode::OK);
    slow.send(&second).await;
    own.await.expect(StatusCode::OK);
    assert!(slow.answer().await.starts_with("HTTP/1.1 200"));
    service.end().await;
}
