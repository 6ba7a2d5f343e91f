//! Invalid requests of every kind: problem details, no panic, no 5xx.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Person, Service, on_both};

on_both!(
    registration_reports_all_errors_at_once,
    contact_creation_reports_all_errors_at_once,
    non_json_body_is_rejected,
    hostile_text_is_rejected_or_stored_verbatim,
    unknown_route_or_method_is_rejected,
    only_a_valid_request_id_is_echoed,
    errors_are_never_compressed,
);

async fn registration_reports_all_errors_at_once(service: Service) {
    let body =
        json!({"username": " ", "email": "nobody", "password": "short", "locale": "ua", "timezone": 3, "admin": true});
    let rejected = service.post("/api/auth/register", &body).await.expect_problem(422, "invalid-body");
    let expected = [
        ("/admin", "unknown-field"),
        ("/email", "invalid-email"),
        ("/locale", "unknown-locale"),
        ("/password", "too-short"),
        ("/timezone", "wrong-type"),
        ("/username", "blank"),
    ];
    assert_eq!(rejected.errors(), expected);
    let rejected = service.post("/api/auth/register", &json!({})).await.expect_problem(422, "invalid-body");
    assert_eq!(rejected.errors(), [("/email", "missing"), ("/password", "missing"), ("/username", "missing")]);
    let rejected = service.post("/api/auth/register", &json!([1])).await.expect_problem(422, "invalid-body");
    assert_eq!(rejected.errors(), [("", "wrong-type")]);
    service.end().await;
}

async fn contact_creation_reports_all_errors_at_once(service: Service) {
    let olena = service.person("olena@example.com").await;
    let body = json!({
        "first_name": "x".repeat(101), "last_name": 5, "birthday": "2999-01-01", "favorite": "yes", "a/b~c": 1,
        "emails": [{"address": "bad"}, {"label": "home"}, 7], "phones": {"number": "1"},
        "urls": [{"url": "javascript:alert(1)"}], "tags": ["ok", "", null],
    });
    let rejected = olena.send_json(Method::POST, "/api/contacts", &body).await.expect_problem(422, "invalid-body");
    let expected = [
        ("/a~1b~0c", "unknown-field"),
        ("/birthday", "in-the-future"),
        ("/emails/0/address", "invalid-email"),
        ("/emails/1/address", "missing"),
        ("/emails/2", "wrong-type"),
        ("/favorite", "wrong-type"),
        ("/first_name", "too-long"),
        ("/last_name", "wrong-type"),
        ("/phones", "wrong-type"),
        ("/tags/1", "blank"),
        ("/tags/2", "wrong-type"),
        ("/urls/0/url", "invalid-url"),
    ];
    assert_eq!(rejected.errors(), expected);
    let many = json!({
        "last_name": 5, "emails": vec![json!({"address": "a@example.com"}); 21], "tags": vec!["t"; 51],
        "urls": vec![json!({"url": "ftp://x"}); 21],
    });
    let rejected = olena.send_json(Method::POST, "/api/contacts", &many).await.expect_problem(422, "invalid-body");
    let errors = rejected.errors();
    assert_eq!(errors.len(), 3 + 1 + 21, "the lists, the name, and each link: {errors:?}");
    for pointer in ["/emails", "/tags", "/urls"] {
        assert!(errors.contains(&(pointer, "too-long")), "{pointer}: {errors:?}");
    }
    let hollow = json!({"notes": "who?", "birthday": "nope", "emails": []});
    let hollow = olena.send_json(Method::POST, "/api/contacts", &hollow).await.expect_problem(422, "invalid-body");
    assert_eq!(hollow.errors(), [("", "contact-empty"), ("/birthday", "invalid-birthday")]);
    service.end().await;
}

async fn raw(olena: &Person<'_>, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request = olena.request(Method::POST, "/api/contacts").body(body);
    let request = content_type.into_iter().fold(request, |request, kind| request.header("content-type", kind));
    Answer::of(request.send().await.unwrap()).await
}

