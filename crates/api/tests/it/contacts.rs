//! Contacts: ownership, search and concurrent changes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Service, on_both};

on_both!(
    contacts_of_another_user_are_not_accessible,
    created_contact_returns_every_field,
    search_ignores_case_and_accents,
    contacts_are_sorted_and_paged_by_cursor,
    patch_clears_null_fields_and_put_replaces_everything,
    stale_if_match_is_rejected,
    upcoming_birthdays_are_sorted_by_date,
    tags_are_listed_with_counts,
    invalid_list_parameters_are_rejected,
);

fn path_of(contact: &Value) -> String {
    format!("/api/contacts/{}", contact["id"].as_str().unwrap())
}

async fn contacts_of_another_user_are_not_accessible(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let contact = olena.add(&json!({"first_name": "Леся", "birthday": "--01-01"})).await;
    let path = path_of(&contact);
    assert!(petro.names("").await.is_empty());
    assert!(petro.names("q=Леся").await.is_empty());
    let birthdays = petro.get("/api/contacts/birthdays?days=366").await.expect(StatusCode::OK).json;
    assert_eq!(birthdays["items"], json!([]));
    let body = json!({"first_name": "Чуже"});
    petro.get(&path).await.expect_problem(404, "contact-not-found");
    petro.send_json(Method::PUT, &path, &body).await.expect_problem(404, "contact-not-found");
    petro.send_json(Method::PATCH, &path, &body).await.expect_problem(404, "contact-not-found");
    petro.send(Method::DELETE, &path).await.expect_problem(404, "contact-not-found");
    assert_eq!(olena.get(&path).await.expect(StatusCode::OK).json, contact);
    service.get(&path).await.expect_problem(401, "unauthenticated");
    service.end().await;
}

async fn created_contact_returns_every_field(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let body = json!({
        "first_name": "Леся", "last_name": "Українка", "middle_name": "Петрівна", "nickname": "Зірка",
        "organization": "Плеяда", "job_title": "поетка",
        "emails": [{"label": "дім", "address": "Lesia@Example.com"}, {"label": null, "address": "l@example.org"}],
        "phones": [{"label": "mobile", "number": "+380 (67) 111-22-33"}],
        "addresses": [{"label": "home", "street": "вул. Хрещатик, 1", "city": "Київ", "region": null, "postal_code": "01001", "country": "Україна"}],
        "urls": [{"label": null, "url": "https://example.com/lesia"}],
        "birthday": "1871-02-25", "notes": "рядок\nдругий", "tags": ["Друзі", "друзі", "work"], "favorite": true,
    });
    let request = olena.request(Method::POST, "/api/contacts").json(&body);
    let created = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::CREATED);
    assert_eq!(created.header("location"), path_of(&created.json));
    assert_eq!(created.header("etag"), "\"1\"");
    for (field, value) in body.as_object().unwrap() {
        let expected = if field == "tags" { &json!(["Друзі", "work"]) } else { value };
        assert_eq!(&created.json[field], expected, "{field}");
    }
    assert_eq!(created.json["photo_url"], Value::Null);
    assert_eq!(created.json["created_at"], created.json["updated_at"]);
    let least = olena.add(&json!({"phones": [{"number": "112"}]})).await;
    assert_eq!((&least["first_name"], &least["emails"], &least["favorite"]), (&Value::Null, &json!([]), &json!(false)));
    service.end().await;
}

async fn search_ignores_case_and_accents(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (first, last) in
        [("Їжак", "Ґудзенко"), ("Лук’ян", "О’Ніл"), ("Álvaro", "Straße"), ("Наталя", "Їжакевич"), ("100%", "a_b\\c")]
    {
        olena.add(&json!({"first_name": first, "last_name": last, "tags": ["Усі"]})).await;
    }
    let cases: [(&str, &[&str]); 14] = [
        ("q=їжак", &["Їжак", "Наталя"]),
        ("q=ЇЖАК", &["Їжак", "Наталя"]),
        ("q=їжак%20НАТАЛ", &["Наталя"]),
        ("q=strasse", &["Álvaro"]),
        ("q=лук%27ян", &["Лук’ян"]),
        ("q=лукʼян%20о`ніл", &["Лук’ян"]),
        ("q=alvaro", &["Álvaro"]),
        ("last_name=ґудз", &["Їжак"]),
        ("q=%25", &["100%"]),
        ("q=_", &["100%"]),
        ("q=%5C", &["100%"]),
        ("q=%27%3B--", &[]),
        ("tag=УСІ&first_name=їж", &["Їжак"]),
        ("favorite=true", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(olena.names(query).await, expected, "{query}");
    }
    service.end().await;
}

async fn contacts_are_sorted_and_paged_by_cursor(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for name in ["Яна", "Ірина", "Їжак", "Adam", "Ганна", "Ґава", "Йосип"] {
        olena.add(&json!({"first_name": name, "last_name": "Х"})).await;
    }
    let sorted = ["Adam", "Ганна", "Ґава", "Ірина", "Їжак", "Йосип", "Яна"];
    assert_eq!(olena.names("").await, sorted);
    let page = olena.get("/api/contacts?skip=2&limit=3").await.expect(StatusCode::OK).json;
    assert_eq!((&page["total"], &page["skip"], &page["limit"]), (&json!(7), &json!(2), &json!(3)));
    assert_eq!(page["items"].as_array().unwrap().len(), 3);

    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            olena.get(&format!("/api/contacts?sort=-first_name&limit=3{cursor}")).await.expect(StatusCode::OK).json;
        found.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["first_name"].as_str().unwrap().to_owned()),
        );
        olena.add(&json!({"first_name": "Ященко", "last_name": "added"})).await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, sorted.into_iter().rev().collect::<Vec<_>>(), "contacts added before the cursor shift nothing");
    service.end().await;
}

