//! Parameters and media types of an import.

use reqwest::{Method, StatusCode, multipart};
use serde_json::json;

use super::{card, cards, counts, import, import_form, total};
use crate::service::{Answer, Kind, Service};

#[actix_web::test]
async fn format_is_that_of_the_media_type_the_name_or_the_content() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    for media_type in ["text/vcard; charset=utf-8", "text/x-vcard", "text/directory"] {
        let report = import(&olena, media_type, "?dry_run=1", card(1)).await.expect(StatusCode::OK).json;
        assert_eq!((&report["format"], &report["created"]), (&json!("vcard"), &json!(1)), "{media_type}");
    }
    let part = || multipart::Part::text(card(1));
    let csv = || multipart::Part::text("First Name,Last Name\r\nLesia,Ukrainka\r\n");
    for (part, format) in [
        (part().mime_str("text/x-vcard").unwrap(), "vcard"),
        (part().mime_str("application/octet-stream").unwrap().file_name("contacts.VCF"), "vcard"),
        (part().mime_str("text/plain").unwrap(), "vcard"),
        (csv().mime_str("text/csv").unwrap(), "csv"),
        (csv().file_name("contacts.csv"), "csv"),
        (csv(), "csv"),
    ] {
        let report = import_form(&olena, part).await.expect(StatusCode::OK).json;
        assert_eq!((&report["format"], counts(&report)[4]), (&json!(format), 0), "{report}");
    }
    service.end().await;
}

#[actix_web::test]
async fn other_media_types_and_forms_are_rejected() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    for media_type in ["application/json", "text/plain", "application/zip"] {
        let answer = import(&olena, media_type, "", card(1)).await.expect_problem(415, "unsupported-media-type");
        assert_eq!(answer.header("accept"), "text/vcard, text/csv, multipart/form-data");
    }
    let forms = [
        (multipart::Form::new(), 400, "bad-request"),
        (multipart::Form::new().text("other", card(1)), 422, "invalid-body"),
        (multipart::Form::new().text("file", card(1)).text("file", card(2)), 422, "invalid-body"),
    ];
    for (form, status, code) in forms {
        let request = olena.request(Method::POST, "/api/contacts/import").multipart(form);
        Answer::of(request.send().await.unwrap()).await.expect_problem(status, code);
    }
    assert_eq!(total(&olena).await, 0);
    service.end().await;
}

#[actix_web::test]
async fn invalid_parameters_are_reported_together() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    let query = "?mode=merge&dry_run=maybe&charset=klingon&delimiter=|&date_order=year_first&mapping={\"A\":\"shoe_size\"}\
                 &has_header=x&unknown_to_note=x&other=1";
    let answer =
        import(&olena, "text/csv", query, "First Name\r\nA\r\n").await.expect_problem(422, "invalid-parameters");
    let mut errors = answer.errors();
    errors.sort_unstable();
    let expected = [
        ("charset", "unknown-value"),
        ("date_order", "unknown-value"),
        ("delimiter", "unknown-value"),
        ("dry_run", "invalid-boolean"),
        ("has_header", "invalid-boolean"),
        ("mapping", "invalid-mapping"),
        ("mode", "unknown-value"),
        ("other", "unknown-field"),
        ("unknown_to_note", "invalid-boolean"),
    ];
    assert_eq!(errors, expected);
    assert_eq!(total(&olena).await, 0);
    service.end().await;
}

#[actix_web::test]
async fn imports_have_their_own_rate_limit() {
    let service =
        Service::start(Kind::Sqlite, &[("RATE_LIMIT_IMPORT", "2/h"), ("RATE_LIMIT_CONTACT_CREATE", "1/h")]).await;
    let olena = service.stored_person("olena@example.com").await;
    for _ in 0..2 {
        import(&olena, "text/vcard", "", cards(0..30)).await.expect(StatusCode::OK);
    }
    let rejected = import(&olena, "text/vcard", "", card(1)).await.expect_problem(429, "too-many-requests");
    assert!(rejected.header("retry-after").parse::<u64>().unwrap() > 60);
    olena.add(&json!({"first_name": "Леся"})).await;
    service.end().await;
}

#[actix_web::test]
async fn import_needs_a_session() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let request = service.request(Method::POST, "/api/contacts/import").header("content-type", "text/vcard");
    Answer::of(request.body(card(1)).send().await.unwrap()).await.expect_problem(401, "unauthenticated");
    service.end().await;
}

#[actix_web::test]
async fn charset_of_the_file_is_that_of_its_media_type() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    // In windows-1251 the name is "їжак", in KOI8-U "©ФЮЙ".
    let file = [b"First Name\n".as_slice(), &[0xBF, 0xE6, 0xE0, 0xEA], b"\n"].concat();
    let name = async |answer: Answer| {
        let report = answer.expect(StatusCode::OK).json;
        let path = format!("/api/contacts/{}", report["items"][0]["contact_id"].as_str().unwrap());
        olena.get(&path).await.json["first_name"].clone()
    };
    let part = |kind: &str| multipart::Part::bytes(file.clone()).file_name("a.csv").mime_str(kind).unwrap();
    for (charset, expected) in [("windows-1251", "їжак"), ("\"cp1251\"", "їжак"), ("koi8-u", "©ФЮЙ")] {
        let media_type = format!("text/csv; charset={charset}");
        assert_eq!(name(import(&olena, &media_type, "?mode=add", file.clone()).await).await, json!(expected));
        assert_eq!(name(import_form(&olena, part(&media_type)).await).await, json!(expected));
        let chosen = import(&olena, "text/csv; charset=koi8-u", "?mode=add&charset=cp1251", file.clone()).await;
        assert_eq!(name(chosen).await, json!("їжак"), "the parameter of the address comes first");
    }
    let unknown = import(&olena, "text/csv; charset=none", "?mode=add", "First Name\nЇжак\n").await;
    assert_eq!(name(unknown).await, json!("Їжак"));
    service.end().await;
}
