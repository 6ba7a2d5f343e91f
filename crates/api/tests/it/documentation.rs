//! OpenAPI document and Swagger UI.

use std::collections::{BTreeMap, BTreeSet};

use domain::contact::{
    AddressLine, ContactCard, JobTitle, Label, Link, Nickname, Notes, Organization, PersonName, PhoneNumber, Tag,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Kind, Service};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn document() -> Value {
    serde_json::to_value(api::document()).unwrap()
}

/// Each operation, named like `get /api/me`.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let items = document["paths"].as_object().unwrap().iter();
    items
        .flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            let operations = operations.filter(|(name, _)| METHODS.contains(&name.as_str()));
            operations.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

/// The responses of an operation by status, references followed.
fn responses<'a>(document: &'a Value, operation: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> {
    parts(&operation["responses"]).map(|(status, response)| match response["$ref"].as_str() {
        Some(reference) => (status, document.pointer(reference.strip_prefix('#').unwrap()).unwrap()),
        None => (status, response),
    })
}

/// The members of an object, none if it is absent.
fn parts(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The schemas that a part of the document refers to, by name.
fn schemas<'a>(document: &'a Value, part: &Value, found: &mut BTreeMap<String, &'a Value>) {
    match part {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref") {
                let name = reference.as_str().unwrap().strip_prefix("#/components/schemas/").unwrap().to_owned();
                let schema = &document["components"]["schemas"][&name];
                assert!(schema.is_object(), "{name}");
                if found.insert(name, schema).is_none() {
                    schemas(document, schema, found);
                }
            }
            fields.values().for_each(|field| schemas(document, field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| schemas(document, item, found)),
        _ => {}
    }
}

#[test]
fn openapi_document_matches_the_snapshot() {
    insta::assert_json_snapshot!("openapi", document(), { ".info.version" => "[version]" });
}

#[test]
fn every_operation_has_a_complete_description() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    for (route, operation) in operations(&document) {
        assert!(operation["tags"].is_array(), "{route}");
        for name in ["summary", "description"] {
            assert!(operation[name].as_str().is_some_and(|text| !text.trim().is_empty()), "{route} has no {name}");
        }
        let responses: BTreeMap<&String, &Value> = responses(&document, operation).collect();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{route}");
        for (status, response) in &responses {
            assert!(status.len() == 3 && status.parse::<u16>().is_ok(), "{route} {status}");
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{route} {status}");
        }
        if route.contains(" /api") {
            let expected = ["500", "503"].into_iter().chain((operation["security"] != json!([])).then_some("401"));
            let of_body: &[&str] =
                if operation["requestBody"].is_object() { &["400", "408", "413", "415"] } else { &[] };
            for status in expected.chain(of_body.iter().copied()) {
                assert!(responses.contains_key(&status.to_owned()), "{route} {status}");
            }
        }
    }
}

#[test]
fn every_problem_response_has_examples_by_code() {
    let document = document();
    let mut statuses: BTreeMap<String, String> = BTreeMap::new();
    for (route, operation) in operations(&document) {
        for (status, response) in responses(&document, operation) {
            // An unready service returns its state, not a problem.
            if !status.starts_with(['4', '5']) || (route == "get /readyz" && status == "503") {
                continue;
            }
            let route = format!("{route} {status}");
            let content = &response["content"]["application/problem+json"];
            assert!(content["examples"].as_object().is_some_and(|examples| !examples.is_empty()), "{route}");
            assert!(status != "401" || response["headers"]["WWW-Authenticate"].is_object(), "{route}");
            assert!(
                !["429", "503"].contains(&status.as_str()) || response["headers"]["Retry-After"].is_object(),
                "{route}"
            );
            for (code, example) in parts(&content["examples"]) {
                let example = &example["value"];
                assert_eq!((&example["code"], &example["status"].to_string()), (&json!(code), status), "{route}");
                assert!(response["description"].as_str().unwrap().contains(&format!("`{code}`: ")), "{route} {code}");
                assert_eq!(statuses.entry(code.clone()).or_insert_with(|| status.clone()), status, "{code}");
                let errors = match code.as_str() {
                    "invalid-body" => &example["errors"][0]["pointer"],
                    "invalid-parameters" => &example["errors"][0]["parameter"],
                    _ => continue,
                };
                assert!(errors.is_string(), "{route} {code}");
            }
        }
    }
    assert!(!statuses.contains_key("user-not-found"));
}

