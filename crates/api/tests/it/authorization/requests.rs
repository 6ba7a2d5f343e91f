//! A valid request for every route. A new route needs a line here.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use domain::account::Purpose;
use image::ImageFormat;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    account::{Account, Backstage},
    dav_requests::dav_requests,
    page_requests::page_requests,
};
use crate::{
    pictures::{encoded, file},
    service::{PASSWORD, Service},
};

/// A file with one contact.
const CARD_FILE: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ян\r\nEND:VCARD\r\n";

/// One request of a route, and the account that it names.
pub(super) struct Cell<'a> {
    pub(super) service: &'a Service,
    pub(super) backstage: &'a Backstage,
    pub(super) account: &'a Account<'a>,
    /// Method and path of the route.
    pub(super) route: (&'a str, &'a str),
    /// Differs in each cell.
    pub(super) number: u32,
}

impl Cell<'_> {
    /// A request for the route, without a body.
    pub(super) fn plain(&self) -> RequestBuilder {
        self.to(&self.account.path(self.route.1))
    }

    /// A request with the method of the route.
    pub(super) fn to(&self, path: &str) -> RequestBuilder {
        self.service.request(Method::from_bytes(self.route.0.as_bytes()).unwrap(), path)
    }

    pub(super) fn json(&self, body: &Value) -> RequestBuilder {
        self.plain().json(body)
    }

    pub(super) fn form(&self, fields: &[(&str, &str)]) -> RequestBuilder {
        self.plain().form(fields)
    }

    /// An e-mail that no account has.
    pub(super) fn email(&self) -> String {
        format!("cell{}@example.com", self.number)
    }

    pub(super) async fn token(&self, purpose: Purpose) -> String {
        self.backstage.token(purpose).await
    }

    /// A refresh token that was not used.
    async fn refresh_token(&self) -> String {
        self.account.new_session().await.refresh_token
    }

    fn upload(&self) -> RequestBuilder {
        self.plain().multipart(file(encoded(8, 8, ImageFormat::Png)))
    }
}

pub(super) type Making<'a> = Pin<Box<dyn Future<Output = RequestBuilder> + 'a>>;

/// Maker of a request, and the status of its answer to an authorized caller.
pub(super) struct Request {
    pub(super) status: u16,
    pub(super) make: for<'a> fn(&'a Cell<'a>) -> Making<'a>,
}

pub(super) type Requests = BTreeMap<&'static str, Request>;

/// Makes a table of requests. Each line has the route, the status of an authorized request, and the request.
macro_rules! requests {
    (|$cell:ident| $($route:literal => $status:literal, $request:expr;)+) => {
        BTreeMap::from([$(($route, Request { status: $status, make: |$cell| Box::pin(async move { $request }) })),+])
    };
}
pub(super) use requests;

/// Returns the requests of all routes.
pub(super) fn all_requests() -> Requests {
    let mut all = api_requests();
    for more in [page_requests(), dav_requests()] {
        for (route, request) in more {
            assert!(all.insert(route, request).is_none(), "{route} has two requests");
        }
    }
    all
}

fn api_requests() -> Requests {
    requests! { |cell|
        "POST /api/auth/register" => 201,
            cell.json(&json!({"username": "Іван", "email": cell.email(), "password": PASSWORD}));
        "POST /api/auth/verify-email" => 204, cell.json(&json!({"token": cell.token(Purpose::VerifyEmail).await}));
        "POST /api/auth/verify-email/resend" => 202, cell.json(&json!({"email": cell.email()}));
        "POST /api/auth/forgot-password" => 202, cell.json(&json!({"email": cell.email()}));
        "POST /api/auth/reset-password" => 204,
            cell.json(&json!({"token": cell.token(Purpose::ResetPassword).await, "password": PASSWORD}));
        "POST /api/auth/revert-email" => 204, cell.json(&json!({"token": cell.token(Purpose::RevertEmail).await}));
        "POST /api/auth/login" => 200, cell.json(&json!({"email": cell.account.email, "password": PASSWORD}));
        "POST /api/auth/refresh" => 200, cell.json(&json!({"refresh_token": cell.refresh_token().await}));
        "POST /api/auth/logout" => 204, cell.plain();
        "GET /api/me" => 200, cell.plain();
        "PATCH /api/me" => 200, cell.json(&json!({"locale": "uk"}));
        "DELETE /api/me" => 204, cell.json(&json!({"password": PASSWORD}));
        "PUT /api/me/password" => 200, cell.json(&json!({"current_password": PASSWORD, "new_password": PASSWORD}));
        "POST /api/me/email" => 202, cell.json(&json!({"email": cell.email(), "password": PASSWORD}));
        "GET /api/me/export" => 200, cell.plain();
        "GET /api/me/sessions" => 200, cell.plain();
        "DELETE /api/me/sessions" => 204, cell.plain();
        "DELETE /api/me/sessions/{id}" => 204, cell.plain();
        "GET /api/me/app-passwords" => 200, cell.plain();
        "POST /api/me/app-passwords" => 201, cell.json(&json!({"name": "Script"}));
        "DELETE /api/me/app-passwords/{id}" => 204, cell.plain();
        "PUT /api/me/avatar" => 200, cell.upload();
        "DELETE /api/me/avatar" => 204, cell.plain();
        "GET /api/contacts" => 200, cell.plain();
        "POST /api/contacts" => 201, cell.json(&json!({"first_name": "Нова"}));
        "POST /api/contacts/batch" => 200,
            cell.json(&json!({"operations": [{"op": "create", "contact": {"first_name": "Нова"}}]}));
        "POST /api/contacts/import" => 200,
            cell.plain().header("content-type", "text/vcard").body(CARD_FILE);
        "GET /api/contacts/birthdays" => 200, cell.plain();
        "GET /api/contacts/tags" => 200, cell.plain();
        "GET /api/contacts/changes" => 200, cell.plain();
        "GET /api/contacts/export" => 200, cell.plain();
        "GET /api/contacts/trash" => 200, cell.plain();
        "DELETE /api/contacts/trash" => 204, cell.plain();
        "DELETE /api/contacts/trash/{id}" => 204, cell.plain();
        "POST /api/contacts/{id}/restore" => 200, cell.plain();
        "GET /api/contacts/{id}" => 200, cell.plain();
        "PUT /api/contacts/{id}" => 200, cell.json(&json!({"first_name": "Інша"}));
        "PATCH /api/contacts/{id}" => 200, cell.json(&json!({"notes": "x"}));
        "DELETE /api/contacts/{id}" => 204, cell.plain();
        "PUT /api/contacts/{id}/photo" => 200, cell.upload();
        "DELETE /api/contacts/{id}/photo" => 204, cell.plain();
        "GET /healthz" => 200, cell.plain();
        "GET /readyz" => 200, cell.plain();
        "GET /openapi.json" => 200, cell.plain();
    }
}
