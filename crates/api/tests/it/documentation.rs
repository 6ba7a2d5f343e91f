//! The OpenAPI document tells the whole truth, and the pages that show it work.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::service::{Answer, Kind, Service};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[test]
fn the_document_is_the_reviewed_one() {
    let document: Value = serde_json::to_value(api::document("http://localhost:8000")).unwrap();
    insta::assert_json_snapshot!("openapi", document, { ".info.version" => "[version]" });
}

#[test]
fn every_operation_is_told_whole() {
    let document: Value = serde_json::to_value(api::document("http://localhost:8000")).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()))
        {
            let place = format!("{method} {path}");
            assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{place}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
            for (status, response) in responses {
                assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{place} {status}");
                if status.starts_with('4') {
                    assert!(response["content"]["application/problem+json"].is_object(), "{place} {status}");
                }
            }
            if path.starts_with("/api") {
                let wanted = ["500", "503"].into_iter().chain(operation["security"].is_array().then_some("401"));
                for status in wanted.chain(operation["requestBody"].is_object().then_some("413")) {
                    assert!(responses.contains_key(status), "{place} {status}");
                }
            }
            for content in
                operation["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values())
            {
                let reference = content["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                assert!(document["components"]["schemas"][&reference].is_object(), "{place}");
            }
        }
    }
}

#[actix_web::test]
async fn what_is_routed_is_what_is_documented() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let document = service.get("/openapi.json").await.expect(StatusCode::OK).json;
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
        let refused = Answer::of(request.send().await.unwrap()).await.expect_problem(405, "method-not-allowed");
        let routed =
            refused.header("allow").split(", ").filter(|method| *method != "HEAD").map(str::to_owned).collect();
        assert_eq!(documented, routed, "{path}");
    }
    service.end().await;
}

#[actix_web::test]
async fn swagger_ui_is_served_by_the_service_itself() {
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
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "nothing is loaded from elsewhere");
    let document = service.get("/openapi.json").await.json;
    let token_url = &document["components"]["securitySchemes"]["password"]["flows"]["password"]["tokenUrl"];
    assert_eq!(token_url, "/api/auth/login", "Authorize signs in here");
    service.end().await;
}

#[actix_web::test]
async fn health_is_told_by_part() {
    let service = Service::start(Kind::Postgres, &[]).await;
    assert_eq!(service.get("/healthz").await.expect(StatusCode::OK).json["status"], "ok");
    let ready = service.get("/readyz").await.expect(StatusCode::OK).json;
    assert_eq!(
        (&ready["status"], &ready["database"]["status"], &ready["outbox"]["status"]),
        (&"ok".into(), &"ok".into(), &"ok".into())
    );
    service.end().await;
}
