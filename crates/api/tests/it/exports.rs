//! Contacts as files, over HTTP.

use contact_files::{FileFormat, FileOptions, FileReader, TableOptions};
use domain::contact::{
    import::{EntryContent, ImportedContact},
    received::CardUid,
};
use image::ImageFormat;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    long_lists::{fill, usual_contact},
    pictures::{encoded, file, path_of, upload},
    service::{Answer, Person, Service, on_both},
};

on_both!([("CONTACT_LIMIT", "5000")];
    each_format_has_all_contacts_that_match,
    invalid_parameters_of_an_export_are_rejected,
    photos_are_in_vcards_on_request,
    contact_is_a_vcard_by_accept,
    vcard_has_an_entity_tag_of_its_own,
    export_of_1050_contacts_is_streamed,
);

/// Reads an exported file.
pub(crate) fn contacts_in(file: impl AsRef<[u8]>, format: FileFormat) -> Vec<ImportedContact> {
    let table = TableOptions::default();
    let today = "2026-11-21".parse().unwrap();
    let mut reader = FileReader::new(FileOptions { format, charset: None, locale: None, table, today });
    let mut rest = file.as_ref();
    let mut entries: Vec<_> = std::iter::from_fn(|| reader.next(&mut rest)).collect();
    entries.extend(std::iter::from_fn(|| reader.finish()));
    let contact = |content| match content {
        Ok(EntryContent::Contact(contact)) => *contact,
        other => panic!("no contact: {other:?}"),
    };
    entries.into_iter().map(|entry| contact(entry.content)).collect()
}

/// Checks that a contact of a file has the id and the values of a contact of the API.
fn assert_same(read: &ImportedContact, contact: &Value) {
    assert_eq!(read.uid.as_ref().map(CardUid::as_str), contact["id"].as_str());
    assert_eq!(read.left_out, []);
    let card: Value = serde_json::from_str(read.card.to_json().as_str()).unwrap();
    for (name, value) in card.as_object().unwrap() {
        assert_eq!(*value, contact[name], "{name}");
    }
}

async fn export(person: &Person<'_>, query: &str) -> Answer {
    person.get(&format!("/api/contacts/export?{query}")).await.expect(StatusCode::OK)
}

/// Returns the items of a list.
async fn list(person: &Person<'_>, query: &str) -> Vec<Value> {
    let path = format!("/api/contacts?limit=1000&{query}");
    let list = person.get(&path).await.expect(StatusCode::OK).json;
    list["items"].as_array().unwrap().clone()
}

async fn add_lesia(person: &Person<'_>) -> Value {
    let contact = json!({
        "first_name": "Леся", "last_name": "Українка", "nickname": "Зірка; \"Ясна\", мала", "department": "Поезія",
        "emails": (0..7).map(|number| json!({"label": "дім", "address": format!("{number}@example.com")})).collect::<Vec<_>>(),
        "phones": [{"label": "work fax", "number": "+380 44 123-45-67"}, {"number": "102"}],
        "addresses": [{"label": "home", "street": "вул. Хрещатик, 1", "city": "Київ"}],
        "urls": [{"url": "https://example.com/a,b;c"}],
        "birthday": "--02-29", "notes": "=рядок\n\tдругий", "tags": ["Друзі", "a,b"], "favorite": true,
    });
    person.add(&contact).await
}

