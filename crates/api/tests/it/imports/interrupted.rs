//! Imports whose client stops sending, or sends slowly.

use std::time::Duration;

use api::settings::Timeouts;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{cards, counts, import_vcard, total};
use crate::service::{Kind, Person, Service};

/// Begins a request with a body of this length.
async fn begin(service: &Service, person: &Person<'_>, length: usize) -> TcpStream {
    let head = format!(
        "POST /api/contacts/import HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: text/vcard\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n",
        person.access_token
    );
    let mut stream = TcpStream::connect(service.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[actix_web::test]
async fn killed_connection_leaves_whole_parts_and_the_same_file_goes_on() {
    let service = Service::start(Kind::Sqlite, &[("CONTACT_LIMIT", "20000")]).await;
    let olena = service.stored_person("olena@example.com").await;
    let file = cards(0..1_000);
    let mut stream = begin(&service, &olena, file.len()).await;
    stream.write_all(&file.as_bytes()[..file.len() / 2]).await.unwrap();
    // The first parts are written while the rest is awaited.
    timeout(Duration::from_secs(30), async {
        while total(&olena).await < 400 {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap();
    drop(stream);
    let report = import_vcard(&olena, "", file).await;
    assert_eq!(counts(&report), [1_000, 600, 0, 400, 0]);
    assert_eq!(total(&olena).await, 1_000);
    service.end().await;
}

#[actix_web::test]
async fn stalled_import_gets_its_report() {
    let timeouts = Timeouts { body: Duration::from_secs(1), ..Timeouts::default() };
    let service = Service::start_with(Kind::Sqlite, &[("CONTACT_LIMIT", "20000")], timeouts).await;
    let olena = service.stored_person("olena@example.com").await;
    let file = cards(0..1_000);
    let mut stream = begin(&service, &olena, file.len()).await;
    stream.write_all(&file.as_bytes()[..file.len() / 2]).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let done = format!("{} entries are done", total(&olena).await);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains(&done), "{done}: {answer}");
    service.end().await;
}

/// Begins a form in pieces of any number.
async fn begin_form(service: &Service, person: &Person<'_>) -> TcpStream {
    let head = format!(
        "POST /api/contacts/import HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        person.access_token
    );
    let mut stream = TcpStream::connect(service.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[actix_web::test]
async fn form_without_its_file_is_awaited_for_a_limited_time() {
    let timeouts = Timeouts { body: Duration::from_secs(1), ..Timeouts::default() };
    let service = Service::start_with(Kind::Sqlite, &[], timeouts).await;
    let olena = service.stored_person("olena@example.com").await;
    let head = "--x\r\ncontent-disposition: form-data; name=\"file\"\r\n";
    let mut silent = begin_form(&service, &olena).await;
    silent.write_all(format!("{:x}\r\n{head}\r\n", head.len()).as_bytes()).await.unwrap();
    let (mut answers, mut endless) = begin_form(&service, &olena).await.into_split();
    let lines = tokio::spawn(async move {
        // Lines before the first boundary: the connection moves, and no file begins.
        while endless.write_all(b"3\r\na\r\n\r\n").await.is_ok() {
            sleep(Duration::from_millis(300)).await;
        }
    });
    for stream in [&mut silent as &mut (dyn tokio::io::AsyncRead + Unpin), &mut answers] {
        let mut answer = [0; 12];
        timeout(Duration::from_secs(20), stream.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
    }
    drop((silent, answers));
    timeout(Duration::from_secs(20), lines).await.unwrap().unwrap();
    assert_eq!(total(&olena).await, 0);
    service.end().await;
}

#[actix_web::test]
async fn slow_import_delays_neither_other_users_nor_other_requests() {
    let service = Service::start(Kind::Sqlite, &[("CONTACT_LIMIT", "20000")]).await;
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let file = cards(0..400);
    let mut slow = Vec::new();
    for person in [&olena] {
        let mut stream = begin(&service, person, file.len()).await;
        stream.write_all(&file.as_bytes()[..file.len() / 2]).await.unwrap();
        slow.push(stream);
    }
    assert_eq!(counts(&import_vcard(&petro, "", cards(0..10)).await), [10, 10, 0, 0, 0]);
    olena.get("/api/me/export").await.expect(StatusCode::OK);
    for mut stream in slow {
        stream.write_all(&file.as_bytes()[file.len() / 2..]).await.unwrap();
        let mut answer = Vec::new();
        timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(total(&olena).await, 400);
    service.end().await;
}
