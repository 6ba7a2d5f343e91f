//! A signed-in user.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::{Answer, Service};

/// A signed-in user.
pub(crate) struct Person<'a> {
    pub(super) service: &'a Service,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl<'a> Person<'a> {
    /// The user who got this pair of tokens.
    pub(super) fn of(service: &'a Service, tokens: &Value) -> Self {
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self { service, access_token: text("access_token"), refresh_token: text("refresh_token") }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.service.request(method, path).bearer_auth(&self.access_token)
    }

    pub(crate) async fn send(&self, method: Method, path: &str) -> Answer {
        Answer::of(self.request(method, path).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    pub(crate) async fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(method, path).json(body).send().await.unwrap()).await
    }

    /// Adds a contact and returns it.
    pub(crate) async fn add(&self, body: &Value) -> Value {
        self.send_json(Method::POST, "/api/contacts", body).await.expect(StatusCode::CREATED).json
    }

    /// The first names in a list.
    pub(crate) async fn names(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/api/contacts?{query}")).await.expect(StatusCode::OK).json;
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| item["first_name"].as_str().unwrap_or("-").to_owned()).collect()
    }
}
