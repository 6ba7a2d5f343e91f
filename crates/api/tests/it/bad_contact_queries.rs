//! Invalid queries, cursors and ids of contacts.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    bad_contacts::Writer,
    service::{Answer, Service, on_both},
};

on_both!(invalid_query_parameter_is_rejected, invalid_cursor_is_rejected, malformed_or_unknown_contact_id_is_rejected,);

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
        ("/a/~b=1".to_owned(), "/a/~b", "unknown-field"),
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
    let send = async |method: Method, name: &'static str, tag: &'static str| {
        let request = writer.olena.request(method, &writer.path).header(name, tag);
        Answer::of(request.send().await.unwrap()).await
    };
    for tag in ["\"9223372036854775808\"", "\"a,1\"", "W/\"1\""] {
        send(Method::DELETE, "if-match", tag).await.expect_problem(412, "contact-changed");
    }
    for tag in ["1", "\"", "\"1", "", ",", "\"7\" \"1\""] {
        send(Method::DELETE, "if-match", tag).await.expect_problem(400, "bad-request");
        send(Method::GET, "if-none-match", tag).await.expect_problem(400, "bad-request");
    }
    writer.assert_unchanged().await;
    service.end().await;
}