#[test]
fn specific_problem_codes_appear_only_on_their_routes() {
    let document = document();
    let cases: [(&str, &[&str]); 9] = [
        (
            "token-invalid",
            &["post /api/auth/reset-password", "post /api/auth/revert-email", "post /api/auth/verify-email"],
        ),
        ("email-taken", &["post /api/auth/register", "post /api/auth/revert-email"]),
        ("invalid-credentials", &["post /api/auth/login"]),
        ("refresh-token-invalid", &["post /api/auth/refresh"]),
        ("session-not-found", &["delete /api/me/sessions/{id}"]),
        ("contact-limit-reached", &["post /api/contacts", "post /api/contacts/{id}/restore"]),
        ("sync-token-expired", &["get /api/contacts/changes"]),
        ("idempotency-key-reused", &["post /api/contacts", "post /api/contacts/batch"]),
        ("idempotency-key-spent", &["post /api/contacts", "post /api/contacts/batch"]),
    ];
    for (code, expected) in cases {
        let has_code = |operation: &Value| {
            responses(&document, operation)
                .any(|(_, response)| response["content"]["application/problem+json"]["examples"][code].is_object())
        };
        let found: BTreeSet<String> = operations(&document)
            .into_iter()
            .filter(|(_, operation)| has_code(operation))
            .map(|(route, _)| route)
            .collect();
        assert_eq!(found, expected.iter().map(|route| (*route).to_owned()).collect(), "{code}");
    }
}

#[test]
fn request_schemas_reject_unknown_fields_responses_require_all() {
    let document = document();
    let (mut bodies, mut views) = (BTreeMap::new(), BTreeMap::new());
    for (route, operation) in operations(&document) {
        for (kind, content) in parts(&operation["requestBody"]["content"]) {
            assert!(content["schema"]["$ref"].is_string(), "{route} {kind}");
            schemas(&document, content, &mut bodies);
        }
        for (_, response) in parts(&operation["responses"]) {
            schemas(&document, &response["content"]["application/json"], &mut views);
        }
    }
    assert!(
        bodies.contains_key("ContactAddressInput") && views.contains_key("ContactAddress"),
        "those inside others too"
    );
    assert!(bodies.contains_key("BatchDelete"), "and alternatives");
    for (name, body) in bodies.into_iter().filter(|(_, body)| body["oneOf"].is_null()) {
        assert_eq!(body["additionalProperties"], json!(false), "{name}");
    }
    for (name, view) in views {
        let required: BTreeSet<&str> = view["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(required, parts(&view["properties"]).map(|(field, _)| field.as_str()).collect(), "{name}");
    }
    let login = &document["paths"]["/api/auth/login"]["post"]["requestBody"]["content"];
    assert_eq!(parts(login).count(), 1, "the form of OAuth 2 clients is that of the security scheme");
}

/// The schema at a path in a body, with references resolved.
fn schema_at<'a>(document: &'a Value, body: &str, path: &[&str]) -> &'a Value {
    path.iter().fold(&document["components"]["schemas"][body], |schema, step| {
        let inner = if *step == "*" { &schema["items"] } else { &schema["properties"][*step] };
        match inner["$ref"].as_str() {
            Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => inner,
        }
    })
}

