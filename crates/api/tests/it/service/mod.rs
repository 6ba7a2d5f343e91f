//! A running service and its users.

mod answer;
mod person;
mod stored;

use std::{collections::HashMap, path::PathBuf, time::Duration};

use api::{
    server::{self, Running},
    settings::{Settings, Timeouts},
};
use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::postgres::FreshDatabase;
use uuid::Uuid;

pub(crate) use self::{answer::Answer, person::Person};

/// The password of all users.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Database of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A service as it is shipped, on a port of its own.
pub(crate) struct Service {
    /// Folder of the files of the service, and of its replicas. Removed with the last of them.
    _folder: Option<TempDir>,
    data_folder: PathBuf,
    database: Option<FreshDatabase>,
    variables: HashMap<String, String>,
    timeouts: Timeouts,
    running: Option<Running>,
    pub(crate) base: String,
    /// URL of the metrics, when METRICS_ADDR is set.
    pub(crate) metrics_base: Option<String>,
    client: reqwest::Client,
}

impl Service {
    /// True when the database is PostgreSQL.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// Starts a service; `variables` are set besides those that every test needs.
    pub(crate) async fn start(kind: Kind, variables: &[(&str, &str)]) -> Self {
        Self::start_with(kind, variables, Timeouts::default()).await
    }

