//! Notices, reverted e-mails, unverified e-mails.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::smtp::{Misbehaviour, SmtpScript, SmtpSink, Stage};

use crate::service::{Answer, Kind, PASSWORD, Person, Service, on_both, token_in};

on_both!(
    stolen_email_is_reverted_over_the_api,
    stolen_email_is_reverted_by_page,
    email_verified_by_another_account_is_not_reverted,
    password_change_and_reset_are_reported_by_mail,
    session_ended_by_token_reuse_is_reported_once,
    new_device_is_reported_unless_disabled,
    wrong_passwords_are_reported,
    export_omits_other_users_mails_at_a_pending_email,
    unverified_email_gets_six_mails_a_day,
    confirmation_mail_names_the_requesting_account,
);

const OLENA: &str = "olena@example.com";
const THIEF: &str = "thief@example.com";

async fn start_email_change(person: &Person<'_>, address: &str) {
    let body = json!({"email": address, "password": PASSWORD});
    person.send_json(Method::POST, "/api/me/email", &body).await.expect(StatusCode::ACCEPTED);
}

async fn submit(service: &Service, path: &str, token: &str) -> Answer {
    Answer::of(service.request(Method::POST, path).form(&[("token", token)]).send().await.unwrap()).await
}

/// Waits for the mail to an e-mail address that contains a text.
async fn mail_with(service: &Service, address: &str, words: &str) -> String {
    for mails in 1.. {
        let texts = service.mails_to(address, mails).await;
        if let Some(text) = texts.into_iter().find(|text| text.contains(words)) {
            return text;
        }
    }
    unreachable!()
}

/// Changes the e-mail of Olena's account. Returns the thief, and the token that reverts the change.
async fn stolen(service: &Service) -> (Person<'_>, String) {
    let olena = service.person(OLENA).await;
    start_email_change(&olena, THIEF).await;
    submit(service, "/confirm-email", &service.token_to(THIEF, 1).await).await.expect(StatusCode::OK);
    let mail = mail_with(service, OLENA, "/revert-email?token=").await;
    assert!(mail.contains("127.0.0.1") && mail.contains("for 7 days") && !mail.contains("Олена"), "{mail}");
    (service.sign_in(THIEF, PASSWORD).await, token_in(&mail))
}

async fn revert(service: &Service, token: &str) -> Answer {
    service.post("/api/auth/revert-email", &json!({ "token": token })).await
}

