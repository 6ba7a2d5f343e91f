//! Health and readiness of the service.

use reqwest::{Method, StatusCode};

use crate::service::{Answer, Kind, Service};

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
