//! Pasted and typed texts over HTTP. `testkit::contract::pasted_text` has the tables of stored forms and searches.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, PASSWORD, Person, Service, on_both};

on_both!(
    invisible_characters_are_dropped_in_bodies_and_queries,
    received_contact_can_be_sent_back,
    write_without_a_change_leaves_the_etag,
    unparsed_values_are_trimmed,
    query_booleans_have_any_case,
    registration_takes_the_preferred_language,
    byte_order_mark_and_identity_encoding_are_accepted,
    copied_tokens_and_links_work,
);

fn path_of(contact: &Value) -> String {
    format!("/api/contacts/{}", contact["id"].as_str().unwrap())
}

fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{query}")
}

async fn total(olena: &Person<'_>, query: &[(&str, &str)]) -> Value {
    olena.get(&with_query("/api/contacts", query)).await.expect(StatusCode::OK).json["total"].clone()
}

async fn invisible_characters_are_dropped_in_bodies_and_queries(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let typed = json!({
        "first_name": "An\u{200b}na", "last_name": "\u{2068}Нечуй‑Левицький\u{2069}",
        "nickname": "👩‍👧 ❤️", "notes": "а\u{200b}\u{200f}б",
        "phones": [{"label": "mo\u{ad}bile", "number": "\u{202a}+380 67 111‑22‑33\u{202c}"}],
        "emails": [{"address": "\u{feff}ann＠exam\u{ad}ple。com"}],
        "tags": ["fami\u{200b}ly", "family", "сім’я", "сім'я"],
        "urls": [{"url": "www.example.com"}, {"url": "mailto:ann@example.com"}],
    });
    let stored = olena.add(&typed).await;
    let expected = json!({
        "first_name": "Anna", "last_name": "Нечуй‑Левицький", "nickname": "👩‍👧 ❤️", "notes": "а\u{200b}\u{200f}б",
        "phones": [{"label": "mobile", "number": "+380 67 111‑22‑33"}],
        "emails": [{"label": null, "address": "ann@example.com"}],
        "tags": ["family", "сім’я"],
        "urls": [{"label": null, "url": "https://www.example.com"}, {"label": null, "url": "mailto:ann@example.com"}],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&stored[name], value, "{name}");
    }
    let found = [
        ("q", "anna"),
        ("q", "\u{202a}+380 67 111‑22‑33\u{202c}"),
        ("q", "\u{2068}+380 67 111-22-33\u{2069}"),
        ("q", "0038 067 111 22 33"),
        ("q", "067 111 22 33"),
        ("q", "нечуй-левицький"),
        ("q", "ann＠example.com"),
        ("q", "сім'я"),
        ("q", "\u{200e}"),
        ("phone", "\u{feff}067\u{2011}111"),
        ("email", "ann@exam\u{ad}ple。com"),
        ("tag", "сімʼя"),
        ("tag", "FAM\u{fe0f}ILY"),
        ("first_name", "an\u{200b}na"),
    ];
    for (name, text) in found {
        assert_eq!(total(&olena, &[(name, text)]).await, 1, "{name}={text:?}");
    }
    assert_eq!(total(&olena, &[("q", "\u{301}")]).await, 0, "a mark alone is not everybody");
    service.end().await;
}

async fn received_contact_can_be_sent_back(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact = olena
        .add(&json!({
            "first_name": "Леся", "birthday": "1871-02-25", "tags": ["Поети"], "favorite": true,
            "phones": [{"number": "112"}], "addresses": [{"city": "Київ"}], "urls": [{"url": "example.com"}],
            "emails": [{"label": "дім", "address": "root@nas"}], "pronouns": "вона", "department": "А",
        }))
        .await;
    let path = path_of(&contact);
    let received = olena.get(&path).await.expect(StatusCode::OK);
    assert_eq!(received.json, contact);
    let sent_back = olena.send_json(Method::PUT, &path, &received.json).await.expect(StatusCode::OK);
    assert_eq!((&sent_back.json, sent_back.header("etag")), (&contact, "\"1\""));

    let mut changed = contact.clone();
    changed["nickname"] = json!("Зірка");
    changed["id"] = json!("another");
    changed["created_at"] = Value::Null;
    let changed = olena.send_json(Method::PUT, &path, &changed).await.expect(StatusCode::OK).json;
    assert_eq!((&changed["nickname"], &changed["id"]), (&json!("Зірка"), &contact["id"]));
    assert_eq!(changed["created_at"], contact["created_at"]);

    let mut unknown = contact.clone();
    unknown["etag"] = json!("x");
    let rejected = olena.send_json(Method::PUT, &path, &unknown).await.expect_problem(422, "invalid-body");
    assert_eq!(rejected.errors(), [("/etag", "unknown-field")]);
    service.end().await;
}