async fn patch_clears_null_fields_and_put_replaces_everything(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact =
        olena.add(&json!({"first_name": "Леся", "notes": "x", "emails": [{"address": "l@example.com"}]})).await;
    let path = path_of(&contact);
    let request = olena.request(Method::PATCH, &path).header("content-type", "application/merge-patch+json");
    let patched = Answer::of(request.body(r#"{"notes":null,"emails":null,"tags":["a"]}"#).send().await.unwrap()).await;
    let patched = patched.expect(StatusCode::OK).json;
    assert_eq!(
        (&patched["first_name"], &patched["notes"], &patched["emails"]),
        (&json!("Леся"), &Value::Null, &json!([]))
    );
    let hollow = olena.send_json(Method::PATCH, &path, &json!({"first_name": null})).await;
    assert_eq!(hollow.expect_problem(422, "invalid-body").errors(), [("", "contact-empty")]);
    let replaced = olena.send_json(Method::PUT, &path, &json!({"nickname": "Зірка"})).await.expect(StatusCode::OK).json;
    assert_eq!(
        (&replaced["first_name"], &replaced["tags"], &replaced["id"]),
        (&Value::Null, &json!([]), &contact["id"])
    );
    service.end().await;
}

async fn stale_if_match_is_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let path = path_of(&olena.add(&json!({"first_name": "Леся"})).await);
    let send = async |method: Method, name: &'static str, tag: &'static str| {
        let request = olena.request(method, &path).header(name, tag).json(&json!({"first_name": "Л."}));
        Answer::of(request.send().await.unwrap()).await
    };
    assert_eq!(send(Method::PUT, "if-match", "\"1\"").await.expect(StatusCode::OK).header("etag"), "\"2\"");
    send(Method::PUT, "if-match", "\"1\"").await.expect_problem(412, "contact-changed");
    send(Method::PATCH, "if-match", "W/\"2\"").await.expect_problem(412, "contact-changed");
    let same = send(Method::PATCH, "if-match", "\"7\", \"2\"").await.expect(StatusCode::OK);
    assert_eq!(same.header("etag"), "\"2\"", "nothing was changed");
    let nickname = olena.send_json(Method::PATCH, &path, &json!({"nickname": "Зірка"})).await.expect(StatusCode::OK);
    assert_eq!(nickname.header("etag"), "\"3\"");
    send(Method::DELETE, "if-match", "\"2\"").await.expect_problem(412, "contact-changed");
    let same = send(Method::GET, "if-none-match", "\"3\"").await.expect(StatusCode::NOT_MODIFIED);
    assert_eq!((same.header("etag"), same.header("cache-control")), ("\"3\"", "private, no-cache"));
    send(Method::GET, "if-none-match", "\"2\"").await.expect(StatusCode::OK);
    for tag in ["\"2\"", "W/\"3\"", "\"03\""] {
        send(Method::GET, "if-match", tag).await.expect_problem(412, "contact-changed");
    }
    send(Method::GET, "if-match", "\"2\", \"3\"").await.expect(StatusCode::OK);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for tag in ["*", "\"3\"", "\"1\", W/\"3\""] {
            let rejected = send(method.clone(), "if-none-match", tag).await;
            rejected.expect_problem(412, "contact-changed");
        }
        send(method, "if-none-match", "3").await.expect_problem(400, "bad-request");
    }
    send(Method::PATCH, "if-none-match", "\"2\"").await.expect(StatusCode::OK);
    send(Method::DELETE, "if-match", "*").await.expect(StatusCode::NO_CONTENT);
    service.end().await;
}

