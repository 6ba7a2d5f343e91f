//! User journey that leaves personal data wherever possible.

use std::net::IpAddr;

use image::ImageFormat;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    pictures::{encoded, file},
    process::{Process, SECRET, only_mail},
    service::{PASSWORD, token_in},
};

const EMAIL: &str = "olena.koval@example.com";
const USERNAME: &str = "Олена Коваль";
const CONTACT: &str = "Їжачок";
const PHONE: &str = "0671112233";
const AGENT: &str = "AgentOfOlena/7";
const WRONG_PASSWORD: &str = "wrong horse battery";

/// IP of the requests. The other requests of the tests have another one.
pub(super) const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 77));

/// Data of the journey.
pub(super) struct Journey {
    /// Access token of the user.
    pub(super) user: String,
    /// The requests: name, route, status, and true when a user was signed in.
    pub(super) requests: Vec<(&'static str, &'static str, u16, bool)>,
    private: Vec<String>,
}

impl Journey {
    /// Fails when a text contains personal or secret data.
    pub(super) fn assert_private(&self, source: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for private in &self.private {
            assert!(!text.contains(private.as_str()), "{private} is in {source}");
            assert!(!bytes.windows(private.len()).any(|part| part == private.as_bytes()), "{private} in {source}");
        }
    }
}

pub(super) fn client() -> Client {
    Client::builder().local_address(CLIENT).user_agent(AGENT).build().unwrap()
}

struct Traveller<'a> {
    process: &'a Process,
    client: Client,
    token: Option<String>,
    requests: Vec<(&'static str, &'static str, u16, bool)>,
}

impl Traveller<'_> {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.process.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request, and checks its route and status.
    async fn send(
        &mut self,
        request: RequestBuilder,
        method: &'static str,
        route: &'static str,
        status: StatusCode,
    ) -> Value {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {route}");
        self.requests.push((method, route, status.as_u16(), self.token.is_some()));
        answer.json().await.unwrap_or_default()
    }

    async fn post(&mut self, route: &'static str, body: &Value, status: StatusCode) -> Value {
        self.send(self.request(Method::POST, route).json(body), "POST", route, status).await
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Registers, signs in, stores a contact and a picture, searches, and causes every kind of error.
pub(super) async fn travel(process: &Process, folder: &TempDir) -> Journey {
    let mut traveller = Traveller { process, client: client(), token: None, requests: Vec::new() };
    let registration = json!({"username": USERNAME, "email": EMAIL, "password": PASSWORD});
    let user = traveller.post("/api/auth/register", &registration, StatusCode::CREATED).await;
    let proof = token_in(&only_mail(folder).await);
    let page = traveller.request(Method::GET, &format!("/verify-email?token={proof}"));
    traveller.send(page, "GET", "/verify-email", StatusCode::OK).await;
    traveller.post("/api/auth/verify-email", &json!({ "token": proof }), StatusCode::NO_CONTENT).await;
    let wrong = json!({"email": EMAIL, "password": WRONG_PASSWORD});
    traveller.post("/api/auth/login", &wrong, StatusCode::UNAUTHORIZED).await;
    let right = json!({"email": EMAIL, "password": PASSWORD});
    let pair = traveller.post("/api/auth/login", &right, StatusCode::OK).await;
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| pair[name].as_str().unwrap().to_owned());

    traveller.token = Some(access.clone());
    let contact = json!({"first_name": CONTACT, "emails": [{"address": EMAIL}], "phones": [{"number": PHONE}]});
    traveller.post("/api/contacts", &contact, StatusCode::CREATED).await;
    let search = traveller.request(Method::GET, &format!("/api/contacts?q={}&email={EMAIL}", percent(CONTACT)));
    assert_eq!(traveller.send(search, "GET", "/api/contacts", StatusCode::OK).await["total"], 1);
    let avatar = traveller.request(Method::PUT, "/api/me/avatar").multipart(file(encoded(40, 30, ImageFormat::Png)));
    traveller.send(avatar, "PUT", "/api/me/avatar", StatusCode::OK).await;

    traveller.token = None;
    let broken = format!("{{\"first_name\": \"{CONTACT} {EMAIL}");
    let broken =
        traveller.request(Method::POST, "/api/auth/login").body(broken).header("content-type", "application/json");
    traveller.send(broken, "POST", "/api/auth/login", StatusCode::BAD_REQUEST).await;
    let strange = json!({"email": EMAIL, "password": PASSWORD, EMAIL: EMAIL});
    traveller.post("/api/auth/login", &strange, StatusCode::UNPROCESSABLE_ENTITY).await;
    traveller.post("/api/auth/refresh", &json!({"refresh_token": EMAIL}), StatusCode::UNAUTHORIZED).await;
    let nowhere = traveller.request(Method::GET, &format!("/api/{EMAIL}?name={CONTACT}"));
    traveller.send(nowhere, "GET", "unmatched", StatusCode::NOT_FOUND).await;
    let unauthenticated = traveller.request(Method::GET, &format!("/api/contacts/{EMAIL}")).bearer_auth(EMAIL);
    traveller.send(unauthenticated, "GET", "/api/contacts/{id}", StatusCode::UNAUTHORIZED).await;
    let brew = Method::from_bytes(EMAIL.split('@').next().unwrap().as_bytes()).unwrap();
    traveller.send(traveller.request(brew, "/coffee"), "other", "unmatched", StatusCode::NOT_FOUND).await;

    let mut private: Vec<String> =
        [EMAIL, USERNAME, CONTACT, PHONE, AGENT, PASSWORD, WRONG_PASSWORD, SECRET].map(str::to_owned).into();
    private.extend(["olena.koval", "Коваль", "127.0.0.77", "example.com"].map(str::to_owned));
    private.extend([percent(CONTACT), percent(CONTACT).to_lowercase(), access, refresh, proof]);
    Journey { user: user["id"].as_str().unwrap().to_owned(), requests: traveller.requests, private }
}