async fn stolen_email_is_reverted_over_the_api(service: Service) {
    let (thief, token) = stolen(&service).await;
    revert(&service, "nonsense").await.expect_problem(400, "token-invalid");
    // A registration with the old e-mail, without its mailbox, does not block its owner.
    service.register(OLENA).await.expect(StatusCode::CREATED);
    revert(&service, &token).await.expect(StatusCode::NO_CONTENT);
    revert(&service, &token).await.expect(StatusCode::NO_CONTENT);
    thief.get("/api/me").await.expect_problem(401, "access-token-invalid");
    let refresh = json!({"refresh_token": thief.refresh_token});
    service.post("/api/auth/refresh", &refresh).await.expect_problem(401, "refresh-token-invalid");
    for email in [THIEF, OLENA] {
        let login = json!({"email": email, "password": PASSWORD});
        service.post("/api/auth/login", &login).await.expect_problem(401, "invalid-credentials");
    }
    let reset = token_in(&mail_with(&service, OLENA, "/reset-password?token=").await);
    let body = json!({"token": reset, "password": "staple the correct horse"});
    service.post("/api/auth/reset-password", &body).await.expect(StatusCode::NO_CONTENT);
    let olena = service.sign_in(OLENA, "staple the correct horse").await;
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
    let actions: Vec<&str> =
        export["audit_events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"revert-email"), "{actions:?}");
    service.end().await;
}

async fn stolen_email_is_reverted_by_page(service: Service) {
    let (thief, token) = stolen(&service).await;
    for (language, words) in [("en", "Take the address back"), ("uk", "Повернути адресу")] {
        let shown = service.request(Method::GET, &format!("/revert-email?token={token}"));
        let shown = Answer::of(shown.header("accept-language", language).send().await.unwrap()).await;
        assert!(shown.expect(StatusCode::OK).text.contains(words), "{language}");
    }
    let cut = service.get("/revert-email?token=abc").await.expect(StatusCode::BAD_REQUEST);
    assert!(cut.text.contains("action=\"/forgot-password\"") && !cut.text.contains("name=\"token\""));
    assert_eq!(thief.get("/api/me").await.expect(StatusCode::OK).json["email"], THIEF, "looking changes nothing");
    let done = submit(&service, "/revert-email", &token).await.expect(StatusCode::OK);
    assert!(done.text.contains("the old password no longer works"), "{}", done.text);
    thief.get("/api/me").await.expect_problem(401, "access-token-invalid");
    let login = json!({"email": OLENA, "password": PASSWORD});
    service.post("/api/auth/login", &login).await.expect_problem(401, "invalid-credentials");
    let reset = token_in(&mail_with(&service, OLENA, "/reset-password?token=").await);
    let form = [("token", reset.as_str()), ("password", "staple the correct horse")];
    let reset = service.request(Method::POST, "/reset-password").form(&form).send().await.unwrap();
    assert_eq!(reset.status(), StatusCode::OK);
    let olena = service.sign_in(OLENA, "staple the correct horse").await;
    assert_eq!(olena.get("/api/me").await.json["email"], OLENA);
    let again = submit(&service, "/revert-email", &token).await.expect(StatusCode::OK);
    assert_eq!(again.text, done.text, "a second press is no error");
    olena.get("/api/me").await.expect(StatusCode::OK);
    service.end().await;
}

async fn email_verified_by_another_account_is_not_reverted(service: Service) {
    let (thief, token) = stolen(&service).await;
    service.register(OLENA).await.expect(StatusCode::CREATED);
    let verification = service.mails_to(OLENA, 4).await;
    let verification = token_in(verification.iter().rev().find(|text| text.contains("/verify-email?")).unwrap());
    let body = json!({ "token": verification });
    service.post("/api/auth/verify-email", &body).await.expect(StatusCode::NO_CONTENT);
    revert(&service, &token).await.expect_problem(409, "email-taken");
    let taken = submit(&service, "/revert-email", &token).await.expect(StatusCode::CONFLICT);
    assert!(taken.text.contains("Nothing was changed"), "{}", taken.text);
    thief.get("/api/me").await.expect(StatusCode::OK);
    service.end().await;
}

async fn password_change_and_reset_are_reported_by_mail(service: Service) {
    let olena = service.person(OLENA).await;
    let change = json!({"current_password": PASSWORD, "new_password": "staple the correct horse"});
    olena.send_json(Method::PUT, "/api/me/password", &change).await.expect(StatusCode::OK);
    let mail = mail_with(&service, OLENA, "was changed by somebody who knew the old one").await;
    assert!(mail.contains("127.0.0.1") && mail.contains("Hello Олена"), "{mail}");
    service.post("/api/auth/forgot-password", &json!({"email": OLENA})).await.expect(StatusCode::ACCEPTED);
    let token = token_in(&mail_with(&service, OLENA, "/reset-password?token=").await);
    let body = json!({"token": token, "password": "a third horse with staples"});
    service.post("/api/auth/reset-password", &body).await.expect(StatusCode::NO_CONTENT);
    mail_with(&service, OLENA, "A new password was set for your account").await;
    service.end().await;
}

async fn session_ended_by_token_reuse_is_reported_once(service: Service) {
    let olena = service.person(OLENA).await;
    let refresh = async |token: &str| service.post("/api/auth/refresh", &json!({"refresh_token": token})).await;
    let second = refresh(&olena.refresh_token).await.expect(StatusCode::OK).json;
    refresh(second["refresh_token"].as_str().unwrap()).await.expect(StatusCode::OK);
    refresh(&olena.refresh_token).await.expect_problem(401, "refresh-token-invalid");
    mail_with(&service, OLENA, "Another client used a refresh token of your account").await;
    service.end().await;
}

async fn sign_in_as(service: &Service, agent: &str) {
    let body = json!({"email": OLENA, "password": PASSWORD});
    let request = service.request(Method::POST, "/api/auth/login").header("user-agent", agent).json(&body);
    Answer::of(request.send().await.unwrap()).await.expect(StatusCode::OK);
}

async fn new_device_is_reported_unless_disabled(service: Service) {
    let olena = service.person(OLENA).await;
    assert_eq!(olena.get("/api/me").await.json["notify_new_device"], true);
    sign_in_as(&service, "Firefox").await;
    mail_with(&service, OLENA, "from a device or network that you have not used before").await;
    let switch = json!({"notify_new_device": false});
    let me = olena.send_json(Method::PATCH, "/api/me", &switch).await.expect(StatusCode::OK).json;
    assert_eq!((&me["notify_new_device"], &me["username"]), (&json!(false), &json!("Олена")));
    assert_eq!(olena.get("/api/me").await.json, me);
    sign_in_as(&service, "Chrome").await;
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
    assert_eq!(export["waiting_mails"], json!([]), "no mail was ordered");
    assert_eq!(service.mails_to(OLENA, 2).await.len(), 2);
    let rejected = olena.send_json(Method::PATCH, "/api/me", &json!({"notify_new_device": "no"})).await;
    assert_eq!(rejected.expect_problem(422, "invalid-body").errors()[0].0, "/notify_new_device");
    service.end().await;
}

async fn wrong_passwords_are_reported(mut service: Service) {
    service.person(OLENA).await;
    for _ in 0..10 {
        let wrong = json!({"email": OLENA, "password": "a wrong one"});
        service.post("/api/auth/login", &wrong).await.expect_problem(401, "invalid-credentials");
    }
    // The worker counts at its start, then every minute.
    service.restart().await;
    mail_with(&service, OLENA, "ten times or more in the last 24 hours").await;
    service.restart().await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(service.mails_to(OLENA, 2).await.len(), 2, "once a day");
    service.end().await;
}

fn kinds(export: &Value) -> Vec<&str> {
    let mails = export["waiting_mails"].as_array().unwrap();
    mails.iter().map(|mail| mail["kind"].as_str().unwrap()).collect()
}

/// Mails wait, because the mail server is unavailable.
async fn export_omits_other_users_mails_at_a_pending_email(mut service: Service) {
    service.person("petro@example.com").await;
    service.set("SMTP_URL", "smtp://127.0.0.1:9");
    service.set("MAIL_FROM", "no-reply@example.com");
    service.restart().await;
    let petro = service.sign_in("petro@example.com", PASSWORD).await;
    let forgot = json!({"email": OLENA});
    service.register(OLENA).await.expect(StatusCode::CREATED);
    service.post("/api/auth/forgot-password", &forgot).await.expect(StatusCode::ACCEPTED);
    start_email_change(&petro, OLENA).await;
    let export = petro.get("/api/me/export").await.expect(StatusCode::OK).json;
    let mut own = kinds(&export);
    own.sort_unstable();
    assert!(own.iter().all(|kind| ["confirm_email", "email_change_notice"].contains(kind)), "{own:?}");
    assert_eq!(export["pending_email"], OLENA);
    service.end().await;
}

async fn unverified_email_gets_six_mails_a_day(service: Service) {
    service.register(OLENA).await.expect(StatusCode::CREATED);
    for _ in 0..5 {
        for path in ["/api/auth/verify-email/resend", "/api/auth/forgot-password"] {
            service.post(path, &json!({"email": OLENA})).await.expect(StatusCode::ACCEPTED);
        }
    }
    let mails = service.mails_to(OLENA, 6).await;
    assert!(mails.iter().all(|text| !text.contains("Олена")), "another user may have chosen the name");
    // A later mail has arrived, so the worker has also handled the earlier ones.
    service.person("petro@example.com").await;
    assert_eq!(service.mails_to(OLENA, 6).await.len(), 6);
    service.end().await;
}

/// An e-mail address gets three such mails a day.
async fn confirmation_mail_names_the_requesting_account(service: Service) {
    let (olena, petro) = (service.person(OLENA).await, service.person("petro@example.com").await);
    for (number, (person, account)) in [(&petro, "petro@example.com"), (&olena, OLENA)].into_iter().enumerate() {
        start_email_change(person, "new@example.com").await;
        let mails = service.mails_to("new@example.com", number + 1).await;
        assert!(mails.last().unwrap().contains(account), "{mails:?}");
    }
    let resend = service.request(Method::POST, "/confirm-email/resend").form(&[("email", "new@example.com")]);
    assert_eq!(resend.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let mails = service.mails_to("new@example.com", 3).await;
    assert!(mails.last().unwrap().contains(OLENA), "the one who asked last");
    assert!(mails.iter().all(|text| !text.contains("Олена")));
    start_email_change(&petro, "new@example.com").await;
    // A later mail has arrived, so the worker has also handled the earlier one.
    service.person("mariia@example.com").await;
    assert_eq!(service.mails_to("new@example.com", 3).await.len(), 3);
    service.end().await;
}

#[actix_web::test]
async fn bounce_of_an_unverified_email_does_not_degrade_readiness() {
    let rejecting = SmtpScript::default().at(Stage::Receiver, Misbehaviour::Answers("550 no such mailbox"));
    let sink = SmtpSink::start(rejecting).await;
    let url = format!("smtp://{}", sink.address());
    let variables =
        [("SMTP_URL", url.as_str()), ("MAIL_FROM", "no-reply@example.com"), ("METRICS_ADDR", "127.0.0.1:0")];
    let service = Service::start(Kind::Sqlite, &variables).await;
    service.register("made-up@example.com").await.expect(StatusCode::CREATED);
    let metrics = format!("{}/metrics", service.metrics_base.as_ref().unwrap());
    let mut text = String::new();
    for _ in 0..200 {
        text = reqwest::get(&metrics).await.unwrap().text().await.unwrap();
        if text.contains("contacts_outbox_parked_unverified 1") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        text.contains("contacts_outbox_parked_unverified 1") && text.contains("contacts_outbox_parked 0"),
        "{text}"
    );
    let ready = service.get("/readyz").await.expect(StatusCode::OK).json;
    assert_eq!(ready["outbox"]["status"], "ok");
    service.end().await;
}
