//! The OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::service::{Answer, Kind, Service};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub(crate) fn document() -> Value {
    serde_json::to_value(api::document()).unwrap()
}

/// Each operation, named like `get /api/me`.
pub(crate) fn operations(document: &Value) -> Vec<(String, &Value)> {
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
pub(crate) fn responses<'a>(
    document: &'a Value,
    operation: &'a Value,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    parts(&operation["responses"]).map(|(status, response)| match response["$ref"].as_str() {
        Some(reference) => (status, document.pointer(reference.strip_prefix('#').unwrap()).unwrap()),
        None => (status, response),
    })
}

/// The members of an object, none if it is absent.
pub(crate) fn parts(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The schemas that a part of the document refers to, by name.
pub(crate) fn schemas<'a>(document: &'a Value, part: &Value, found: &mut BTreeMap<String, &'a Value>) {
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
        ("idempotency-key-reused", &["post /api/contacts", "post /api/contacts/batch", "post /api/contacts/import"]),
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
            if kind.starts_with("text/") {
                assert_eq!(content["schema"]["type"], "string", "{route} {kind}: a text has no fields");
                continue;
            }
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

#[test]
fn links_lead_to_every_operation_of_a_resource() {
    let document = document();
    let by_id: BTreeMap<&str, (String, &Value)> = operations(&document)
        .into_iter()
        .map(|(route, operation)| (operation["operationId"].as_str().unwrap(), (route, operation)))
        .collect();
    let mut targets = BTreeSet::new();
    for (route, operation) in operations(&document) {
        for (status, response) in responses(&document, operation) {
            for (name, link) in parts(&response["links"]) {
                let (target, described) = &by_id[link["operationId"].as_str().unwrap()];
                let known: BTreeSet<&str> = described["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|parameter| parameter["name"].as_str())
                    .collect();
                for (parameter, value) in parts(&link["parameters"]) {
                    assert!(known.contains(parameter.as_str()), "{route} {status} {name}: {parameter} of {target}");
                    if value == "$response.header.ETag" {
                        assert!(response["headers"]["ETag"].is_object(), "{route} {status} {name}");
                    }
                }
                let is_conditional = known.contains("If-Match") && response["headers"]["ETag"].is_object();
                assert_eq!(link["parameters"]["If-Match"].is_string(), is_conditional, "{route} {status} {name}");
                targets.insert(target.clone());
            }
        }
    }
    let resources: BTreeSet<String> =
        by_id.into_values().map(|(route, _)| route).filter(|route| route.contains("{id}")).collect();
    assert!(
        !resources.is_empty() && targets.is_superset(&resources),
        "no link leads to {:?}",
        resources.difference(&targets)
    );
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

/// The schema tests read the document itself, so they do not send requests for it.
#[actix_web::test]
async fn answers_with_the_document_are_documented() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let described = document();
    let operation = &described["paths"]["/openapi.json"]["get"];
    let request = || service.request(Method::GET, "/openapi.json").header("accept-encoding", "gzip");
    let whole = request().send().await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    let same = request().header("if-none-match", &whole.headers()["etag"]).send().await.unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    for answer in [&whole, &same] {
        let headers = &operation["responses"][answer.status().as_str()]["headers"];
        assert!(headers["ETag"].is_object(), "{headers}");
        let is_packed = answer.headers().contains_key("content-encoding");
        assert_eq!(is_packed, headers["Content-Encoding"].is_object(), "{headers}");
    }
    assert_eq!(operation["parameters"][0]["name"], "If-None-Match");
    service.end().await;
}