async fn upcoming_birthdays_are_sorted_by_date(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (name, birthday) in [("Рік", "--12-31"), ("Новий", "2000-01-01"), ("Високосний", "2000-02-29")]
    {
        olena.add(&json!({"first_name": name, "birthday": birthday})).await;
    }
    let list =
        olena.get("/api/contacts/birthdays?days=366&timezone=Pacific/Kiritimati").await.expect(StatusCode::OK).json;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    let dates: Vec<&str> = items.iter().map(|item| item["date"].as_str().unwrap()).collect();
    assert!(dates.is_sorted(), "{dates:?}");
    for item in items {
        let (born, date) = (item["contact"]["birthday"].as_str().unwrap(), item["date"].as_str().unwrap());
        let turns = born.get(..4).and_then(|year| year.parse::<i64>().ok());
        let year: i64 = date[..4].parse().unwrap();
        assert_eq!(item["turns"].as_i64(), turns.map(|born| year - born), "{item}");
        assert!((0..=366).contains(&item["days_until"].as_i64().unwrap()));
    }
    let rejected = olena.get("/api/contacts/birthdays?days=367&timezone=Kyiv").await;
    let expected = [("days", "out-of-range"), ("timezone", "unknown-timezone")];
    assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), expected);
    service.end().await;
}

async fn tags_are_listed_with_counts(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    for tags in [json!(["Друзі", "work"]), json!(["друзі"]), json!(["Друзі"]), json!([])] {
        olena.add(&json!({"first_name": "Леся", "tags": tags})).await;
    }
    petro.add(&json!({"first_name": "Чужа", "tags": ["чуже"]})).await;
    let tags = olena.get("/api/contacts/tags").await.expect(StatusCode::OK).json;
    assert_eq!(tags, json!({"items": [{"tag": "work", "count": 1}, {"tag": "Друзі", "count": 3}]}));
    service.get("/api/contacts/tags").await.expect_problem(401, "unauthenticated");
    service.end().await;
}

async fn invalid_list_parameters_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let cases: [(&str, &[(&str, &str)]); 14] = [
        ("limit=0", &[("limit", "out-of-range")]),
        ("limit=1001&skip=-1", &[("limit", "out-of-range"), ("skip", "out-of-range")]),
        ("skip=99999999999999999999", &[("skip", "out-of-range")]),
        ("skip=9223372036854775808", &[("skip", "out-of-range")]),
        ("limit=ten", &[("limit", "out-of-range")]),
        ("limit=1&limit=2", &[("limit", "repeated")]),
        ("sort=name", &[("sort", "unknown-sort")]),
        ("favorite=yes", &[("favorite", "invalid-boolean")]),
        ("serach=x", &[("serach", "unknown-field")]),
        ("cursor=broken", &[("cursor", "invalid-cursor")]),
        ("cursor=WyIiXQ&skip=1", &[("cursor", "cursor-with-skip")]),
        ("phone=none", &[("phone", "invalid-phone")]),
        ("q=a%00&email=%00", &[("email", "forbidden-character"), ("q", "forbidden-character")]),
        ("first_name=%20", &[("first_name", "blank")]),
    ];
    for (query, expected) in cases {
        let rejected = olena.get(&format!("/api/contacts?{query}")).await.expect_problem(422, "invalid-parameters");
        let mut errors = rejected.errors();
        errors.sort_unstable();
        assert_eq!(errors, expected, "{query}");
    }
    let forged = |time: &str| {
        let cursor = format!("[\"+created\",[{{\"t\":{time}}}],\"0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27\"]");
        format!("/api/contacts?sort=created_at&cursor={}", URL_SAFE_NO_PAD.encode(cursor))
    };
    for time in ["8000000000000000000", "-8000000000000000000", "253402300800000000", "\"x\"", "1e3"] {
        let rejected = olena.get(&forged(time)).await.expect_problem(422, "invalid-parameters");
        assert_eq!(rejected.errors(), [("cursor", "invalid-cursor")], "{time}");
    }
    for time in ["-62135596800000000", "253402300799999999", "0"] {
        olena.get(&forged(time)).await.expect(StatusCode::OK);
    }
    let far = olena.get("/api/contacts?skip=9223372036854775807").await.expect(StatusCode::OK).json;
    assert_eq!((&far["items"], &far["skip"]), (&json!([]), &json!(i64::MAX)));
    for id in [
        "1",
        "x",
        "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e2",
        "%00",
        "{0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27}",
        "..%2F..",
        "їжак",
    ] {
        let rejected = olena.get(&format!("/api/contacts/{id}")).await;
        assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [("id", "invalid-id")], "{id}");
    }
    olena.get("/api/contacts/0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27").await.expect_problem(404, "contact-not-found");
    service.end().await;
}