async fn write_without_a_change_leaves_the_etag(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let body = json!({"first_name": "Леся", "favorite": true, "tags": ["Поети"]});
    let contact = olena.add(&body).await;
    let path = path_of(&contact);
    let batch = |patch: Value| json!({"operations": [{"op": "update", "id": contact["id"], "contact": patch}]});
    for patch in [json!({}), json!({"favorite": true}), json!({"first_name": " Леся ", "notes": null})] {
        let answer = olena.send_json(Method::PATCH, &path, &patch).await.expect(StatusCode::OK);
        assert_eq!((answer.header("etag"), &answer.json), ("\"1\"", &contact), "{patch}");
        let answer = olena.send_json(Method::POST, "/api/contacts/batch", &batch(patch)).await.expect(StatusCode::OK);
        let item = &answer.json["items"][0];
        assert_eq!((&item["op"], &item["etag"], &item["contact"]), (&json!("update"), &json!("\"1\""), &contact));
    }
    let answer = olena.send_json(Method::PUT, &path, &body).await.expect(StatusCode::OK);
    assert_eq!((answer.header("etag"), &answer.json), ("\"1\"", &contact));
    let unchanged = olena.request(Method::GET, &path).header("if-none-match", "\"1\"");
    Answer::of(unchanged.send().await.unwrap()).await.expect(StatusCode::NOT_MODIFIED);
    let answer = olena.send_json(Method::PATCH, &path, &json!({"favorite": false})).await.expect(StatusCode::OK);
    assert_eq!(answer.header("etag"), "\"2\"");
    service.end().await;
}

async fn unparsed_values_are_trimmed(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact = olena.add(&json!({"first_name": "Леся", "birthday": " 1990-02-28 \n"})).await;
    assert_eq!(contact["birthday"], "1990-02-28");
    let change = json!({"locale": "uk-UA", "timezone": " Europe/London\u{feff}"});
    let changed = olena.send_json(Method::PATCH, "/api/me", &change).await.expect(StatusCode::OK).json;
    assert_eq!((&changed["locale"], &changed["timezone"]), (&json!("uk"), &json!("Europe/London")));
    olena.get("/api/contacts/birthdays?timezone=%20Europe/Kyiv&days=%207").await.expect(StatusCode::OK);
    let refresh = json!({"refresh_token": format!(" {}\n", olena.refresh_token)});
    service.post("/api/auth/refresh", &refresh).await.expect(StatusCode::OK);
    service.end().await;
}

async fn query_booleans_have_any_case(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    olena.add(&json!({"first_name": "Леся", "favorite": true})).await;
    olena.add(&json!({"first_name": "Іван"})).await;
    for (text, expected) in [("True", "Леся"), ("TRUE", "Леся"), ("1", "Леся"), ("False", "Іван"), ("0", "Іван")]
    {
        assert_eq!(olena.names(&format!("favorite={text}")).await, [expected], "{text}");
    }
    service.end().await;
}

async fn registration_takes_the_preferred_language(service: Service) {
    let cases = [
        ("olena@example.com", Some("uk-UA,uk;q=0.9,en;q=0.8"), None, "uk"),
        ("petro@example.com", Some("de, uk;q=0.5, en;q=0.1"), None, "uk"),
        ("ivan@example.com", Some("uk"), Some("en-GB"), "en"),
        ("lesia@example.com", Some("de"), None, "en"),
        ("hanna@example.com", None, None, "en"),
        ("taras@example.com", None, Some("UK_ua"), "uk"),
    ];
    for (email, accepted, locale, expected) in cases {
        let mut body = json!({"username": "Олена", "email": email, "password": PASSWORD});
        if let Some(locale) = locale {
            body["locale"] = json!(locale);
        }
        let mut request = service.request(Method::POST, "/api/auth/register").json(&body);
        if let Some(accepted) = accepted {
            request = request.header("accept-language", accepted);
        }
        let registered = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::CREATED).json;
        assert_eq!(registered["locale"], expected, "{email}");
    }
    service.end().await;
}

async fn byte_order_mark_and_identity_encoding_are_accepted(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let send = async |body: &'static str, encoding: &'static str| {
        let request = olena.request(Method::POST, "/api/contacts").header("content-type", "application/json");
        let request = request.header("content-encoding", encoding).body(body);
        Answer::of(request.send().await.unwrap()).await
    };
    let created = send("\u{feff}{\"first_name\":\"Леся\"}", "identity").await.expect(StatusCode::CREATED);
    assert_eq!(created.json["first_name"], "Леся");
    send("{\"first_name\":\"Леся\"}", "Identity").await.expect(StatusCode::CREATED);
    let rejected = send("\u{feff}{}", "identity").await.expect_problem(422, "invalid-body");
    assert_eq!(rejected.errors(), [("", "contact-empty")]);
    let login = "\u{feff}{\"email\":\"\u{feff}olena@example.com\u{200e}\",\"password\":\"correct horse battery\"}";
    let request = service.request(Method::POST, "/api/auth/login").header("content-type", "application/json");
    Answer::of(request.body(login).send().await.unwrap()).await.expect(StatusCode::OK);
    service.end().await;
}

async fn copied_tokens_and_links_work(service: Service) {
    for (email, around) in [("olena@example.com", "\n"), ("petro@example.com", "."), ("ivan@example.com", ">")] {
        service.register(email).await.expect(StatusCode::CREATED);
        let token = format!("{}{around}", service.token_to(email, 1).await);
        service.get(&with_query("/verify-email", &[("token", &token)])).await.expect(StatusCode::OK);
        // Also a second time, shortly after the first one.
        for _ in 0..2 {
            service.post("/api/auth/verify-email", &json!({ "token": token })).await.expect(StatusCode::NO_CONTENT);
        }
        service.sign_in(email, PASSWORD).await;
    }
    service.register("lesia@example.com").await.expect(StatusCode::CREATED);
    let token = format!("<{}>", service.token_to("lesia@example.com", 1).await);
    let form = service.request(Method::POST, "/verify-email").form(&[("token", &token)]);
    Answer::of(form.send().await.unwrap()).await.expect(StatusCode::OK);
    service.sign_in("lesia@example.com", PASSWORD).await;
    service.end().await;
}
