//! Invalid bodies of contacts.

use std::fmt::Write as _;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Person, Service, on_both};

on_both!(
    malformed_contact_body_is_rejected,
    invalid_contact_value_is_rejected,
    contact_field_of_a_wrong_type_is_rejected,
    too_long_contact_field_is_rejected,
);

/// A user with one contact, and the routes that write contacts: create, replace and change.
pub(crate) struct Writer<'a> {
    pub(crate) olena: Person<'a>,
    pub(crate) before: Value,
    pub(crate) path: String,
}

impl<'a> Writer<'a> {
    pub(crate) async fn of(service: &'a Service) -> Self {
        let olena = service.stored_person("olena@example.com").await;
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
    pub(crate) async fn assert_unchanged(&self) {
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
