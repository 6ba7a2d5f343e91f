//! Secrets that users get: no column of the database has one.

use std::fmt::Write as _;

use domain::session::RefreshToken;
use reqwest::StatusCode;
use serde_json::json;
use testkit::database;

use crate::{
    app_passwords::{created, secret_of},
    email_change::start_email_change,
    service::{PASSWORD, Service, on_both},
};

on_both!(no_secret_is_stored);

const OLENA: &str = "olena@example.com";
const NEW_EMAIL: &str = "new@example.com";

/// Forms that a secret could have in a column: as it is, and the digits of its bytes.
fn forms(secret: &str) -> [String; 3] {
    let secret = secret.to_lowercase();
    let digits = secret.bytes().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    });
    [secret.replace('-', ""), secret, digits]
}

async fn no_secret_is_stored(service: Service) {
    let olena = service.person(OLENA).await;
    let verify = service.token_to(OLENA, 1).await;
    let former = RefreshToken::parse(&olena.refresh_token).unwrap();
    let refresh = json!({ "refresh_token": olena.refresh_token });
    let refreshed = service.post("/api/auth/refresh", &refresh).await.expect(StatusCode::OK).json;
    let current = RefreshToken::parse(refreshed["refresh_token"].as_str().unwrap()).unwrap();
    service.post("/api/auth/forgot-password", &json!({ "email": OLENA })).await.expect(StatusCode::ACCEPTED);
    let reset = service.token_to(OLENA, 2).await;
    let app_password = secret_of(&created(&olena, &json!({"name": "Phone", "scopes": ["carddav"]})).await).to_owned();
    start_email_change(&olena, NEW_EMAIL).await;
    let confirm = service.token_to(NEW_EMAIL, 1).await;

    let rows = database::rows(service.database_url()).await;
    // So the test sees texts and bytes.
    let digest: String = current.secret.digest().0.iter().map(|byte| format!("{byte:02x}")).collect();
    for stored in [OLENA, NEW_EMAIL, &digest] {
        assert!(rows.contains(stored), "{stored}");
    }
    let secrets = [
        ("the password", PASSWORD.to_owned()),
        ("the access token", olena.access_token.clone()),
        ("the former refresh token", former.secret.reveal()),
        ("the refresh token", current.secret.reveal()),
        ("the token to verify the e-mail", verify),
        ("the token to reset the password", reset),
        ("the token to confirm the new e-mail", confirm),
        ("the app password", app_password),
    ];
    for (name, secret) in secrets {
        for form in forms(&secret) {
            assert!(form.len() >= 20 && !rows.contains(&form), "{name} is in the database");
        }
    }
    service.end().await;
}
