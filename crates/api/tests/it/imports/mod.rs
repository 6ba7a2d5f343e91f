//! Imports of files over HTTP.

mod bad_files;
mod interrupted;
mod parameters;
mod samples;

use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

use crate::service::{Answer, Person, Service, on_both};

on_both!(
    [("CONTACT_LIMIT", "20000")];
    file_is_imported_once,
    dry_run_changes_nothing_and_reports_the_import,
    groups_and_photos_of_a_vcard_become_tags_and_photos,
    group_of_an_apple_file_tags_its_members,
    repeated_request_with_a_key_reports_the_same,
    exported_vcard_is_what_was_imported,
);

/// A vCard of a person.
fn card(number: usize) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:uid-{number}\r\nN:Koval;Person {number};;;\r\nFN:Person {number} Koval\r\n\
         EMAIL;TYPE=HOME:person{number}@example.com\r\nX-SKYPE:person{number}\r\nEND:VCARD\r\n"
    )
}

fn cards(numbers: std::ops::Range<usize>) -> String {
    numbers.map(card).collect()
}

/// Sends a file as the body.
async fn import(person: &Person<'_>, media_type: &str, query: &str, file: impl Into<reqwest::Body>) -> Answer {
    let request = person.request(Method::POST, &format!("/api/contacts/import{query}"));
    Answer::of(request.header("content-type", media_type).body(file).send().await.unwrap()).await
}

async fn import_vcard(person: &Person<'_>, query: &str, file: impl Into<reqwest::Body>) -> Value {
    import(person, "text/vcard", query, file).await.expect(StatusCode::OK).json
}

/// Sends a file as a form.
async fn import_form(person: &Person<'_>, part: multipart::Part) -> Answer {
    let form = multipart::Form::new().part("file", part);
    let request = person.request(Method::POST, "/api/contacts/import").multipart(form);
    Answer::of(request.send().await.unwrap()).await
}

/// Total, created, updated, skipped and failed.
fn counts(report: &Value) -> [u64; 5] {
    ["total", "created", "updated", "skipped", "failed"].map(|name| report[name].as_u64().unwrap())
}

async fn total(person: &Person<'_>) -> u64 {
    person.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json["total"].as_u64().unwrap()
}

async fn file_is_imported_once(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let report = import_vcard(&olena, "", cards(0..450)).await;
    assert_eq!(counts(&report), [450, 450, 0, 0, 0]);
    assert_eq!(
        (&report["format"], &report["dialect"], &report["columns"]),
        (&json!("vcard"), &json!("3.0"), &json!([]))
    );
    let item = &report["items"][449];
    assert_eq!((&item["index"], &item["line"], &item["action"]), (&json!(449), &json!(449 * 8 + 1), &json!("created")));
    let path = format!("/api/contacts/{}", item["contact_id"].as_str().unwrap());
    let contact = olena.get(&path).await.expect(StatusCode::OK).json;
    assert_eq!((&contact["first_name"], &contact["last_name"]), (&json!("Person 449"), &json!("Koval")));
    assert_eq!(counts(&import_vcard(&olena, "", cards(0..450)).await), [450, 0, 0, 450, 0]);
    assert_eq!(counts(&import_vcard(&olena, "?mode=update", cards(0..450)).await), [450, 0, 0, 450, 0]);
    assert_eq!(counts(&import_vcard(&olena, "?mode=add", cards(0..2)).await), [2, 2, 0, 0, 0]);
    assert_eq!(total(&olena).await, 452);
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
    let received = export["received_cards"].as_array().unwrap();
    assert!(received.len() >= 450 && received[7]["text"].as_str().unwrap().contains("X-SKYPE:person7"), "{received:?}");
    service.end().await;
}

async fn dry_run_changes_nothing_and_reports_the_import(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    import_vcard(&olena, "", cards(0..3)).await;
    let dry = import_vcard(&olena, "?dry_run=true", cards(0..300)).await;
    assert_eq!(counts(&dry), [300, 297, 0, 3, 0]);
    assert_eq!((dry["items"][0]["contact_id"].is_string(), &dry["items"][3]["contact_id"]), (true, &Value::Null));
    assert_eq!(total(&olena).await, 3);
    assert_eq!(counts(&import_vcard(&olena, "?dry_run=false", cards(0..300)).await), counts(&dry));
    service.end().await;
}