    /// Starts a service with this timeout of Redis.
    pub(crate) async fn start_with(kind: Kind, variables: &[(&str, &str)], timeouts: Timeouts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(FreshDatabase::migrated(migrate).await),
        };
        let url = database.as_ref().map_or_else(
            || format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display()),
            |database| database.url.clone(),
        );
        let usual = [
            ("DATABASE_URL", url.as_str()),
            ("JWT_SECRET", "tests-only-0123456789abcdefghijklmnopqrstuvwxyz"),
            ("BCRYPT_COST", "10"),
            ("PORT", "0"),
            ("PUBLIC_URL", "http://localhost:8000"),
            ("RATE_LIMIT_ME", "off"),
            ("RATE_LIMIT_SECURITY", "off"),
            ("RATE_LIMIT_CONTACTS", "off"),
            ("RATE_LIMIT_CONTACT_CREATE", "off"),
            ("RATE_LIMIT_CONTACT_BATCH", "off"),
            ("RATE_LIMIT_IMPORT", "off"),
            ("RATE_LIMIT_DAV", "off"),
            ("RATE_LIMIT_APP_PASSWORD", "off"),
            ("RATE_LIMIT_LOGIN", "off"),
            ("RATE_LIMIT_MAIL", "off"),
            ("RATE_LIMIT_REGISTER", "off"),
            ("RATE_LIMIT_REFRESH", "off"),
            ("RATE_LIMIT_REFRESH_SESSION", "off"),
            ("RATE_LIMIT_FLOOD", "off"),
        ];
        let variables = usual.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut service = Self {
            data_folder: folder.path().join("data"),
            _folder: Some(folder),
            database,
            variables: variables.collect(),
            timeouts,
            running: None,
            base: String::new(),
            metrics_base: None,
            client: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
        };
        service.resume().await;
        service
    }

    async fn resume(&mut self) {
        // The provider may have been installed by another test of this process.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut settings = Settings::from_variables(self.variables.clone()).unwrap();
        settings.data_folder = self.data_folder.clone();
        settings.timeouts = self.timeouts;
        let running = server::start(settings, 2).await.unwrap();
        self.base = format!("http://{}", running.address);
        self.metrics_base = running.metrics_address.map(|address| format!("http://{address}"));
        self.running = Some(running);
    }

    /// Starts another replica over the same database and files.
    pub(crate) async fn replica(&self) -> Self {
        let mut replica = Self {
            _folder: None,
            data_folder: self.data_folder.clone(),
            database: None,
            variables: self.variables.clone(),
            timeouts: self.timeouts,
            running: None,
            base: String::new(),
            metrics_base: None,
            client: self.client.clone(),
        };
        replica.resume().await;
        replica
    }

    /// Sets a variable for the next start.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// The URL of the database.
    pub(crate) fn database_url(&self) -> &str {
        &self.variables["DATABASE_URL"]
    }

    /// Opens a store of its own over the database of the service.
    pub(crate) async fn store(&self) -> SqlStore {
        database_at(self.database_url().to_owned()).open().await.unwrap()
    }

    /// The PostgreSQL database.
    pub(crate) fn postgres(&self) -> &FreshDatabase {
        self.database.as_ref().unwrap()
    }

    /// Removes the database for good.
    pub(crate) async fn lose_database(&mut self) {
        self.database.take().unwrap().remove().await;
    }

    /// Stops the service and starts it again over the same data.
    pub(crate) async fn restart(&mut self) {
        self.running.take().unwrap().stop().await.unwrap();
        self.resume().await;
    }

    /// Stops the service and removes its data.
    pub(crate) async fn end(mut self) {
        self.running.take().unwrap().stop().await.unwrap();
        if let Some(database) = self.database.take() {
            database.remove().await;
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    pub(crate) fn data_folder(&self) -> PathBuf {
        self.data_folder.clone()
    }

    /// Waits for a number of mails to an e-mail address, and returns their texts, oldest first.
    pub(crate) async fn mails_to(&self, address: &str, at_least: usize) -> Vec<String> {
        for _ in 0..200 {
            let mut mails: Vec<(String, String)> = Vec::new();
            for entry in std::fs::read_dir(self.data_folder().join("mail")).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|extension| extension != "eml") {
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
                let to = mail.to().unwrap().first().unwrap().address().unwrap().to_owned();
                if to == address {
                    // The name ends with the id, which sorts mails of the same second by their requests.
                    let name = path.file_stem().unwrap().to_str().unwrap();
                    let id = name[name.len() - Uuid::nil().to_string().len()..].to_owned();
                    mails.push((id, mail.body_text(0).unwrap().into_owned()));
                }
            }
            if mails.len() >= at_least {
                mails.sort();
                return mails.into_iter().map(|(_, text)| text).collect();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{at_least} mails to {address} did not come within 20 seconds");
    }

    /// The token in the newest mail to an e-mail address.
    pub(crate) async fn token_to(&self, address: &str, at_least: usize) -> String {
        token_in(self.mails_to(address, at_least).await.last().unwrap())
    }

    /// Registers a user.
    pub(crate) async fn register(&self, address: &str) -> Answer {
        let body = json!({"username": "Олена", "email": address, "password": PASSWORD, "timezone": "Europe/Kyiv"});
        self.post("/api/auth/register", &body).await
    }

    /// Registers a user, follows the link, and signs in.
    pub(crate) async fn person(&self, address: &str) -> Person<'_> {
        self.register(address).await.expect(StatusCode::CREATED);
        let token = self.token_to(address, 1).await;
        self.post("/api/auth/verify-email", &json!({ "token": token })).await.expect(StatusCode::NO_CONTENT);
        self.sign_in(address, PASSWORD).await
    }

    /// Signs in a user.
    pub(crate) async fn sign_in(&self, address: &str, password: &str) -> Person<'_> {
        let body = json!({"email": address, "password": password});
        let pair = self.post("/api/auth/login", &body).await.expect(StatusCode::OK).json;
        Person::of(self, &pair)
    }
}

/// The token in the link of a mail.
pub(crate) fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("token=").unwrap();
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

async fn migrate(url: String) {
    database_at(url).migrate().await.unwrap();
}

fn database_at(url: String) -> Database {
    let acquire_timeout = Duration::from_secs(20);
    Database::new(DatabaseSettings { url, pooling: Pooling::Session, max_connections: 2, acquire_timeout }).unwrap()
}

/// Makes two tests of each function, on SQLite and on PostgreSQL, with those variables.
macro_rules! on_both {
    ($variables:expr; $($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[actix_web::test]
            async fn $test() {
                let service = crate::service::Service::start(crate::service::Kind::Sqlite, &$variables).await;
                super::$test(service).await;
            })+
        }
        mod postgres {
            $(#[actix_web::test]
            async fn $test() {
                let service = crate::service::Service::start(crate::service::Kind::Postgres, &$variables).await;
                super::$test(service).await;
            })+
        }
    };
    ($($test:ident),+ $(,)?) => { crate::service::on_both!([]; $($test),+); };
}
pub(crate) use on_both;
