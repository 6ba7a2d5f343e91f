//! The list of sessions, and ended sessions.

use reqwest::{Method, StatusCode};

use crate::service::{PASSWORD, Service, on_both};

on_both!(sessions_are_listed_and_ended,);

async fn sessions_are_listed_and_ended(service: Service) {
    let here = service.person("olena@example.com").await;
    let (there, elsewhere) =
        (service.sign_in("olena@example.com", PASSWORD).await, service.sign_in("olena@example.com", PASSWORD).await);
    let petro = service.person("petro@example.com").await;
    let list = here.get("/api/me/sessions").await.expect(StatusCode::OK).json;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    let current: Vec<bool> = items.iter().map(|item| item["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [false, false, true], "the one used last first");
    assert_eq!(items[0]["ip"], "127.0.0.1");

    let path = format!("/api/me/sessions/{}", items[1]["id"].as_str().unwrap());
    petro.send(Method::DELETE, &path).await.expect_problem(404, "session-not-found");
    here.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    here.send(Method::DELETE, &path).await.expect_problem(404, "session-not-found");
    there.get("/api/me").await.expect_problem(401, "access-token-invalid");
    elsewhere.get("/api/me").await.expect(StatusCode::OK);
    here.send(Method::DELETE, "/api/me/sessions").await.expect(StatusCode::NO_CONTENT);
    elsewhere.get("/api/me").await.expect_problem(401, "access-token-invalid");
    here.get("/api/me").await.expect(StatusCode::OK);
    petro.get("/api/me").await.expect(StatusCode::OK);
    service.end().await;
}