async fn each_format_has_all_contacts_that_match(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    petro.add(&json!({"first_name": "Чужа"})).await;
    add_lesia(&olena).await;
    olena.add(&json!({"first_name": "Іван", "tags": ["друзі"], "birthday": "1856-08-27"})).await;
    olena.add(&json!({"organization": "Плеяда"})).await;
    for query in
        ["", "sort=-created_at", "tag=друзі", "favorite=true", "q=плея", "q=nobody", "first_name=ва&sort=birthday"]
    {
        let expected = list(&olena, query).await;
        let json = export(&olena, &format!("format=json&{query}")).await;
        assert_eq!(json.json, json!(expected), "{query}");
        for (name, format) in [
            ("format=vcard", FileFormat::Vcard),
            ("", FileFormat::Vcard),
            ("version=4.0", FileFormat::Vcard),
            ("format=csv", FileFormat::Csv),
        ] {
            let text = export(&olena, &format!("{name}&{query}")).await.text;
            let read = contacts_in(&text, format);
            assert_eq!(read.len(), expected.len(), "{name} {query}");
            read.iter().zip(&expected).for_each(|(read, contact)| assert_same(read, contact));
        }
    }
    for (query, kind, extension) in [
        ("", "text/vcard; charset=utf-8; version=3.0", "vcf"),
        ("version=4.0", "text/vcard; charset=utf-8; version=4.0", "vcf"),
        ("format=csv", "text/csv; charset=utf-8", "csv"),
        ("format=json", "application/json", "json"),
    ] {
        let file = export(&olena, query).await;
        assert_eq!((file.header("content-type"), file.header("cache-control")), (kind, "no-store"));
        let name = file.header("content-disposition").to_owned();
        let date = name.strip_prefix("attachment; filename=\"contacts-").unwrap();
        let date = date.strip_suffix(&format!(".{extension}\"")).unwrap();
        assert!(date.len() == 10 && date.starts_with("20"), "{name}");
        let head = olena.send(Method::HEAD, &format!("/api/contacts/export?{query}")).await.expect(StatusCode::OK);
        assert_eq!((head.text.as_str(), head.header("content-type")), ("", kind));
    }
    service.end().await;
}

async fn invalid_parameters_of_an_export_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (query, error) in [
        ("format=xml", ("format", "unknown-format")),
        ("version=2.1", ("version", "unknown-version")),
        ("photos=yes", ("photos", "invalid-boolean")),
        ("sort=age", ("sort", "unknown-sort")),
        ("limit=10", ("limit", "unknown-field")),
    ] {
        let problem = olena.get(&format!("/api/contacts/export?{query}")).await;
        assert_eq!(problem.expect_problem(422, "invalid-parameters").errors(), [error], "{query}");
    }
    service.get("/api/contacts/export").await.expect_problem(401, "unauthenticated");
    service.end().await;
}

async fn photos_are_in_vcards_on_request(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let ids = fill(&olena, 12, usual_contact).await;
    for id in &ids[..11] {
        let form = file(encoded(9, 9, ImageFormat::Png));
        upload(&olena, &format!("/api/contacts/{id}/photo"), form).await.expect(StatusCode::OK);
    }
    let stored = olena.get(&format!("/api/contacts/{}", ids[0])).await.json;
    let stored = service.request(Method::GET, &path_of(&stored["photo_url"])).send().await.unwrap();
    let stored = stored.bytes().await.unwrap();
    for version in ["3.0", "4.0"] {
        let with =
            contacts_in(&export(&olena, &format!("version={version}&photos=true")).await.text, FileFormat::Vcard);
        let photos: Vec<_> = with.iter().filter_map(|contact| contact.photo.as_ref()).collect();
        assert_eq!((with.len(), photos.len()), (12, 11));
        assert!(photos.iter().all(|photo| ***photo == *stored));
        let without = contacts_in(&export(&olena, &format!("version={version}")).await.text, FileFormat::Vcard);
        assert!(without.len() == 12 && without.iter().all(|contact| contact.photo.is_none()));
    }
    // A picture that is gone is no picture, and no reason to end the file.
    std::fs::remove_dir_all(service.data_folder().join("media/photos")).unwrap();
    let without = contacts_in(&export(&olena, "photos=true").await.text, FileFormat::Vcard);
    assert!(without.len() == 12 && without.iter().all(|contact| contact.photo.is_none()));
    service.end().await;
}

async fn by_accept(person: &Person<'_>, path: &str, accept: &str) -> Answer {
    Answer::of(person.request(Method::GET, path).header("accept", accept).send().await.unwrap()).await
}

