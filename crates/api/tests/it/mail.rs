//! Delivery over SMTP, also after an outage.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use testkit::smtp::{Misbehaviour, SmtpScript, SmtpSink, Stage};

use crate::service::{Kind, PASSWORD, Service, token_in};

async fn text_of_only_mail(sink: &SmtpSink) -> String {
    for _ in 0..300 {
        if let Some(mail) = sink.mails().first() {
            let parsed = mail_parser::MessageParser::default().parse(&mail.message).unwrap();
            return parsed.body_text(0).unwrap().into_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no mail came within 30 seconds");
}

#[actix_web::test]
async fn email_is_verified_by_a_mail_over_smtp() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let url = format!("smtp://{}", sink.address());
    let service =
        Service::start(Kind::Postgres, &[("SMTP_URL", url.as_str()), ("MAIL_FROM", "Contacts <no-reply@example.com>")])
            .await;
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    let token = token_in(&text_of_only_mail(&sink).await);
    service.post("/api/auth/verify-email", &json!({ "token": token })).await.expect(StatusCode::NO_CONTENT);
    service.sign_in("olena@example.com", PASSWORD).await;
    assert!(!service.data_folder().join("mail").exists());
    service.end().await;
}

#[actix_web::test]
async fn mail_survives_an_smtp_outage_and_a_restart() {
    let unavailable =
        SmtpSink::start(SmtpScript::default().at(Stage::Hello, Misbehaviour::Answers("421 unavailable"))).await;
    let url = format!("smtp://{}", unavailable.address());
    let variables = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "no-reply@example.com")];
    let mut service = Service::start(Kind::Sqlite, &variables).await;
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    let mut tried = false;
    for _ in 0..100 {
        tried = !unavailable.commands().is_empty();
        if tried {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(tried, "the unavailable server was tried");

    let sink = SmtpSink::start(SmtpScript::default()).await;
    service.set("SMTP_URL", &format!("smtp://{}", sink.address()));
    service.restart().await;
    let token = token_in(&text_of_only_mail(&sink).await);
    service.post("/api/auth/verify-email", &json!({ "token": token })).await.expect(StatusCode::NO_CONTENT);
    service.sign_in("olena@example.com", PASSWORD).await;
    service.end().await;
}
