//! Invalid input to the routes of contacts.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Person, Service, on_both};

on_both!(
    malformed_contact_body_is_rejected,
    invalid_contact_value_is_rejected,
    contact_field_of_a_wrong_type_is_rejected,
    too_long_contact_field_is_rejected,
    invalid_query_parameter_is_rejected,
    invalid_cursor_is_rejected,
    malformed_or_unknown_contact_id_is_rejected,
);

/// A user with one contact, and the routes that write contacts: create, replace and change.
struct Writer<'a> {
    olena: Person<'a>,
    before: Value,
    path: String,
}

impl<'a> Writer<'a> {
    async fn of(service: &'a Service) -> Self {
        let olena = service.person("olena@example.com").await;
        let before = olena.add(&json!({"first_name": "Леся", "notes": "as it was"})).await;
        let path = format!("/api/contacts/{}", before["id"].as_str().unwrap());
        Self { olena, before, path }
    }

    /// The answers to a body, each route by its name.
    async fn write(&self, body: &str) -> Vec<(&'static str, Answer)> {
        let routes = [("POST", "/api/contacts"), ("PUT", &self.path), ("PATCH", &self.path)];
        let mut answers = Vec::new();
        for (method, path) in routes {
            let request = self.olena.request(method.parse().unwrap(), path).header("content-type", "application/json");
            answers.push((method, Answer::of(request.body(body.to_owned()).send().await.unwrap()).await));
        }
        answers
    }

    /// Every route answers a body with that problem.
    async fn expect_rejection(&self, body: &str, status: u16, code: &str) {
        for (method, answer) in self.write(body).await {
            let shown: String = body.chars().take(80).collect();
            assert_eq!(answer.status.as_u16(), status, "{method} {shown}: {}", answer.text);
            answer.expect_problem(status, code);
        }
    }

    /// Checks that every route reports exactly one error of a body.
    async fn expect_field_error(&self, body: &str, pointer: &str, code: &str) {
        for (method, answer) in self.write(body).await {
            let shown: String = body.chars().take(80).collect();
            assert_eq!(answer.status.as_u16(), 422, "{method} {shown}: {}", answer.text);
            let answer = answer.expect_problem(422, "invalid-body");
            // The rest of the body may have no name, which is a second error.
            let errors: Vec<_> = answer.errors().into_iter().filter(|error| *error != ("", "contact-empty")).collect();
            assert_eq!(errors, [(pointer, code)], "{method} {shown}");
        }
    }

    /// Checks that the address book is unchanged.
    async fn assert_unchanged(&self) {
        let list = self.olena.get("/api/contacts").await.expect(StatusCode::OK).json;
        assert_eq!(list["items"], json!([self.before]));
    }
}

async fn malformed_contact_body_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    let deep = |brackets: usize| format!("{}{}", "[".repeat(brackets), "]".repeat(brackets));
    for body in [
        String::new(),
        "{\"first_name\":\"\\ud800\"}".to_owned(),
        "{\"first_name\":\"\\udc00x\"}".to_owned(),
        "{\"\\ud800\":1}".to_owned(),
        "{\"first_name\":\"a\u{0}b\"}".to_owned(),
        "{\"first_name\":\"\\x41\"}".to_owned(),
        "{\"favorite\":1e999}".to_owned(),
        "{\"favorite\":-1e999}".to_owned(),
        "{\"favorite\":NaN}".to_owned(),
        "{\"favorite\":0x1}".to_owned(),
        "{\"favorite\":01}".to_owned(),
        "[".repeat(100_000),
        "{\"notes\":".repeat(50_000),
        deep(50_000),
        format!("{{\"notes\":{}}}", deep(100_000)),
    ] {
        writer.expect_rejection(&body, 400, "malformed-json").await;
    }
    writer.expect_rejection(&format!("{{\"notes\":\"{}\"}}", "x".repeat(3 << 20)), 413, "body-too-large").await;
    writer.expect_rejection(&" ".repeat(3 << 20), 413, "body-too-large").await;
    // Valid JSON, but deeper than a contact.
    writer
        .expect_field_error(&format!("{{\"first_name\":\"A\",\"notes\":{}}}", deep(100)), "/notes", "wrong-type")
        .await;
    writer.assert_unchanged().await;

    for kind in
        ["text/plain", "application/json-patch+json", "multipart/form-data", "application/x-www-form-urlencoded"]
    {
        let request = writer.olena.request(Method::PATCH, &writer.path).header("content-type", kind).body("{}");
        Answer::of(request.send().await.unwrap()).await.expect_problem(415, "unsupported-media-type");
    }
    // The last one of two equal keys counts, as in most JSON readers.
    writer.expect_field_error("{\"first_name\":\"A\",\"first_name\":5}", "/first_name", "wrong-type").await;
    for (method, answer) in writer.write("{\"first_name\":5,\"first_name\":\"Б\"}").await {
        assert_eq!(answer.json["first_name"], "Б", "{method}: {}", answer.text);
    }
    service.end().await;
}

