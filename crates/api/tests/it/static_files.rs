//! Swagger UI and other static files.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, Kind, Service};

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

#[actix_web::test]
async fn documentation_without_scripts_links_to_the_document() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let page = service.get("/docs/").await.expect(StatusCode::OK).text;
    let (_, rest) = page.split_once("<noscript>").unwrap();
    let text = "<p>This page needs JavaScript. Read the <a href=\"/openapi.json\">OpenAPI document</a>.</p>";
    assert_eq!(rest.split_once("</noscript>").unwrap().0, text);
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
