//! A device that synchronizes an address book.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::service::{Answer, Person, Service};

/// Start of an XML body.
pub(super) const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;
/// Namespaces of an XML body.
pub(super) const NAMESPACES: &str = r#"xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav""#;

/// A device with an app password.
pub(super) struct Device<'a> {
    pub(super) service: &'a Service,
    pub(super) user: Uuid,
    user_name: String,
    password: String,
}

impl<'a> Device<'a> {
    pub(super) async fn of(service: &'a Service, person: &Person<'_>) -> Self {
        Self::with_scopes(service, person, &["carddav"]).await
    }

    pub(super) async fn with_scopes(service: &'a Service, person: &Person<'_>, scopes: &[&str]) -> Self {
        let body = json!({"name": "Phone", "scopes": scopes});
        let created = person.send_json(Method::POST, "/api/me/app-passwords", &body).await.expect(StatusCode::CREATED);
        let me = person.get("/api/me").await.expect(StatusCode::OK).json;
        Self {
            service,
            user: me["id"].as_str().unwrap().parse().unwrap(),
            user_name: me["email"].as_str().unwrap().to_owned(),
            password: created.json["password"].as_str().unwrap().to_owned(),
        }
    }

    /// Returns the path of the address book.
    pub(super) fn book(&self) -> String {
        format!("/dav/books/{}/contacts/", self.user)
    }

    /// Returns the path of a card, whose name needs no encoding.
    pub(super) fn path(&self, name: &str) -> String {
        self.book() + name
    }

    pub(super) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.service.request(method, path).basic_auth(&self.user_name, Some(&self.password))
    }

    pub(super) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = self.request(method, path).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    pub(super) async fn propfind(&self, path: &str, depth: &str, properties: &str) -> Answer {
        let body = format!("{XML}<propfind {NAMESPACES}><prop>{properties}</prop></propfind>");
        let answer = self.send("PROPFIND", path, &[("depth", depth)], &body).await;
        answer.expect(StatusCode::MULTI_STATUS)
    }

    pub(super) async fn report(&self, name: &str, content: &str) -> Answer {
        let body = format!("{XML}<{name} {NAMESPACES}>{content}</{name}>");
        self.send("REPORT", &self.book(), &[("depth", "1")], &body).await
    }

    /// Reads what changed since a token, and the next token.
    pub(super) async fn sync(&self, token: &str) -> (Vec<Response>, String) {
        let content = format!("<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>");
        let answer = self.report("sync-collection", &content).await.expect(StatusCode::MULTI_STATUS);
        let next = between(&answer.text, "<d:sync-token>", "</d:sync-token>").unwrap().to_owned();
        (responses(&answer.text), next)
    }

    /// Reads cards by their paths.
    pub(super) async fn multiget(&self, paths: &[&str]) -> Vec<Response> {
        let hrefs: String = paths.iter().map(|path| format!("<href>{path}</href>")).collect();
        let content = format!("<prop><getetag/><c:address-data/></prop>{hrefs}");
        responses(&self.report("c:addressbook-multiget", &content).await.expect(StatusCode::MULTI_STATUS).text)
    }

    pub(super) async fn put(&self, name: &str, headers: &[(&str, &str)], card: &str) -> Answer {
        let headers = [&[("content-type", "text/vcard; charset=utf-8")], headers].concat();
        self.send("PUT", &self.path(name), &headers, card).await
    }

    pub(super) async fn get(&self, name: &str) -> Answer {
        self.send("GET", &self.path(name), &[], "").await
    }
}

/// Response of a multistatus document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) href: String,
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    pub(super) card: Option<String>,
}

/// Returns the responses of a multistatus document.
pub(super) fn responses(text: &str) -> Vec<Response> {
    let parts = text.split("<d:response>").skip(1);
    let response = |part: &str| Response {
        href: between(part, "<d:href>", "</d:href>").unwrap().to_owned(),
        status: between(part, "<d:status>HTTP/1.1 ", " ").unwrap().parse().unwrap(),
        etag: between(part, "<d:getetag>", "</d:getetag>").map(unescaped),
        card: between(part, "<card:address-data>", "</card:address-data>").map(unescaped),
    };
    parts.map(response).collect()
}

/// Returns the text between two others.
pub(super) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#13;", "\r"), ("&#xD;", "\r")]
    {
        text = text.replace(entity, character);
    }
    text.replace("&amp;", "&")
}

/// Returns a vCard 3.0 with these lines.
pub(super) fn card(lines: &[&str]) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{}\r\nEND:VCARD\r\n", lines.join("\r\n"))
}

/// Returns the card of a person with a UID.
pub(super) fn named(uid: &str, first_name: &str) -> String {
    let lines = [format!("UID:{uid}"), format!("FN:{first_name} Українка"), format!("N:Українка;{first_name};;;")];
    card(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}