async fn contact_is_a_vcard_by_accept(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact = add_lesia(&olena).await;
    let path = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    let photo = file(encoded(9, 9, ImageFormat::Png));
    let contact = upload(&olena, &format!("{path}/photo"), photo).await.expect(StatusCode::OK).json;
    for (accept, version) in [
        ("text/vcard", "3.0"),
        ("text/x-vcard, */*;q=0.1", "3.0"),
        ("text/vcard;version=4.0", "4.0"),
        ("application/json;q=0.5, text/vcard;version=4.0", "4.0"),
    ] {
        let card = by_accept(&olena, &path, accept).await.expect(StatusCode::OK);
        assert_eq!(card.header("content-type"), format!("text/vcard; charset=utf-8; version={version}"));
        assert!(card.text.contains(&format!("\r\nVERSION:{version}\r\n")), "{}", card.text);
        let read = contacts_in(&card.text, FileFormat::Vcard);
        assert_same(&read[0], &contact);
        assert!(read[0].photo.is_some());
    }
    for accept in ["application/json", "*/*", "text/html", "text/vcard;q=0.1, application/json", "text/vcard;q=0"] {
        let json = by_accept(&olena, &path, accept).await.expect(StatusCode::OK);
        assert_eq!((json.header("content-type"), &json.json), ("application/json", &contact), "{accept}");
    }
    let unknown = by_accept(&olena, "/api/contacts/0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27", "text/vcard").await;
    unknown.expect_problem(404, "contact-not-found");
    service.end().await;
}

async fn vcard_has_an_entity_tag_of_its_own(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let path = format!("/api/contacts/{}", add_lesia(&olena).await["id"].as_str().unwrap());
    let mut tags = Vec::new();
    for accept in ["application/json", "text/vcard", "text/vcard;version=4.0"] {
        let found = by_accept(&olena, &path, accept).await.expect(StatusCode::OK);
        let vary: Vec<_> = found.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.iter().any(|names| names.to_ascii_lowercase().contains("accept")), "{vary:?}");
        assert_eq!(found.header("cache-control"), "private, no-cache");
        tags.push((accept, found.header("etag").to_owned()));
    }
    assert_eq!(
        tags.iter().map(|(_, tag)| tag.as_str()).collect::<Vec<_>>(),
        ["\"1\"", "\"1-vcard-3.0-1\"", "\"1-vcard-4.0-1\""]
    );
    for (accept, tag) in &tags {
        for (_, cached) in &tags {
            let request = olena.request(Method::GET, &path).header("accept", *accept).header("if-none-match", cached);
            let status = if cached == tag { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            Answer::of(request.send().await.unwrap()).await.expect(status);
        }
    }
    let patch = |tag: &str, name: &str| {
        let request = olena.request(Method::PATCH, &path).header("if-match", tag);
        request.json(&json!({ "nickname": name })).send()
    };
    let changed = Answer::of(patch(&tags[2].1, "one").await.unwrap()).await.expect(StatusCode::OK);
    assert_eq!(changed.header("etag"), "\"2\"");
    Answer::of(patch(&tags[1].1, "two").await.unwrap()).await.expect_problem(412, "contact-changed");
    service.end().await;
}

async fn export_of_1050_contacts_is_streamed(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    fill(&olena, 1_050, usual_contact).await;
    let json = export(&olena, "format=json&sort=created_at").await;
    let all = json.json.as_array().unwrap().clone();
    assert_eq!(all.len(), 1_050);
    let mut listed = list(&olena, "sort=created_at").await;
    listed.extend(list(&olena, "sort=created_at&skip=1000").await);
    assert_eq!(all, listed);
    for (query, format) in [("version=3.0", FileFormat::Vcard), ("format=csv", FileFormat::Csv)] {
        let file = export(&olena, &format!("{query}&sort=created_at")).await;
        assert_eq!((file.header("transfer-encoding"), file.header("content-length")), ("chunked", ""));
        let read = contacts_in(&file.text, format);
        assert_eq!(read.len(), 1_050);
        read.iter().zip(&all).for_each(|(read, contact)| assert_same(read, contact));
    }
    service.end().await;
}
