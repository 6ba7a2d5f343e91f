//! Accounts, with one of everything that a path can name.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use domain::{
    account::{OneTimeToken, Purpose},
    ids::{SessionId, UserId},
    store::Store as _,
};
use image::ImageFormat;
use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::{TestEnvironment, samples};

use crate::{
    app_passwords::{created, secret_of},
    pictures::{encoded, file, upload},
    service::{Answer, Person, Service},
};

/// Scopes of app passwords.
pub(super) const SCOPES: [&str; 3] = ["carddav", "api:read", "api:write"];
/// Name of a card in the address book of every account.
pub(super) const CARD: &str = "card.vcf";

/// Access to the database and the files of the service, beside it.
pub(super) struct Backstage {
    pub(super) store: SqlStore,
    /// Folder of the pictures and mails.
    pub(super) folder: PathBuf,
    url: String,
}

impl Backstage {
    pub(super) async fn of(service: &Service) -> Self {
        let (folder, url) = (service.data_folder(), service.database_url().to_owned());
        Self { store: service.store().await, folder, url }
    }

    /// Opens the database as a command of the operator does: its changes of users and sessions are announced to the
    /// service.
    pub(super) async fn command_store(&self) -> SqlStore {
        let (pooling, acquire_timeout) = (Pooling::Session, Duration::from_secs(20));
        let settings = DatabaseSettings { url: self.url.clone(), pooling, max_connections: 2, acquire_timeout };
        Database::new(settings).unwrap().announcing_session_changes().open().await.unwrap()
    }

    pub(super) async fn execute(&self, sql: &str) {
        testkit::database::execute(&self.url, sql).await;
    }

    /// The ports of the use cases of the operator.
    pub(super) fn environment(&self) -> TestEnvironment {
        TestEnvironment::over(Arc::new(self.store.clone()))
    }

    /// Returns the lines of all rows of all tables.
    pub(super) async fn rows(&self) -> BTreeSet<String> {
        testkit::database::rows(&self.url).await.lines().map(str::to_owned).collect()
    }

    /// Waits until the outbox is empty. A delivery changes rows.
    pub(super) async fn wait_for_mails(&self) {
        let environment = self.environment();
        for _ in 0..600 {
            if environment.outbox().await.waiting == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("mails were not delivered within a minute");
    }

    /// Creates a token as it is mailed to a new user.
    pub(super) async fn token(&self, purpose: Purpose) -> String {
        let user = samples::stored_user(&self.store).await;
        let secret = samples::secret();
        let other = samples::user().email;
        let email = if matches!(purpose, Purpose::ChangeEmail | Purpose::RevertEmail) { other } else { user.email };
        let mut unit = self.store.begin().await.unwrap();
        if purpose == Purpose::ChangeEmail {
            unit.set_pending_email(user.id, Some((&email, user.created_at))).await.unwrap();
        }
        let expires_at = "2999-01-01T00:00:00Z".parse().unwrap();
        let token = OneTimeToken { digest: secret.digest(), purpose, user: user.id, email, expires_at };
        unit.insert_one_time_token(&token).await.unwrap();
        unit.commit().await.unwrap();
        secret.reveal()
    }
}

/// A verified account, with an avatar and with a photo of its contact.
pub(super) struct Account<'a> {
    service: &'a Service,
    store: SqlStore,
    pub(super) person: Person<'a>,
    pub(super) user: UserId,
    pub(super) email: String,
    pub(super) session: SessionId,
    pub(super) contact: String,
    pub(super) trashed: String,
    pub(super) other_session: String,
    pub(super) app_password: String,
    /// Secrets of app passwords, by their scopes.
    pub(super) secrets: Vec<(&'static str, String)>,
}

impl<'a> Account<'a> {
    pub(super) async fn create(service: &'a Service, backstage: &Backstage, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let person = service.stored_person(&email).await;
        let user = person.get("/api/me").await.expect(StatusCode::OK).json;
        let mut account = Self {
            service,
            store: backstage.store.clone(),
            user: UserId(user["id"].as_str().unwrap().parse().unwrap()),
            session: SessionId(current_session(&person).await.parse().unwrap()),
            contact: String::new(),
            trashed: String::new(),
            other_session: String::new(),
            app_password: String::new(),
            secrets: Vec::new(),
            person,
            email,
        };
        for scope in SCOPES {
            account.secrets.push((scope, account.new_app_password(&[scope]).await.1));
        }
        for route in ["/api/contacts/{id}", "/api/contacts/trash/{id}", "/api/me/sessions/{id}"] {
            account.renew(route).await;
        }
        account.renew("/api/me/app-passwords/{id}").await;
        account.renew("/dav/{path:.*}").await;
        for route in ["/api/me/avatar", "/api/contacts/{id}/photo"] {
            let picture = file(encoded(8, 8, ImageFormat::Png));
            upload(&account.person, &account.path(route), picture).await.expect(StatusCode::OK);
        }
        account
    }

