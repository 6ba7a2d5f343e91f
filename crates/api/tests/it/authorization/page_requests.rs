//! Valid requests for pages and files. No route here needs a credential.

use std::collections::BTreeMap;

use domain::account::Purpose;
use reqwest::RequestBuilder;

use super::requests::{Cell, Request, Requests, requests};
use crate::service::PASSWORD;

pub(super) fn page_requests() -> Requests {
    requests! { |cell|
        "GET /" => 200, cell.plain().header("Accept", "text/html");
        "GET /docs" => 307, cell.plain();
        "GET /docs/{tail:.*}" => 200, cell.to("/docs/");
        "GET /assets/pages.css" => 200, cell.plain();
        "GET /assets/icon.svg" => 200, cell.plain();
        "GET /favicon.ico" => 200, cell.plain();
        "GET /verify-email" => 200, opened(cell, Purpose::VerifyEmail).await;
        "POST /verify-email" => 200, submitted(cell, Purpose::VerifyEmail).await;
        "GET /verify-email/resend" => 303, cell.plain();
        "POST /verify-email/resend" => 202, cell.form(&[("email", &cell.email())]);
        "GET /reset-password" => 200, opened(cell, Purpose::ResetPassword).await;
        "POST /reset-password" => 200, submitted(cell, Purpose::ResetPassword).await;
        "GET /forgot-password" => 200, cell.plain();
        "POST /forgot-password" => 202, cell.form(&[("email", &cell.email())]);
        "GET /confirm-email" => 200, opened(cell, Purpose::ChangeEmail).await;
        "POST /confirm-email" => 200, submitted(cell, Purpose::ChangeEmail).await;
        "GET /confirm-email/resend" => 303, cell.plain();
        "POST /confirm-email/resend" => 202, cell.form(&[("email", &cell.email())]);
        "GET /revert-email" => 200, opened(cell, Purpose::RevertEmail).await;
        "POST /revert-email" => 200, submitted(cell, Purpose::RevertEmail).await;
    }
}

/// The link of a mail.
async fn opened(cell: &Cell<'_>, purpose: Purpose) -> RequestBuilder {
    cell.to(&format!("{}?token={}", cell.route.1, cell.token(purpose).await))
}

/// The form of the page behind a link.
async fn submitted(cell: &Cell<'_>, purpose: Purpose) -> RequestBuilder {
    cell.form(&[("token", &cell.token(purpose).await), ("password", PASSWORD)])
}
