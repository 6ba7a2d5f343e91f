//! A change of the e-mail of an account.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{PASSWORD, Person, Service, on_both};

on_both!(
    email_is_changed_through_the_confirmation_page,
    concurrent_confirmations_apply_only_the_latest_email_change,
    email_confirmed_by_two_users_belongs_to_one,
);

async fn email_is_changed_through_the_confirmation_page(service: Service) {
    let olena = service.person("olena@example.com").await;
    let ask = async |email: &str, password: &str| {
        olena.send_json(Method::POST, "/api/me/email", &json!({"email": email, "password": password})).await
    };
    let wrong = ask("new@example.com", "wrong").await.expect_problem(422, "invalid-body");
    assert_eq!(wrong.errors(), [("/password", "wrong-password")]);
    let same = ask("olena@example.com", PASSWORD).await.expect_problem(422, "invalid-body");
    assert_eq!(same.errors(), [("/email", "unchanged")]);
    ask("new@example.com", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let token = service.token_to("new@example.com", 1).await;
    assert_eq!(service.mails_to("olena@example.com", 2).await.len(), 2, "a notice goes to the old e-mail");
    service.get(&format!("/confirm-email?token={token}")).await.expect(StatusCode::OK);
    assert_eq!(olena.get("/api/me").await.json["email"], "olena@example.com", "looking changes nothing");
    let confirm = || service.request(Method::POST, "/confirm-email").form(&[("token", token.as_str())]).send();
    assert_eq!(confirm().await.unwrap().status(), StatusCode::OK);
    assert_eq!(confirm().await.unwrap().status(), StatusCode::OK, "a second press is no error");
    assert_eq!(olena.get("/api/me").await.json["email"], "new@example.com");
    service.sign_in("new@example.com", PASSWORD).await;
    service.end().await;
}

async fn confirm(service: &Service, token: &str) -> StatusCode {
    service.request(Method::POST, "/confirm-email").form(&[("token", token)]).send().await.unwrap().status()
}

pub(crate) async fn start_email_change(person: &Person<'_>, email: &str) {
    let body = json!({"email": email, "password": PASSWORD});
    person.send_json(Method::POST, "/api/me/email", &body).await.expect(StatusCode::ACCEPTED);
}

async fn concurrent_confirmations_apply_only_the_latest_email_change(service: Service) {
    let olena = service.person("olena@example.com").await;
    let mut tokens = Vec::new();
    for email in ["first@example.com", "second@example.com"] {
        start_email_change(&olena, email).await;
        tokens.push(service.token_to(email, 1).await);
    }
    let tries = join_all((0..20).map(async |number| (number % 2, confirm(&service, &tokens[number % 2]).await))).await;
    let done: Vec<usize> =
        tries.iter().filter(|(_, status)| *status == StatusCode::OK).map(|(which, _)| *which).collect();
    assert_eq!(done, [1; 10], "only the later link is valid, and repeated presses are no errors");
    assert!(tries.iter().all(|(_, status)| [StatusCode::OK, StatusCode::BAD_REQUEST].contains(status)), "{tries:?}");
    assert_eq!(olena.get("/api/me").await.json["email"], "second@example.com");
    service.end().await;
}

async fn email_confirmed_by_two_users_belongs_to_one(service: Service) {
    let people = [service.person("olena@example.com").await, service.person("petro@example.com").await];
    let mut tokens = Vec::new();
    for (number, person) in people.iter().enumerate() {
        start_email_change(person, "shared@example.com").await;
        tokens.push(service.token_to("shared@example.com", number + 1).await);
    }
    let mut outcomes: Vec<u16> =
        join_all(tokens.iter().map(async |token| confirm(&service, token).await.as_u16())).await;
    outcomes.sort_unstable();
    assert_eq!(outcomes, [200, 409]);
    let mut emails = Vec::new();
    for person in &people {
        emails.push(person.get("/api/me").await.json["email"].clone());
    }
    assert_eq!(emails.iter().filter(|email| **email == "shared@example.com").count(), 1, "{emails:?}");
    service.end().await;
}