async fn non_json_body_is_rejected(service: Service) {
    let olena = service.person("olena@example.com").await;
    let json = Some("application/json");
    for body in
        ["", "{", "{\"first_name\": }", "nul", "[1,]", "{\"a\":1}x", "\u{feff}", "\u{feff}\u{feff}{}", "{'a':1}"]
    {
        raw(&olena, json, body).await.expect_problem(400, "malformed-json");
    }
    raw(&olena, json, b"{\"first_name\": \"\xff\xfe\"}".to_vec()).await.expect_problem(400, "malformed-json");
    raw(&olena, json, "[".repeat(100_000)).await.expect_problem(400, "malformed-json");
    raw(&olena, json, format!("{{\"notes\":\"{}\"}}", "x".repeat(3 << 20))).await.expect_problem(413, "body-too-large");
    for kind in [None, Some("text/plain"), Some("application/xml"), Some("nonsense")] {
        let rejected = raw(&olena, kind, "{}").await.expect_problem(415, "unsupported-media-type");
        assert_eq!(rejected.header("accept"), "application/json");
    }
    for encoding in ["gzip", "identity, gzip", ""] {
        let request = olena.request(Method::POST, "/api/contacts").header("content-encoding", encoding);
        let packed = Answer::of(request.json(&json!({})).send().await.unwrap()).await;
        let rejected = packed.expect_problem(415, "unsupported-media-type");
        assert_eq!(rejected.header("accept-encoding"), "identity");
    }
    for (method, path, kind) in [
        (Method::POST, "/api/contacts/import", "text/vcard"),
        (Method::POST, "/api/contacts/import", "multipart/form-data; boundary=x"),
        (Method::PUT, "/api/me/avatar", "multipart/form-data; boundary=x"),
        (Method::POST, "/api/auth/login", "application/x-www-form-urlencoded"),
        (Method::POST, "/api/auth/login", "application/json"),
    ] {
        let request = olena.request(method, path).header("content-type", kind).header("content-encoding", "gzip");
        let packed = Answer::of(request.body("x").send().await.unwrap()).await;
        let rejected = packed.expect_problem(415, "unsupported-media-type");
        assert_eq!(rejected.header("accept-encoding"), "identity", "{path} as {kind}");
    }
    raw(&olena, Some("application/json; charset=utf-8"), "{\"first_name\":\"A\"}").await.expect(StatusCode::CREATED);
    let small = "x".repeat(20_000);
    let register = service.post("/api/auth/register", &json!({ "username": small })).await;
    register.expect_problem(413, "body-too-large");
    service.end().await;
}

async fn hostile_text_is_rejected_or_stored_verbatim(service: Service) {
    let olena = service.person("olena@example.com").await;
    let cases: [(Value, &str); 8] = [
        (json!("a\u{0}b"), "forbidden-character"),
        (json!("a\u{1b}[31m"), "forbidden-character"),
        (json!("line\nbreak"), "forbidden-character"),
        (json!("   \t "), "blank"),
        (json!(""), "blank"),
        (json!("x".repeat(10_000)), "too-long"),
        (json!(1.5), "wrong-type"),
        (json!({"$ne": null}), "wrong-type"),
    ];
    for (value, code) in cases {
        let rejected = olena.send_json(Method::POST, "/api/contacts", &json!({ "first_name": value })).await;
        assert_eq!(rejected.expect_problem(422, "invalid-body").errors(), [("/first_name", code)], "{value}");
    }
    let name = "Robert'); DROP TABLE contacts;-- <script>alert(1)</script> {{7*7}} 🦔";
    assert_eq!(olena.add(&json!({ "first_name": name })).await["first_name"], name);
    assert_eq!(olena.names("q=DROP%20TABLE").await, [name]);
    let turned = olena.add(&json!({"first_name": "a\u{202e}b"})).await;
    assert_eq!(turned["first_name"], "ab", "no text changes its direction");
    service.end().await;
}

async fn unknown_route_or_method_is_rejected(service: Service) {
    for path in [
        "/nope",
        "/api",
        "/api/",
        "/api/contacts/",
        "/api/nope",
        "/api//contacts",
        "/media/../Cargo.toml",
        "/media/",
        "/docs/nope",
        "/%ff",
    ] {
        service.get(path).await.expect_problem(404, "not-found");
    }
    for (method, path, allow) in [
        (Method::DELETE, "/api/contacts", "GET, HEAD, POST"),
        (Method::GET, "/api/auth/login", "POST"),
        (Method::POST, "/api/me", "DELETE, GET, HEAD, PATCH"),
        (Method::POST, "/healthz", "GET, HEAD"),
        (Method::POST, "/docs/", "GET, HEAD"),
        (Method::DELETE, "/media/x.jpg", "GET, HEAD"),
        (Method::from_bytes(b"BREW").unwrap(), "/api/contacts/birthdays", "GET, HEAD"),
    ] {
        let rejected = Answer::of(service.request(method, path).send().await.unwrap()).await;
        assert_eq!(rejected.expect_problem(405, "method-not-allowed").header("allow"), allow, "{path}");
    }
    let head = service.request(Method::HEAD, "/healthz").send().await.unwrap();
    assert_eq!((head.status(), head.text().await.unwrap().as_str()), (StatusCode::OK, ""));
    service.end().await;
}

async fn only_a_valid_request_id_is_echoed(service: Service) {
    let ask = async |id: &str| {
        let request = service.request(Method::GET, "/nope").header("x-request-id", id);
        Answer::of(request.send().await.unwrap())
            .await
            .expect_problem(404, "not-found")
            .header("x-request-id")
            .to_owned()
    };
    assert_eq!(ask("from-the-proxy_1.2").await, "from-the-proxy_1.2");
    for strange in ["", "two words", "<script>", &"x".repeat(65)] {
        assert_ne!(ask(strange).await, strange);
    }
    service.end().await;
}

async fn errors_are_never_compressed(service: Service) {
    for path in ["/nope", "/verify-email?token=a&token=b", "/api/contacts?limit=x"] {
        let request = service.request(Method::GET, path).header("accept-encoding", "gzip, br");
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert!(answer.status.is_client_error() && answer.header("content-encoding").is_empty(), "{path}: {answer:?}");
        assert_eq!(answer.json["request_id"], answer.header("x-request-id"), "{path}");
    }
    service.end().await;
}
