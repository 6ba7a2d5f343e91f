//! User journey from registration to contacts.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, PASSWORD, Service, on_both};

on_both!(user_registers_verifies_logs_in_and_manages_contacts, data_survives_a_restart);

async fn user_registers_verifies_logs_in_and_manages_contacts(service: Service) {
    let registered = service.register("Olena@Example.com").await.expect(StatusCode::CREATED);
    assert_eq!(registered.header("location"), "/api/me");
    assert_eq!(registered.json["email"], "olena@example.com");
    assert_eq!(registered.json["email_verified"], false);
    assert!(!registered.text.contains("password"), "nothing of the password comes back");

    let early = json!({"email": "olena@example.com", "password": PASSWORD});
    service.post("/api/auth/login", &early).await.expect_problem(403, "email-not-verified");
    let token = service.token_to("olena@example.com", 1).await;
    service.post("/api/auth/verify-email", &json!({ "token": token })).await.expect(StatusCode::NO_CONTENT);

    let olena = service.sign_in("OLENA@example.com", PASSWORD).await;
    let me = olena.get("/api/me").await.expect(StatusCode::OK).json;
    assert_eq!((me["username"].as_str(), me["timezone"].as_str()), (Some("Олена"), Some("Europe/Kyiv")));
    assert_eq!((&me["email_verified"], &me["avatar_url"]), (&json!(true), &json!(null)));

    let contact =
        olena.add(&json!({"first_name": "Їжак", "last_name": "Ґудзь", "phones": [{"number": "067 111-22-33"}]})).await;
    let path = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    assert_eq!(olena.get(&path).await.expect(StatusCode::OK).json, contact);
    assert_eq!(olena.names("q=ЇЖА%20671").await, ["Їжак"]);
    let patched = olena.send_json(Method::PATCH, &path, &json!({"birthday": "--11-30", "last_name": null})).await;
    assert_eq!(patched.expect(StatusCode::OK).json["birthday"], "--11-30");
    let birthdays = olena.get("/api/contacts/birthdays?days=366").await.expect(StatusCode::OK).json;
    assert_eq!(birthdays["items"][0]["contact"]["id"], contact["id"]);
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    olena.get(&path).await.expect_problem(404, "contact-not-found");
    service.end().await;
}

async fn data_survives_a_restart(mut service: Service) {
    let token = {
        let olena = service.person("olena@example.com").await;
        olena.add(&json!({"first_name": "Леся"})).await;
        olena.access_token.clone()
    };
    service.restart().await;
    let list = service.request(Method::GET, "/api/contacts").bearer_auth(&token).send().await.unwrap();
    let list = Answer::of(list).await.expect(StatusCode::OK);
    assert_eq!(list.json["items"][0]["first_name"], "Леся", "the session and the contact are still there");
    service.end().await;
}
