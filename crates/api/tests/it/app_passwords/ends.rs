//! The end of app passwords by time, and by a reset of the password.

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PATH, contacts, created, secret_of, with_scopes};
use crate::service::{Answer, Service, on_both, token_in};

const PAUSE: StdDuration = StdDuration::from_millis(50);

on_both!(
    expired_app_password_is_rejected,
    password_reset_ends_app_passwords_by_default,
    page_for_a_new_password_ends_app_passwords_if_the_box_is_ticked,
);

async fn expired_app_password_is_rejected(service: Service) {
    let olena = service.person("olena@example.com").await;
    let other = created(&olena, &json!({"name": "x"})).await;
    let now = DateTime::parse_from_rfc3339(other["created_at"].as_str().unwrap()).unwrap();
    let expires_at = (now + Duration::seconds(3)).to_rfc3339();
    let body = json!({"name": "x", "scopes": ["api:read"], "expires_at": expires_at});
    let secret = secret_of(&created(&olena, &body).await).to_owned();
    // Until then it is in the cache.
    for _ in 0..600 {
        let answer = contacts(&service, &secret).await;
        if answer.status != StatusCode::OK {
            answer.expect_problem(401, "app-password-invalid");
            assert_eq!(olena.get(PATH).await.json["items"].as_array().unwrap().len(), 2, "it is still listed");
            service.end().await;
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("it did not expire within 30 seconds");
}

/// The token in the mail for a new password. Before it come a mail to verify, and one for each app password.
async fn reset_token(service: &Service, mails: usize) -> String {
    let email = "olena@example.com";
    service.post("/api/auth/forgot-password", &json!({ "email": email })).await.expect(StatusCode::ACCEPTED);
    let mails = service.mails_to(email, mails).await;
    token_in(mails.iter().rev().find(|text| text.contains("/reset-password?")).unwrap())
}

async fn password_reset_ends_app_passwords_by_default(service: Service) {
    let olena = service.person("olena@example.com").await;
    let secret = with_scopes(&olena, &["api:read"]).await;
    contacts(&service, &secret).await.expect(StatusCode::OK);
    let mut mails = 2;
    for (end_app_passwords, is_valid) in [(json!(false), true), (json!("no"), true), (Value::Null, false)] {
        mails += 2;
        let token = reset_token(&service, mails - 1).await;
        let mut body = json!({"token": token, "password": format!("another good phrase {mails}")});
        body["end_app_passwords"] = end_app_passwords.clone();
        let answer = service.post("/api/auth/reset-password", &body).await;
        if end_app_passwords.is_string() {
            assert_eq!(answer.expect_problem(422, "invalid-body").errors(), [("/end_app_passwords", "wrong-type")]);
            mails -= 1;
        } else {
            answer.expect(StatusCode::NO_CONTENT);
        }
        assert_eq!(contacts(&service, &secret).await.status.is_success(), is_valid, "{end_app_passwords}");
    }
    contacts(&service, &secret).await.expect_problem(401, "app-password-invalid");
    service.end().await;
}

async fn page_for_a_new_password_ends_app_passwords_if_the_box_is_ticked(service: Service) {
    let olena = service.person("olena@example.com").await;
    let secret = with_scopes(&olena, &["api:read"]).await;
    let mut mails = 3;
    for is_ticked in [false, true] {
        let token = reset_token(&service, mails).await;
        mails += 2;
        for (language, label) in [("en", "End all app passwords"), ("uk", "Скасувати всі паролі застосунків")]
        {
            let path = format!("/reset-password?token={token}");
            let request = service.request(Method::GET, &path).header("accept-language", language);
            let shown = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::OK).text;
            assert!(shown.contains(label) && shown.contains(" checked>"), "{shown}");
        }
        let submit = async |password: &str| {
            let mut form = vec![("token", token.as_str()), ("password", password)];
            form.extend(is_ticked.then_some(("end_app_passwords", "yes")));
            Answer::of(service.request(Method::POST, "/reset-password").form(&form).send().await.unwrap()).await
        };
        let shown = submit("short").await.expect(StatusCode::UNPROCESSABLE_ENTITY).text;
        assert_eq!(shown.contains(" checked>"), is_ticked, "the box stays as it is: {shown}");
        submit(&format!("another good phrase {mails}")).await.expect(StatusCode::OK);
        assert_eq!(contacts(&service, &secret).await.status.is_success(), !is_ticked);
    }
    service.end().await;
}
