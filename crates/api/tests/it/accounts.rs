//! Registration, forgotten passwords, and the profile.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{PASSWORD, Service, on_both};

on_both!(
    stored_person_is_like_a_registered_one,
    registered_email_is_rejected_as_taken,
    concurrent_identical_registrations_create_one_account,
    forgotten_password_is_reset_by_mailed_token,
    mail_requests_do_not_reveal_registered_emails,
    concurrent_uses_of_a_verification_token_all_succeed,
    profile_update_is_stored_and_validated,
);

async fn stored_person_is_like_a_registered_one(service: Service) {
    let (olena, petro) = (service.person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let mut registered = olena.get("/api/me").await.expect(StatusCode::OK).json;
    let mut stored = petro.get("/api/me").await.expect(StatusCode::OK).json;
    for member in ["id", "email", "created_at"] {
        assert_ne!(registered[member].take(), stored[member].take(), "{member}");
    }
    assert_eq!(registered, stored);
    service.sign_in("petro@example.com", PASSWORD).await;
    service.end().await;
}

async fn registered_email_is_rejected_as_taken(service: Service) {
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    service.register(" OLENA@example.com").await.expect_problem(409, "email-taken");
    service.end().await;
}

async fn concurrent_identical_registrations_create_one_account(service: Service) {
    let answers = join_all((0..32).map(|_| service.register("race@example.com"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count(), 1);
    for rejected in answers.into_iter().filter(|answer| answer.status != StatusCode::CREATED) {
        rejected.expect_problem(409, "email-taken");
    }
    service.end().await;
}

async fn forgotten_password_is_reset_by_mailed_token(service: Service) {
    let olena = service.person("olena@example.com").await;
    service
        .post("/api/auth/forgot-password", &json!({"email": "olena@example.com"}))
        .await
        .expect(StatusCode::ACCEPTED);
    let token = service.token_to("olena@example.com", 2).await;
    let path = "/api/auth/reset-password";
    let weak = service.post(path, &json!({"token": token, "password": "password"})).await;
    assert_eq!(weak.expect_problem(422, "invalid-body").errors(), [("/password", "password-too-common")]);
    let derived = service.post(path, &json!({"token": token, "password": "Олена-olena"})).await;
    assert_eq!(derived.expect_problem(422, "invalid-body").errors(), [("/password", "password-self-derived")]);
    let good = json!({"token": token, "password": "staple the correct horse"});
    service.post(path, &good).await.expect(StatusCode::NO_CONTENT);
    service.post(path, &good).await.expect(StatusCode::NO_CONTENT);

    olena.get("/api/me").await.expect_problem(401, "access-token-invalid");
    let old = json!({"email": "olena@example.com", "password": PASSWORD});
    service.post("/api/auth/login", &old).await.expect_problem(401, "invalid-credentials");
    service.sign_in("olena@example.com", "staple the correct horse").await;
    service.end().await;
}

async fn mail_requests_do_not_reveal_registered_emails(service: Service) {
    service.person("olena@example.com").await;
    for path in ["/api/auth/forgot-password", "/api/auth/verify-email/resend"] {
        let known = service.post(path, &json!({"email": "olena@example.com"})).await.expect(StatusCode::ACCEPTED);
        let unknown = service.post(path, &json!({"email": "nobody@example.com"})).await.expect(StatusCode::ACCEPTED);
        assert_eq!((known.text, known.headers.len()), (unknown.text, unknown.headers.len()), "{path}");
    }
    service.end().await;
}

async fn concurrent_uses_of_a_verification_token_all_succeed(service: Service) {
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    let token = service.token_to("olena@example.com", 1).await;
    let crossed = json!({"token": token, "password": "staple the correct horse"});
    service.post("/api/auth/reset-password", &crossed).await.expect_problem(400, "token-invalid");
    let body = json!({ "token": token });
    let answers = join_all((0..20).map(|_| service.post("/api/auth/verify-email", &body))).await;
    for answer in answers {
        answer.expect(StatusCode::NO_CONTENT);
    }
    // Only one of them verified the e-mail address.
    let olena = service.sign_in("olena@example.com", PASSWORD).await;
    let events = olena.get("/api/me/export").await.json["audit_events"].clone();
    let verified = events.as_array().unwrap().iter().filter(|event| event["action"] == "verify-email").count();
    assert_eq!(verified, 1, "{events}");
    service.end().await;
}

async fn profile_update_is_stored_and_validated(service: Service) {
    let olena = service.person("olena@example.com").await;
    let change = json!({"username": "  Леся  ", "locale": "uk"});
    let changed = olena.send_json(Method::PATCH, "/api/me", &change).await.expect(StatusCode::OK).json;
    assert_eq!(
        (&changed["username"], &changed["locale"], &changed["timezone"]),
        (&json!("Леся"), &json!("uk"), &json!("Europe/Kyiv"))
    );
    assert_eq!(olena.get("/api/me").await.json, changed);
    let invalid = json!({"username": "", "locale": "ua", "timezone": "Kyiv", "email": "x@example.com"});
    let rejected = olena.send_json(Method::PATCH, "/api/me", &invalid).await.expect_problem(422, "invalid-body");
    let expected = [
        ("/email", "unknown-field"),
        ("/locale", "unknown-locale"),
        ("/timezone", "unknown-timezone"),
        ("/username", "blank"),
    ];
    assert_eq!(rejected.errors(), expected);
    service.end().await;
}
