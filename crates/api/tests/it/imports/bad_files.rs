//! Files that are not what they should be: a clear report or a 4xx, and the good entries are imported.

use std::time::Duration;

use reqwest::{StatusCode, multipart};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{card, cards, counts, import, import_form, import_vcard, total};
use crate::service::{Kind, Person, Service};

async fn service() -> Service {
    Service::start(Kind::Sqlite, &[("CONTACT_LIMIT", "20000")]).await
}

async fn import_csv(person: &Person<'_>, query: &str, file: impl Into<reqwest::Body>) -> Value {
    import(person, "text/csv", query, file).await.expect(StatusCode::OK).json
}

#[actix_web::test]
async fn empty_and_binary_files_import_nothing() {
    let service = service().await;
    let olena = service.stored_person("olena@example.com").await;
    for media_type in ["text/vcard", "text/csv"] {
        let report = import(&olena, media_type, "", "").await.expect(StatusCode::OK).json;
        assert_eq!(counts(&report), [0; 5], "{media_type}");
        let binary: Vec<u8> = (0..100_000_u32).map(|number| (number * 7 % 251) as u8).collect();
        let report = import(&olena, media_type, "", binary).await.expect(StatusCode::OK).json;
        assert_eq!((counts(&report)[1], counts(&report)[2]), (0, 0), "{media_type}: {report}");
    }
    assert_eq!(total(&olena).await, 0);
    service.end().await;
}

#[actix_web::test]
async fn good_vcards_are_imported_beside_bad_ones() {
    let service = service().await;
    let olena = service.stored_person("olena@example.com").await;
    let nested = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Outer\r\n{}END:VCARD\r\n", card(900));
    let endless =
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Endless\r\nNOTE:{}\r\nEND:VCARD\r\n", "x".repeat(2_000_000));
    let truncated = &card(901)[..40];
    let two_on_a_line = card(3).trim_end().to_owned() + &card(4);
    let file = [card(1), nested, card(2), endless, two_on_a_line, card(5), truncated.to_owned()].concat();
    let report = import_vcard(&olena, "", file).await;
    let names = olena.names("sort=first_name&q=person").await;
    for good in ["Person 1", "Person 2", "Person 5"] {
        assert!(names.contains(&good.to_owned()), "{good}: {names:?} {report}");
    }
    assert!(counts(&report)[4] >= 1, "{report}");
    let failed = report["items"].as_array().unwrap().iter().filter(|item| item["action"] == "failed");
    assert!(failed.clone().all(|item| item["errors"][0]["detail"].is_string()), "{report}");
    service.end().await;
}

#[actix_web::test]
async fn tables_of_every_shape_are_reported() {
    let service = service().await;
    let olena = service.stored_person("olena@example.com").await;
    let one = import_csv(&olena, "", "E-mail\r\nlesia@example.com\r\nnot an e-mail\r\n").await;
    assert_eq!(counts(&one), [2, 2, 0, 0, 0], "{one}");
    assert_eq!(one["items"][1]["errors"][0]["code"], "invalid-email", "the text becomes the name");
    let many: Vec<String> = (0..500).map(|number| format!("Column {number}")).collect();
    let many = import_csv(&olena, "", format!("First Name,{}\r\nЛеся{}\r\n", many.join(","), ",x".repeat(500))).await;
    assert_eq!(many["columns"].as_array().unwrap().len(), 501, "{many}");
    let unequal = import_csv(&olena, "", "First Name,Last Name\r\nA\r\nB,C,D,E\r\n\r\nF,G\r\n").await;
    assert_eq!(counts(&unequal)[1], 3, "{unequal}");
    let headerless =
        import_csv(&olena, "?has_header=false&mapping={\"1\":\"first_name\",\"2\":\"email\"}", "H,h@example.com\r\n")
            .await;
    assert_eq!(counts(&headerless)[1], 1, "{headerless}");
    let formula = import_csv(&olena, "", "First Name,Notes\r\n'=cmd|' /C calc'!A0,x\r\n").await;
    assert_eq!(counts(&formula)[1], 1, "{formula}");
    let wrong_charset: &[u8] = b"First Name,Last Name\r\n\xcb\xe5\xf1\xff,\xd3\xea\xf0\xe0\xbf\xed\xea\xe0\r\n";
    let detected = import_csv(&olena, "?charset=windows-1251", wrong_charset).await;
    assert_eq!(detected["charset"], "windows-1251");
    assert_eq!(olena.names("q=леся українка").await, ["Леся"]);
    service.end().await;
}

#[actix_web::test]
async fn file_of_more_than_ten_mib_is_rejected() {
    let service = service().await;
    let olena = service.stored_person("olena@example.com").await;
    let line = format!("X-LARGE:{}\r\nEND:VCARD", "x".repeat(200_000));
    let large = (0..60).map(|number| card(number).replace("END:VCARD", &line)).collect::<String>().into_bytes();
    assert!(large.len() > 11 * 1024 * 1024);
    let answer = import(&olena, "text/vcard", "", large.clone()).await.expect_problem(413, "body-too-large");
    assert_eq!(answer.json["detail"], "The file must have at most 10 MiB; divide it.");
    assert_eq!(total(&olena).await, 0, "its length is known before it is read");
    let part = multipart::Part::bytes(large.clone()).file_name("contacts.vcf");
    import_form(&olena, part).await.expect_problem(413, "body-too-large");
    let answer = import_of_unknown_length(&service, &olena, &large[..10 * 1024 * 1024 + 1]).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("entries are done; send the same file"), "{answer}");
    assert!((1..60).contains(&total(&olena).await), "whole parts");
    service.end().await;
}

/// Sends a file in chunks. Returns the answer.
async fn import_of_unknown_length(service: &Service, person: &Person<'_>, file: &[u8]) -> String {
    let head = format!(
        "POST /api/contacts/import HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: text/vcard\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        person.access_token
    );
    let mut stream = TcpStream::connect(service.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for chunk in file.chunks(64 * 1024) {
        let chunk = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
        stream.write_all(&chunk).await.unwrap();
    }
    let mut answer = Vec::new();
    timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn entries_beyond_the_limits_are_reported() {
    let service = Service::start(Kind::Sqlite, &[("CONTACT_LIMIT", "3")]).await;
    let olena = service.stored_person("olena@example.com").await;
    let report = import_vcard(&olena, "", cards(0..5)).await;
    assert_eq!(counts(&report), [5, 3, 0, 0, 2]);
    assert_eq!(report["items"][4]["errors"][0]["code"], "contact-limit-reached");
    let report = import_vcard(&olena, "?dry_run=true", cards(0..1).repeat(10_001)).await;
    assert_eq!(counts(&report), [10_001, 0, 0, 10_000, 1]);
    let error = &report["items"][10_000]["errors"][0];
    assert_eq!((&error["code"], &error["pointer"]), (&json!("too-many-entries"), &json!("")));
    service.end().await;
}