async fn invalid_contact_value_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    let cases: [(&str, &str, &str); 47] = [
        (r#"{"first_name":"a\u0000b"}"#, "/first_name", "forbidden-character"),
        (r#"{"first_name":"\u0000"}"#, "/first_name", "forbidden-character"),
        (r#"{"last_name":"a\u0007b"}"#, "/last_name", "forbidden-character"),
        (r#"{"nickname":"a\u007fb"}"#, "/nickname", "forbidden-character"),
        (r#"{"organization":"a\u0085b"}"#, "/organization", "forbidden-character"),
        (r#"{"middle_name":"a\nb"}"#, "/middle_name", "forbidden-character"),
        (r#"{"notes":"a\u0000b"}"#, "/notes", "forbidden-character"),
        (r#"{"notes":"a\ufffeb"}"#, "/notes", "forbidden-character"),
        (r#"{"tags":["a\u0000b"]}"#, "/tags/0", "forbidden-character"),
        (r#"{"emails":[{"address":"a\u0000@example.com"}]}"#, "/emails/0/address", "forbidden-character"),
        (r#"{"phones":[{"number":"1\u00002"}]}"#, "/phones/0/number", "forbidden-character"),
        (r#"{"phones":[{"number":"12","label":"\u0000"}]}"#, "/phones/0/label", "forbidden-character"),
        (r#"{"urls":[{"url":"https://example.com/\u0000"}]}"#, "/urls/0/url", "forbidden-character"),
        (r#"{"addresses":[{"city":"a\u0000"}]}"#, "/addresses/0/city", "forbidden-character"),
        (r#"{"first_name":""}"#, "/first_name", "blank"),
        (r#"{"first_name":" \t\u00a0\u3000 "}"#, "/first_name", "blank"),
        (r#"{"first_name":"\u200b\u3164"}"#, "/first_name", "blank"),
        (r#"{"notes":"\r\n\t "}"#, "/notes", "blank"),
        (r#"{"tags":["ok"," "]}"#, "/tags/1", "blank"),
        (r#"{"emails":[{"address":" "}]}"#, "/emails/0/address", "blank"),
        (r#"{"emails":[{"address":"nobody"}]}"#, "/emails/0/address", "invalid-email"),
        (r#"{"emails":[{"address":"a@b@example.com"}]}"#, "/emails/0/address", "invalid-email"),
        (r#"{"phones":[{"number":"call me"}]}"#, "/phones/0/number", "invalid-phone"),
        (r#"{"phones":[{"number":"1"}]}"#, "/phones/0/number", "invalid-phone"),
        (r#"{"phones":[{"number":"12345678901234567890123456789012345678901"}]}"#, "/phones/0/number", "invalid-phone"),
        (r#"{"birthday":"2999-01-01"}"#, "/birthday", "in-the-future"),
        (r#"{"birthday":"9999-12-31"}"#, "/birthday", "in-the-future"),
        (r#"{"birthday":"2023-02-29"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"1900-02-29"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"--02-30"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"--00-10"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"2000-13-01"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"0000-01-01"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"10000-01-01"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"-001-01-01"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"1990-2-8"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"١٩٩٠-01-01"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":"1990-02-28T00:00:00Z"}"#, "/birthday", "invalid-birthday"),
        (r#"{"birthday":""}"#, "/birthday", "invalid-birthday"),
        (r#"{"urls":[{"url":"javascript:alert(1)"}]}"#, "/urls/0/url", "invalid-url"),
        (r#"{"urls":[{"url":" JaVaScRiPt://example.com/%0aalert(1)"}]}"#, "/urls/0/url", "invalid-url"),
        (r#"{"urls":[{"url":"java\nscript:alert(1)"}]}"#, "/urls/0/url", "forbidden-character"),
        (r#"{"urls":[{"url":"data:text/html,<script>1</script>"}]}"#, "/urls/0/url", "invalid-url"),
        (r#"{"urls":[{"url":"//example.com"}]}"#, "/urls/0/url", "invalid-url"),
        (r#"{"urls":[{"url":"http://"}]}"#, "/urls/0/url", "invalid-url"),
        (r#"{"first_name":"A","emails":[{"address":"a@example.com","x":1}]}"#, "/emails/0/x", "unknown-field"),
        (r#"{"first_name":"A","owner_id":"0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27"}"#, "/owner_id", "unknown-field"),
    ];
    for (body, pointer, code) in cases {
        writer.expect_field_error(body, pointer, code).await;
    }
    for field in ["version", "etag", "__proto__", "First_name", "Id"] {
        let body = json!({"first_name": "A", field: "x"}).to_string();
        writer.expect_field_error(&body, &format!("/{field}"), "unknown-field").await;
    }
    // Only a replacement may contain the members that a response adds.
    for field in ["id", "created_at", "updated_at", "photo_url"] {
        let body = json!({"first_name": "A", field: "x"});
        for (method, path) in [(Method::POST, "/api/contacts"), (Method::PATCH, &writer.path)] {
            let rejected = writer.olena.send_json(method, path, &body).await.expect_problem(422, "invalid-body");
            assert_eq!(rejected.errors(), [(format!("/{field}").as_str(), "unknown-field")]);
        }
    }
    writer.assert_unchanged().await;
    // A change that leaves a contact without a name.
    let emptied = writer.olena.send_json(Method::PATCH, &writer.path, &json!({"first_name": null})).await;
    assert_eq!(emptied.expect_problem(422, "invalid-body").errors(), [("", "contact-empty")]);
    writer.assert_unchanged().await;
    service.end().await;
}

async fn contact_field_of_a_wrong_type_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    let texts =
        ["first_name", "last_name", "middle_name", "nickname", "organization", "job_title", "notes", "birthday"];
    let lists = ["emails", "phones", "addresses", "urls", "tags"];
    for field in texts {
        for value in ["5", "1.5", "-0", "1e308", "true", "[]", "[\"A\"]", "{}", "{\"$ne\":null}"] {
            writer.expect_field_error(&format!("{{\"{field}\":{value}}}"), &format!("/{field}"), "wrong-type").await;
        }
    }
    for field in lists {
        for value in ["5", "\"A\"", "true", "{}", "{\"0\":\"A\"}"] {
            writer.expect_field_error(&format!("{{\"{field}\":{value}}}"), &format!("/{field}"), "wrong-type").await;
        }
        for item in ["5", "null", "[]", "true"] {
            let body = format!("{{\"{field}\":[{item}]}}");
            writer.expect_field_error(&body, &format!("/{field}/0"), "wrong-type").await;
        }
    }
    for value in ["\"true\"", "0", "1", "[]", "{}"] {
        writer
            .expect_field_error(&format!("{{\"first_name\":\"A\",\"favorite\":{value}}}"), "/favorite", "wrong-type")
            .await;
    }
    for (body, pointer) in [
        ("5", ""),
        ("null", ""),
        ("\"{}\"", ""),
        ("[]", ""),
        ("[{\"first_name\":\"A\"}]", ""),
        (r#"{"emails":[{"address":5}]}"#, "/emails/0/address"),
        (r#"{"phones":[{"number":{"$gt":""}}]}"#, "/phones/0/number"),
        (r#"{"phones":[{"number":"12","label":5}]}"#, "/phones/0/label"),
    ] {
        writer.expect_field_error(body, pointer, "wrong-type").await;
    }
    writer.assert_unchanged().await;
    service.end().await;
}

async fn too_long_contact_field_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    let long = "ї".repeat(10_000);
    for field in ["first_name", "last_name", "middle_name", "nickname", "organization", "job_title", "notes"] {
        writer.expect_field_error(&json!({ field: long }).to_string(), &format!("/{field}"), "too-long").await;
    }
    let cases = [
        (json!({"tags": [long]}), "/tags/0"),
        (json!({"tags": vec!["t"; 51]}), "/tags"),
        (json!({"phones": [{"number": "1".repeat(10_000)}]}), "/phones/0/number"),
        (json!({"phones": vec![json!({"number": "12"}); 21]}), "/phones"),
        (json!({"emails": [{"address": format!("{long}@example.com")}]}), "/emails/0/address"),
        (json!({"urls": [{"url": format!("https://example.com/{long}")}]}), "/urls/0/url"),
        (json!({"addresses": [{"street": long}]}), "/addresses/0/street"),
        (json!({"addresses": vec![json!({}); 21]}), "/addresses"),
        (json!({"emails": [{"address": "a@example.com", "label": long}]}), "/emails/0/label"),
        // One character that becomes many when it is composed.
        (json!({"first_name": "\u{1d160}".repeat(100)}), "/first_name"),
    ];
    for (body, pointer) in cases {
        writer.expect_field_error(&body.to_string(), pointer, "too-long").await;
    }
    let many: String = (0..5_000).fold(String::from("{\"first_name\":\"A\""), |mut body, number| {
        write!(body, ",\"x{number}\":1").unwrap();
        body
    });
    for (_, answer) in writer.write(&(many + "}")).await {
        assert_eq!(answer.expect_problem(422, "invalid-body").errors().len(), 100, "at most 100 errors are reported");
    }
    writer.assert_unchanged().await;
    service.end().await;
}

async fn invalid_query_parameter_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    let long = "x".repeat(201);
    let words = "a%20".repeat(17);
    let cases = [
        ("skip=-1".to_owned(), "skip", "out-of-range"),
        ("skip=9223372036854775808".to_owned(), "skip", "out-of-range"),
        ("skip=18446744073709551615&limit=1000".to_owned(), "skip", "out-of-range"),
        ("skip=18446744073709551616".to_owned(), "skip", "out-of-range"),
        ("skip=99999999999999999999999999".to_owned(), "skip", "out-of-range"),
        ("skip=1.0".to_owned(), "skip", "out-of-range"),
        ("skip=%2B1".to_owned(), "skip", "out-of-range"),
        ("skip=".to_owned(), "skip", "out-of-range"),
        ("limit=-1".to_owned(), "limit", "out-of-range"),
        ("limit=1e3".to_owned(), "limit", "out-of-range"),
        ("limit=0x10".to_owned(), "limit", "out-of-range"),
        ("favorite=2".to_owned(), "favorite", "invalid-boolean"),
        ("favorite=yes".to_owned(), "favorite", "invalid-boolean"),
        ("favorite=".to_owned(), "favorite", "invalid-boolean"),
        ("sort=".to_owned(), "sort", "unknown-sort"),
        ("sort=first_name,-first_name".to_owned(), "sort", "unknown-sort"),
        ("sort=id%3BDROP%20TABLE%20contacts".to_owned(), "sort", "unknown-sort"),
        ("sort=--first_name".to_owned(), "sort", "unknown-sort"),
        (format!("q={long}"), "q", "too-long"),
        (format!("q={words}"), "q", "too-many-words"),
        ("q=%00".to_owned(), "q", "forbidden-character"),
        ("q=a%0Ab".to_owned(), "q", "forbidden-character"),
        ("phone=%00".to_owned(), "phone", "forbidden-character"),
        ("phone=%2B".to_owned(), "phone", "invalid-phone"),
        (format!("phone=%2B{}", "9".repeat(200)), "phone", "too-long"),
        ("tag=%20".to_owned(), "tag", "blank"),
        (format!("tag={long}"), "tag", "too-long"),
        ("email=%20".to_owned(), "email", "blank"),
        ("last_name=%CC%81".to_owned(), "last_name", "blank"),
        ("q%5B%5D=a".to_owned(), "q[]", "unknown-field"),
        ("owner_id=0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27".to_owned(), "owner_id", "unknown-field"),
    ];
    for (query, parameter, code) in cases {
        let rejected = writer.olena.get(&format!("/api/contacts?{query}")).await;
        assert_eq!(rejected.status.as_u16(), 422, "{query}: {}", rejected.text);
        assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [(parameter, code)], "{query}");
    }
    for (query, parameter, code) in [
        ("days=-1", "days", "out-of-range"),
        ("days=9223372036854775808", "days", "out-of-range"),
        ("timezone=../../etc/passwd", "timezone", "unknown-timezone"),
        ("timezone=Europe/Kyiv%00", "timezone", "unknown-timezone"),
        ("timezone=", "timezone", "unknown-timezone"),
        ("timezone=%2B02:00", "timezone", "unknown-timezone"),
        ("day=7", "day", "unknown-field"),
    ] {
        let rejected = writer.olena.get(&format!("/api/contacts/birthdays?{query}")).await;
        assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [(parameter, code)], "{query}");
    }
    // Unusual but valid searches, which find nothing.
    for query in [
        "skip=9223372036854775807",
        "skip=9223372036854775807&limit=1000",
        "q=a%E2%80%AEb",
        "q=%CC%81",
        "q=%FF%FE",
        "q=%ZZ",
        "q=%F0%9F%A6%94",
        "phone=%2B99999999999999999999",
        "phone=00000000000000000000",
        "email=%25%27%22%5C_",
        "tag=%25",
    ] {
        assert_eq!(writer.olena.names(query).await, Vec::<String>::new(), "{query}");
    }
    writer.assert_unchanged().await;
    service.end().await;
}

async fn invalid_cursor_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    writer.olena.add(&json!({"first_name": "Б"})).await;
    let page = writer.olena.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json;
    let good = page["next_cursor"].as_str().unwrap();
    let id = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27";
    let written = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let broken = [
        String::new(),
        "%00".to_owned(),
        "a".to_owned(),
        good[1..].to_owned(),
        good[..good.len() - 2].to_owned(),
        format!("{good}%3D%3D"),
        format!("{good}{good}"),
        good.to_lowercase(),
        written("null"),
        written("[]"),
        written("{}"),
        written(&"[".repeat(5_000)),
        written(&format!("[\"+last+first\",[],\"{id}\"]")),
        written(&format!("[\"+last+first\",[{{\"x\":\"AA\"}}],\"{id}\"]")),
        written(&format!("[\"+last+first\",[{{\"d\":1}},{{\"d\":2}}],\"{id}\"]")),
        written(&format!("[\"+last+first\",[{{\"x\":\"!!\"}},{{\"x\":\"AA\"}}],\"{id}\"]")),
        written("[\"+last+first\",[{\"x\":\"AA\"},{\"x\":\"AA\"}],\"nobody\"]"),
        "A".repeat(9_000),
    ];
    for cursor in broken {
        let rejected = writer.olena.get(&format!("/api/contacts?cursor={cursor}")).await;
        let shown: String = cursor.chars().take(60).collect();
        assert_eq!(rejected.status.as_u16(), 422, "{shown}: {}", rejected.text);
        assert_eq!(
            rejected.expect_problem(422, "invalid-parameters").errors(),
            [("cursor", "invalid-cursor")],
            "{shown}"
        );
    }
    let other_sort = writer.olena.get(&format!("/api/contacts?sort=-last_name&cursor={good}")).await;
    assert_eq!(other_sort.expect_problem(422, "invalid-parameters").errors(), [("cursor", "invalid-cursor")]);
    let days = |day: &str| written(&format!("[\"+birthday\",[{{\"d\":{day}}}],\"{id}\"]"));
    for day in ["10000", "-1", "4294967296", "1.5", "1e2", "\"1\""] {
        let rejected = writer.olena.get(&format!("/api/contacts?sort=birthday&cursor={}", days(day))).await;
        assert_eq!(
            rejected.expect_problem(422, "invalid-parameters").errors(),
            [("cursor", "invalid-cursor")],
            "{day}"
        );
    }
    writer.olena.get(&format!("/api/contacts?sort=birthday&cursor={}", days("9999"))).await.expect(StatusCode::OK);
    service.end().await;
}

async fn malformed_or_unknown_contact_id_is_rejected(service: Service) {
    let writer = Writer::of(&service).await;
    let long = "a".repeat(2_000);
    let ids = [
        "1",
        "-1",
        "null",
        "undefined",
        "%00",
        "%20",
        "*",
        "їжак",
        "%F0%9F%A6%94",
        "..%2F..%2Fetc%2Fpasswd",
        "'%20OR%201=1--",
        "0193b5c71f6e7c3a9d425b8f0a6c1e27",
        "{0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27}",
        "urn:uuid:0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27",
        "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e2g",
        "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e277",
        &long,
    ];
    for id in ids {
        for (method, rest) in [
            (Method::GET, ""),
            (Method::PUT, ""),
            (Method::PATCH, ""),
            (Method::DELETE, ""),
            (Method::DELETE, "/photo"),
        ] {
            let body = json!({"first_name": "A"});
            let request = writer.olena.request(method.clone(), &format!("/api/contacts/{id}{rest}")).json(&body);
            let rejected = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(rejected.status.as_u16(), 422, "{method} {id}{rest}: {}", rejected.text);
            assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [("id", "invalid-id")], "{id}");
        }
    }
    for id in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
        let path = format!("/api/contacts/{id}");
        writer.olena.get(&path).await.expect_problem(404, "contact-not-found");
        writer.olena.send(Method::DELETE, &path).await.expect_problem(404, "contact-not-found");
        let body = json!({"first_name": "A"});
        writer.olena.send_json(Method::PUT, &path, &body).await.expect_problem(404, "contact-not-found");
        writer.olena.send_json(Method::PATCH, &path, &body).await.expect_problem(404, "contact-not-found");
    }
    let capitals = writer.path.to_uppercase().replace("/API/CONTACTS", "/api/contacts");
    assert_eq!(
        writer.olena.get(&capitals).await.expect(StatusCode::OK).json,
        writer.before,
        "a UUID in capitals is one"
    );
    for tag in ["1", "\"", "\"1", "\"9223372036854775808\"", "W/\"1\"", "\"\u{1}\""] {
        let Ok(value) = reqwest::header::HeaderValue::from_str(tag) else { continue };
        let request = writer.olena.request(Method::DELETE, &writer.path).header("if-match", value);
        let rejected = Answer::of(request.send().await.unwrap()).await;
        assert!([400, 412].contains(&rejected.status.as_u16()), "{tag}: {}", rejected.text);
    }
    writer.assert_unchanged().await;
    service.end().await;
}