#[test]
fn contact_schema_limits_match_the_domain_rules() {
    let document = document();
    let texts: [(&[&str], usize); 18] = [
        (&["first_name"], PersonName::MAX),
        (&["last_name"], PersonName::MAX),
        (&["middle_name"], PersonName::MAX),
        (&["nickname"], Nickname::MAX),
        (&["organization"], Organization::MAX),
        (&["job_title"], JobTitle::MAX),
        (&["notes"], Notes::MAX),
        (&["tags", "*"], Tag::MAX),
        (&["emails", "*", "label"], Label::MAX),
        (&["emails", "*", "address"], 254),
        (&["phones", "*", "number"], PhoneNumber::MAX),
        (&["urls", "*", "url"], Link::MAX),
        (&["addresses", "*", "label"], Label::MAX),
        (&["addresses", "*", "street"], AddressLine::MAX),
        (&["addresses", "*", "city"], AddressLine::MAX),
        (&["addresses", "*", "region"], AddressLine::MAX),
        (&["addresses", "*", "postal_code"], AddressLine::MAX),
        (&["addresses", "*", "country"], AddressLine::MAX),
    ];
    for body in ["ContactInput", "ContactPatch"] {
        let text = |path: &[&str]| schema_at(&document, body, path);
        for (path, max) in texts {
            let schema = text(path);
            assert_eq!(schema["maxLength"], json!(max), "{body} {path:?}");
            assert!(schema["minLength"].as_u64() >= Some(1), "{body} {path:?}: blank text is rejected");
        }
        for (list, max) in [
            ("emails", ContactCard::MAX_VALUES),
            ("phones", ContactCard::MAX_VALUES),
            ("addresses", ContactCard::MAX_VALUES),
            ("urls", ContactCard::MAX_VALUES),
            ("tags", ContactCard::MAX_TAGS),
        ] {
            assert_eq!(text(&[list])["maxItems"], json!(max), "{body} {list}");
        }
        assert!(text(&["birthday"])["pattern"].is_string(), "{body}");
        assert!(document["components"]["schemas"][body]["required"].is_null(), "{body}: no field must be there");
        // Each later member of a contact must have bounds too.
        let mut all = BTreeMap::new();
        schemas(&document, &document["components"]["schemas"][body], &mut all);
        all.insert(body.to_owned(), &document["components"]["schemas"][body]);
        for (name, schema) in all {
            for (field, schema) in parts(&schema["properties"]) {
                let is = |kind: &str| schema["type"] == kind || schema["type"] == json!([kind, "null"]);
                assert!(
                    !is("string") || schema["maxLength"].is_u64() || schema["pattern"].is_string(),
                    "{name} {field}"
                );
                assert!(!is("array") || schema["maxItems"].is_u64(), "{name} {field}");
            }
        }
    }
    for parameter in document["paths"]["/api/contacts"]["get"]["parameters"].as_array().unwrap() {
        let schema = &parameter["schema"];
        let is_bounded = schema["maxLength"].is_u64() || schema["pattern"].is_string();
        assert!(schema["type"] != "string" || is_bounded, "{parameter}");
    }
}

#[actix_web::test]
async fn documented_routes_match_the_router() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let document = service.get("/openapi.json").await.expect(StatusCode::OK).json;
    assert_eq!(document, self::document());
    assert_eq!(document["servers"], json!([{"url": "/"}]), "whatever address it is opened at");
    for (path, item) in document["paths"].as_object().unwrap() {
        let documented: BTreeSet<String> = item
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| METHODS.contains(&name.as_str()))
            .map(|name| name.to_uppercase())
            .collect();
        let path = path.replace("{id}", "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27");
        let request = service.request(Method::from_bytes(b"PROBE").unwrap(), &path);
        let rejected = Answer::of(request.send().await.unwrap()).await.expect_problem(405, "method-not-allowed");
        let routed =
            rejected.header("allow").split(", ").filter(|method| *method != "HEAD").map(str::to_owned).collect();
        assert_eq!(documented, routed, "{path}");
    }
    service.end().await;
}

#[actix_web::test]
async fn swagger_ui_is_served_without_external_resources() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    for path in ["/", "/docs"] {
        let moved = service.get(path).await.expect(StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(moved.header("location"), "/docs/");
    }
    let page = service.get("/docs/").await.expect(StatusCode::OK);
    assert!(page.text.contains("swagger-ui"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    for asset in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert!(page.text.contains(asset), "{asset}");
        service.get(&format!("/docs/{asset}")).await.expect(StatusCode::OK);
    }
    let initializer = service.get("/docs/swagger-initializer.js").await.expect(StatusCode::OK).text;
    assert!(initializer.contains("\"layout\": \"BaseLayout\""), "no bar for another URL: {initializer}");
    assert!(initializer.contains("\"defaultModelsExpandDepth\": 0"), "schemas are folded: {initializer}");
    assert!(page.text.contains("<title>Contacts API</title>") && page.text.contains("href=\"/assets/icon.svg\""));
    assert!(!initializer.contains("\"persistAuthorization\": true"), "a token must not outlive the tab: {initializer}");
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "nothing is loaded from elsewhere");
    let document = service.get("/openapi.json").await.json;
    let flow = &document["components"]["securitySchemes"]["password"]["flows"]["password"];
    assert_eq!(
        *flow,
        json!({"tokenUrl": "/api/auth/login", "scopes": {}}),
        "Authorize signs in here; refresh takes JSON"
    );
    service.end().await;
}

