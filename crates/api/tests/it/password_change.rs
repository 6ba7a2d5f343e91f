//! A change of the password with the current one.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{PASSWORD, Service, on_both};

on_both!(password_change_invalidates_every_earlier_token,);

async fn password_change_invalidates_every_earlier_token(service: Service) {
    let here = service.person("olena@example.com").await;
    let there = service.sign_in("olena@example.com", PASSWORD).await;
    let change = async |current: &str, new: &str| {
        here.send_json(Method::PUT, "/api/me/password", &json!({"current_password": current, "new_password": new}))
            .await
    };
    let wrong = change("wrong", "staple the correct horse").await.expect_problem(422, "invalid-body");
    assert_eq!(wrong.errors(), [("/current_password", "wrong-password")]);
    let weak = change(PASSWORD, "olena@example").await.expect_problem(422, "invalid-body");
    assert_eq!(weak.errors(), [("/new_password", "password-self-derived")]);
    there.get("/api/me").await.expect(StatusCode::OK);
    let pair = change(PASSWORD, "staple the correct horse").await.expect(StatusCode::OK).json;
    for earlier in [&here, &there] {
        earlier.get("/api/me").await.expect_problem(401, "access-token-invalid");
        let refresh = json!({ "refresh_token": earlier.refresh_token });
        service.post("/api/auth/refresh", &refresh).await.expect_problem(401, "refresh-token-invalid");
    }
    let next = json!({ "refresh_token": pair["refresh_token"] });
    service.post("/api/auth/refresh", &next).await.expect(StatusCode::OK);
    let me = service.request(Method::GET, "/api/me").bearer_auth(pair["access_token"].as_str().unwrap());
    assert_eq!(me.send().await.unwrap().status(), StatusCode::OK);
    let old = json!({"email": "olena@example.com", "password": PASSWORD});
    service.post("/api/auth/login", &old).await.expect_problem(401, "invalid-credentials");
    service.sign_in("olena@example.com", "staple the correct horse").await;
    service.end().await;
}