    /// Creates an app password. Returns its id and its secret.
    pub(super) async fn new_app_password(&self, scopes: &[&str]) -> (String, String) {
        let created = created(&self.person, &json!({"name": "Script", "scopes": scopes})).await;
        (created["id"].as_str().unwrap().to_owned(), secret_of(&created).to_owned())
    }

    pub(super) fn secret(&self, scope: &str) -> &str {
        &self.secrets.iter().find(|(own, _)| *own == scope).unwrap().1
    }

    /// A request with the app password for CardDAV.
    pub(super) fn dav(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.service.request(method, path).basic_auth(&self.email, Some(self.secret("carddav")))
    }

    /// Sends a request with the session, and one with each app password in its scope. Returns the statuses.
    pub(super) async fn use_credentials(&self) -> Vec<StatusCode> {
        let contact = self.path("/api/contacts/{id}");
        let mut requests = vec![self.person.request(Method::GET, "/api/me")];
        for (scope, secret) in &self.secrets {
            requests.push(match *scope {
                "carddav" => self.dav("GET", &self.card()),
                "api:read" => self.service.request(Method::GET, &contact).bearer_auth(secret),
                "api:write" => {
                    let patch = self.service.request(Method::PATCH, &contact).json(&json!({"notes": "x"}));
                    patch.bearer_auth(secret)
                }
                _ => panic!("{scope}: there is no request for this scope"),
            });
        }
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.send().await.unwrap().status());
        }
        statuses
    }

    /// Another session. It costs no hash of a password.
    pub(super) async fn new_session(&self) -> Person<'a> {
        self.service.stored_session(&self.store, self.user).await
    }

    /// Begins another session if the current one has ended.
    pub(super) async fn ensure_signed_in(&mut self) {
        if self.person.get("/api/me").await.status == StatusCode::UNAUTHORIZED {
            self.person = self.new_session().await;
        }
    }

    /// Creates what a route names by its path, because an earlier request has changed it.
    pub(super) async fn renew(&mut self, route: &str) {
        let contact = json!({"first_name": format!("Contact of {}", self.email)});
        match route {
            "/api/contacts/trash/{id}" | "/api/contacts/{id}/restore" => {
                self.trashed = id_of(&self.person.add(&contact).await);
                let path = format!("/api/contacts/{}", self.trashed);
                self.person.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
            }
            "/api/contacts/{id}" | "/api/contacts/{id}/photo" => self.contact = id_of(&self.person.add(&contact).await),
            "/api/me/sessions/{id}" => {
                self.other_session = current_session(&self.new_session().await).await;
            }
            "/api/me/app-passwords/{id}" => self.app_password = self.new_app_password(&["carddav"]).await.0,
            "/dav/{path:.*}" => {
                let path = self.card();
                let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Contact of {}\r\nEND:VCARD\r\n", self.email);
                let put = self.dav("PUT", &path).header("content-type", "text/vcard").body(card).send().await.unwrap();
                assert!(put.status().is_success(), "{path}: {}", put.status());
            }
            _ => assert!(!route.contains('{'), "{route}: nothing has this path"),
        }
    }

    /// The path of a route, which names what this account has.
    pub(super) fn path(&self, route: &str) -> String {
        let id = match route {
            "/api/contacts/trash/{id}" | "/api/contacts/{id}/restore" => &self.trashed,
            "/api/contacts/{id}" | "/api/contacts/{id}/photo" => &self.contact,
            "/api/me/sessions/{id}" => &self.other_session,
            "/api/me/app-passwords/{id}" => &self.app_password,
            _ => "",
        };
        route.replace("{id}", id)
    }

    /// The path of the address book.
    pub(super) fn book(&self) -> String {
        format!("/dav/books/{}/contacts/", self.user)
    }

    /// The path of the card.
    pub(super) fn card(&self) -> String {
        self.book() + CARD
    }

    /// Texts that no other account may read.
    pub(super) fn marks(&self) -> [String; 5] {
        [&self.email, &self.contact, &self.trashed, &self.other_session, &self.app_password].map(Clone::clone)
    }

    /// Checks that the answer to a request of another account has none of these texts.
    #[track_caller]
    pub(super) fn expect_absent(&self, answer: &Answer, request: &str) {
        for mark in self.marks() {
            assert!(!answer.text.contains(&mark), "{request} has {mark}: {}", answer.text);
        }
    }

    /// Everything that the service has about the account, without the traces of this call.
    pub(super) async fn export(&self) -> Value {
        let mut export = self.person.get("/api/me/export").await.expect(StatusCode::OK).json;
        // Mails are delivered meanwhile.
        export.as_object_mut().unwrap().remove("waiting_mails").unwrap();
        export["audit_events"].as_array_mut().unwrap().retain(|event| event["action"] != json!("export-account"));
        assert!(export["contacts"].as_array().is_some_and(|contacts| !contacts.is_empty()), "{export}");
        export
    }
}

async fn current_session(person: &Person<'_>) -> String {
    let sessions = person.get("/api/me/sessions").await.expect(StatusCode::OK).json;
    let current = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == json!(true));
    id_of(current.unwrap())
}

fn id_of(json: &Value) -> String {
    json["id"].as_str().unwrap().to_owned()
}