#[test]
fn requests_are_filled_in_with_whole_bodies_only() {
    let document = document();
    for (route, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_filled = parameter["example"].is_null() && parameter["schema"]["example"].is_null();
            assert!(
                is_filled || parameter["in"] == "path",
                "{route}: a reader does not know that {parameter} is filled in"
            );
        }
    }
    for body in
        ["RegisterRequest", "ContactInput", "ContactReplacement", "ContactPatch", "BatchRequest", "ProfileUpdate"]
    {
        assert!(document["components"]["schemas"][body]["example"].is_object(), "{body}");
    }
}

#[actix_web::test]
async fn operations_are_listed_in_the_order_of_a_walk() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let text = service.get("/openapi.json").await.expect(StatusCode::OK).text;
    let position = |path: &str| text.find(&format!("\"{path}\":{{\"")).unwrap_or_else(|| panic!("{path} is missing"));
    let walk =
        ["/api/auth/register", "/api/auth/verify-email", "/api/auth/login", "/api/me", "/api/contacts", "/healthz"];
    assert!(walk.windows(2).all(|pair| position(pair[0]) < position(pair[1])));
    service.end().await;
}

#[actix_web::test]
async fn static_files_are_compressed_and_validated() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    for path in ["/openapi.json", "/docs/", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/assets/pages.css"] {
        let plain = service.get(path).await.expect(StatusCode::OK);
        let request = service.request(Method::GET, path).header("accept-encoding", "gzip, br");
        let small = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::OK);
        assert_eq!(small.header("content-encoding"), "gzip", "{path}");
        assert!(small.header("vary").contains("accept-encoding"), "{path}: {small:?}");
        let length = |answer: &Answer| answer.header("content-length").parse::<usize>().unwrap();
        assert!(length(&small) < length(&plain), "{path}");
        let request = service.request(Method::GET, path).header("if-none-match", plain.header("etag"));
        let cached = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::NOT_MODIFIED);
        assert_eq!((cached.text.as_str(), cached.header("etag")), ("", plain.header("etag")), "{path}");
    }
    service.end().await;
}

#[actix_web::test]
async fn readiness_reports_each_component() {
    let service = Service::start(Kind::Postgres, &[]).await;
    assert_eq!(service.get("/healthz").await.expect(StatusCode::OK).json["status"], "ok");
    let ready = service.get("/readyz").await.expect(StatusCode::OK).json;
    let words = ["database", "cache", "outbox"].map(|part| ready[part]["status"].as_str().unwrap());
    assert_eq!((ready["status"].as_str(), words), (Some("ok"), ["ok", "in-process", "ok"]));
    service.end().await;
}

#[actix_web::test]
async fn unavailable_database_is_reported_by_readiness() {
    let mut service = Service::start(Kind::Postgres, &[]).await;
    let token = service.person("olena@example.com").await.access_token.clone();
    service.lose_database().await;
    let ready = service.get("/readyz").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    let words = (&ready.json["status"], &ready.json["database"]["status"], &ready.json["outbox"]["status"]);
    assert_eq!(words, (&"unavailable".into(), &"unavailable".into(), &"unavailable".into()));
    assert!(!ready.header("retry-after").is_empty());
    service.get("/healthz").await.expect(StatusCode::OK);
    let request = service.request(Method::GET, "/api/me").bearer_auth(token);
    let rejected = Answer::of(request.send().await.unwrap()).await.expect_problem(503, "unavailable");
    assert!(!rejected.header("retry-after").is_empty());
    service.end().await;
}
