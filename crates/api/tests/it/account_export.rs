//! The export of an account.

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    email_change::start_email_change,
    service::{PASSWORD, Service, on_both},
};

on_both!(export_contains_audit_events_and_no_secrets,);

async fn export_contains_audit_events_and_no_secrets(service: Service) {
    let olena = service.person("olena@example.com").await;
    let wrong = json!({"email": "olena@example.com", "password": "wrong"});
    service.post("/api/auth/login", &wrong).await.expect_problem(401, "invalid-credentials");
    start_email_change(&olena, "new@example.com").await;
    service.token_to("new@example.com", 1).await;
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK);
    let fields: Vec<&String> = export.json.as_object().unwrap().keys().collect();
    let expected = [
        "app_passwords",
        "audit_events",
        "contacts",
        "contents",
        "groups",
        "pending_email",
        "received_cards",
        "sessions",
        "trash",
        "unused_links",
        "user",
        "waiting_mails",
    ];
    assert_eq!(fields, expected);
    let mut described: Vec<&String> = export.json["contents"].as_object().unwrap().keys().collect();
    described.insert(3, fields[3]);
    assert_eq!(described, fields, "each other member is described");
    assert_eq!(export.json["pending_email"], "new@example.com");
    let links = export.json["unused_links"].as_array().unwrap();
    let [link] = links.as_slice() else { panic!("{links:?}") };
    assert_eq!((&link["purpose"], &link["address"]), (&json!("change-email"), &json!("new@example.com")));
    let events = export.json["audit_events"].as_array().unwrap();
    let lines: Vec<(&str, &str)> =
        events.iter().map(|event| (event["action"].as_str().unwrap(), event["outcome"].as_str().unwrap())).collect();
    let expected = [
        ("register", "success"),
        ("verify-email", "success"),
        ("sign-in", "success"),
        ("sign-in", "wrong-password"),
        ("request-email-change", "success"),
        ("export-account", "success"),
    ];
    assert!(lines.iter().rev().eq(&expected), "{lines:?}");
    assert!(events.iter().all(|event| event["ip"] == "127.0.0.1"), "{events:?}");
    let token = service.token_to("new@example.com", 1).await;
    for secret in [PASSWORD, "wrong\"", &token, &olena.access_token, &olena.refresh_token, "$2"] {
        assert!(!export.text.contains(secret), "{secret}");
    }
    service.end().await;
}