async fn groups_and_photos_of_a_vcard_become_tags_and_photos(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let photo = crate::pictures::encoded(64, 64, image::ImageFormat::Jpeg);
    let photo = base64(&photo);
    let with_photo = card(1).replace("END:VCARD", &format!("PHOTO;ENCODING=b;TYPE=JPEG:{photo}\r\nEND:VCARD"));
    let bad = card(2).replace("END:VCARD", "PHOTO;ENCODING=b;TYPE=JPEG:bm8gcGljdHVyZQ==\r\nEND:VCARD");
    let group = "BEGIN:VCARD\r\nVERSION:3.0\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nFN:Друзі\r\nN:Друзі\r\nUID:g\r\n\
                 X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:uid-1\r\nEND:VCARD\r\n";
    let report = import_vcard(&olena, "", [group, &with_photo, &bad].concat()).await;
    assert_eq!(counts(&report), [3, 2, 1, 0, 0]);
    let errors = report["items"][2]["errors"].as_array().unwrap();
    assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("/photo"), &json!("photo-not-imported")));
    let tagged = olena.get("/api/contacts?tag=друзі").await.expect(StatusCode::OK).json;
    let [contact] = tagged["items"].as_array().unwrap().as_slice() else { panic!("{tagged}") };
    assert_eq!((&contact["first_name"], &contact["tags"]), (&json!("Person 1"), &json!(["Друзі"])));
    let photo = contact["photo_url"].as_str().unwrap();
    let photo = photo.split_once("/media/").unwrap().1;
    service.get(&format!("/media/{photo}")).await.expect(StatusCode::OK);
    service.end().await;
}

/// Apple writes the UID of a card in upper case, and that of a member with a prefix.
async fn group_of_an_apple_file_tags_its_members(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let files = concat!(
        include_str!("../../../../vcard/tests/samples/ios.vcf"),
        include_str!("../../../../vcard/tests/samples/macos_group.vcf")
    );
    let report = import_vcard(&olena, "", files.to_owned()).await;
    let contact = report["items"][0]["contact_id"].as_str().unwrap();
    let tags = olena.get(&format!("/api/contacts/{contact}")).await.expect(StatusCode::OK).json["tags"].clone();
    assert!(tags.as_array().is_some_and(|tags| tags.contains(&json!("Хор"))), "{tags}: {report}");
    service.end().await;
}

async fn repeated_request_with_a_key_reports_the_same(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let send = async |numbers: std::ops::Range<usize>| {
        let request = olena.request(Method::POST, "/api/contacts/import?mode=add").header("idempotency-key", "k");
        Answer::of(request.header("content-type", "text/vcard").body(cards(numbers)).send().await.unwrap()).await
    };
    let first = send(0..250).await.expect(StatusCode::OK).json;
    assert_eq!(send(0..250).await.expect(StatusCode::OK).json, first);
    assert_eq!(total(&olena).await, 250);
    send(0..251).await.expect_problem(422, "idempotency-key-reused");
    service.end().await;
}

async fn exported_vcard_is_what_was_imported(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let report = import_vcard(&olena, "", card(1)).await;
    let path = format!("/api/contacts/{}", report["items"][0]["contact_id"].as_str().unwrap());
    let exported = olena.request(Method::GET, &path).header("accept", "text/vcard").send().await.unwrap();
    assert_eq!(exported.text().await.unwrap(), card(1), "also the lines that a contact does not have");
    let all = olena.get("/api/contacts/export?format=vcard").await.expect(StatusCode::OK);
    assert_eq!(all.text, card(1));

    let patch = json!({"nickname": "Зірка"});
    olena.send_json(Method::PATCH, &path, &patch).await.expect(StatusCode::OK);
    let exported = olena.request(Method::GET, &path).header("accept", "text/vcard").send().await.unwrap();
    let exported = exported.text().await.unwrap();
    let lost: Vec<String> = card(1).lines().filter(|line| !exported.contains(*line)).map(str::to_owned).collect();
    assert_eq!(lost, Vec::<String>::new(), "{exported}");
    assert!(exported.contains("NICKNAME:Зірка\r\n"), "{exported}");
    assert_eq!(counts(&import_vcard(&olena, "", exported).await), [1, 0, 0, 1, 0]);
    service.end().await;
}

/// Base64 in one line.
fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    STANDARD.encode(bytes)
}
