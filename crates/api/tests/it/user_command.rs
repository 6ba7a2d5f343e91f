//! Command `user`, beside the running service.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::postgres::FreshDatabase;

use crate::process::{Process, SECRET, command, text};

const EMAIL: &str = "olena@example.com";
const NEW_PASSWORD: &str = "a new correct horse";

/// A service as a process, and the command line beside it.
struct Operated {
    folder: TempDir,
    url: String,
    process: Process,
}

impl Operated {
    async fn start(url: Option<&str>, registration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
        let url = url.map_or(file, str::to_owned);
        let variables = [("DATABASE_URL", url.as_str()), ("REGISTRATION", registration), ("RUST_LOG", "info")];
        let process = Process::start_with(&folder, "log", &variables).await;
        Self { folder, url, process }
    }

    /// Runs `contacts-api user`. Returns the exit code, and standard output or the error.
    fn call(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let variables =
            [("JWT_SECRET", SECRET), ("DATABASE_URL", &self.url), ("BCRYPT_COST", "10"), ("RUST_LOG", "off")];
        let arguments = [&["user"], arguments].concat();
        let done = command(self.folder.path(), &arguments, &variables).output().unwrap();
        let output = if done.status.success() { done.stdout } else { done.stderr };
        (done.status.code(), text(&output).to_owned())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (code, output) = self.call(&[arguments, &["--json"]].concat());
        assert_eq!(code, Some(0), "{arguments:?}: {output}");
        serde_json::from_str(&output).unwrap()
    }

    async fn sign_in(&self, password: &str) -> (StatusCode, Value) {
        self.process.post("/api/auth/login", &json!({"email": EMAIL, "password": password})).await
    }

    async fn register(&self, email: &str) -> (StatusCode, Value) {
        let body = json!({"username": "Олена", "email": email, "password": NEW_PASSWORD});
        self.process.post("/api/auth/register", &body).await
    }

    async fn get_me(&self, pair: &Value) -> StatusCode {
        let request = reqwest::Client::new().get(format!("{}/api/me", self.process.base));
        request.bearer_auth(pair["access_token"].as_str().unwrap()).send().await.unwrap().status()
    }

    /// Creates an app password that reads contacts.
    async fn app_password(&self, pair: &Value) -> String {
        let request = reqwest::Client::new().post(format!("{}/api/me/app-passwords", self.process.base));
        let request = request.bearer_auth(pair["access_token"].as_str().unwrap());
        let created = request.json(&json!({"name": "x", "scopes": ["api:read"]})).send().await.unwrap();
        let created: Value = serde_json::from_str(&created.text().await.unwrap()).unwrap();
        created["password"].as_str().unwrap().to_owned()
    }

    async fn get_contacts(&self, secret: &str) -> StatusCode {
        let request = reqwest::Client::new().get(format!("{}/api/contacts", self.process.base));
        request.bearer_auth(secret).send().await.unwrap().status()
    }

    async fn create_contact(&self, pair: &Value) -> StatusCode {
        let request = reqwest::Client::new().post(format!("{}/api/contacts", self.process.base));
        let request = request.bearer_auth(pair["access_token"].as_str().unwrap());
        request.json(&json!({"first_name": "Petro"})).send().await.unwrap().status()
    }
}

#[actix_web::test]
async fn operator_creates_disables_and_deletes_accounts() {
    let postgres = FreshDatabase::create().await;
    for url in [None, Some(postgres.url.as_str())] {
        let service = Operated::start(url, "closed").await;
        let (status, problem) = service.register(EMAIL).await;
        assert_eq!((status, problem["code"].as_str()), (StatusCode::FORBIDDEN, Some("registration-closed")));

        let created =
            service.json(&["create", EMAIL, "--name", "Олена Ґ", "--locale", "uk", "--timezone", "Europe/Kyiv"]);
        assert_eq!((&created["email"], &created["email_verified"]), (&json!(EMAIL), &json!(true)));
        assert_eq!((&created["locale"], &created["timezone"]), (&json!("uk"), &json!("Europe/Kyiv")));
        assert_eq!(service.call(&["create", EMAIL, "--name", "x"]).0, Some(1), "the e-mail is taken");
        let link = created["reset_link"].as_str().unwrap();
        let (page, token) = link.split_once("?token=").unwrap();
        assert!(page.ends_with("/reset-password"), "{link}");
        let reset = json!({"token": token, "password": NEW_PASSWORD});
        assert_eq!(service.process.post("/api/auth/reset-password", &reset).await.0, StatusCode::NO_CONTENT);
        let (status, pair) = service.sign_in(NEW_PASSWORD).await;
        assert_eq!((status, service.get_me(&pair).await), (StatusCode::OK, StatusCode::OK));

        assert_eq!(service.json(&["limit", EMAIL, "1"])["contact_limit"], json!(1));
        assert_eq!(service.create_contact(&pair).await, StatusCode::CREATED);
        assert_eq!(service.create_contact(&pair).await, StatusCode::CONFLICT);
        assert_eq!(service.json(&["limit", EMAIL, "default"])["contact_limit"], Value::Null);
        assert_eq!(service.create_contact(&pair).await, StatusCode::CREATED);
        assert_eq!(service.json(&["show", EMAIL])["contacts"], json!(2));

        let secret = service.app_password(&pair).await;
        assert_eq!(service.get_contacts(&secret).await, StatusCode::OK);
        assert_eq!(service.json(&["disable", EMAIL])["disabled"], json!(true));
        wait_for_end_of_session(&service, &pair).await;
        assert_eq!(service.get_contacts(&secret).await, StatusCode::UNAUTHORIZED);
        let (status, problem) = service.sign_in(NEW_PASSWORD).await;
        assert_eq!((status, problem["code"].as_str()), (StatusCode::FORBIDDEN, Some("account-disabled")));
        assert_eq!(service.sign_in("a wrong password").await.0, StatusCode::UNAUTHORIZED);
        let refresh = json!({"refresh_token": pair["refresh_token"]});
        assert_eq!(service.process.post("/api/auth/refresh", &refresh).await.0, StatusCode::UNAUTHORIZED);
        let listed = service.json(&["list"]);
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["disabled"]), (1, &json!(true)));
        assert!(service.call(&["list"]).1.starts_with("disabled "));

        assert_eq!(service.json(&["enable", EMAIL])["disabled"], json!(false));
        assert_eq!(service.sign_in(NEW_PASSWORD).await.0, StatusCode::OK);
        assert_eq!(service.call(&["delete", EMAIL]).0, Some(2), "a deletion is confirmed by --yes");
        assert_eq!(service.json(&["delete", EMAIL, "--yes"])["deleted"], json!(true));
        assert_eq!(service.sign_in(NEW_PASSWORD).await.0, StatusCode::UNAUTHORIZED);
        for action in [&["show", EMAIL][..], &["disable", EMAIL], &["reset-link", EMAIL], &["delete", EMAIL, "--yes"]] {
            let (code, error) = service.call(action);
            assert_eq!((code, error.as_str()), (Some(1), "no account has this e-mail address\n"), "{action:?}");
        }
        assert_eq!(service.json(&["list"]), json!([]));
    }
    postgres.remove().await;
}

/// The process caches sessions for a second, and the command is another process.
async fn wait_for_end_of_session(service: &Operated, pair: &Value) {
    for _ in 0..100 {
        if service.get_me(pair).await == StatusCode::UNAUTHORIZED {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the session of a disabled user did not end within ten seconds");
}

#[actix_web::test]
async fn only_invited_people_register_and_only_once() {
    let postgres = FreshDatabase::create().await;
    for url in [None, Some(postgres.url.as_str())] {
        let service = Operated::start(url, "invite").await;
        let (status, problem) = service.register(EMAIL).await;
        assert_eq!((status, problem["code"].as_str()), (StatusCode::FORBIDDEN, Some("invitation-required")));
        assert_eq!(service.json(&["invite", " Olena@Example.com "])["email"], json!(EMAIL));
        assert_eq!(service.json(&["invite", EMAIL])["invited"], json!(true), "an invitation may be repeated");
        assert_eq!(service.register("petro@example.com").await.0, StatusCode::FORBIDDEN);
        assert_eq!(service.register(EMAIL).await.0, StatusCode::CREATED);
        let (_, problem) = service.register(EMAIL).await;
        assert_eq!(problem["code"], json!("invitation-required"), "the invitation is used up");
        assert_eq!(service.call(&["invite", EMAIL]).0, Some(1), "the account exists");
        assert_eq!(service.json(&["show", EMAIL])["email_verified"], json!(false));
        assert_eq!(service.json(&["verify", EMAIL])["email_verified"], json!(true));
        assert_eq!(service.sign_in(NEW_PASSWORD).await.0, StatusCode::OK);
    }
    postgres.remove().await;
}

#[test]
fn user_command_needs_a_migrated_database_and_valid_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("JWT_SECRET", SECRET), ("RUST_LOG", "off")];
    let call = |arguments: &[&str]| command(folder.path(), arguments, &variables).output().unwrap();
    let early = call(&["user", "list"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(text(&early.stderr).contains("the database is missing or empty"), "{}", text(&early.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no folder is made beside a missing database");
    assert!(call(&["migrate"]).status.success());
    assert!(call(&["user", "list"]).status.success());
    assert!(call(&["migrate", "--back-to", "m20261121_000001_users"]).status.success());
    let outdated = call(&["user", "list"]);
    assert!(text(&outdated.stderr).contains("run contacts-api migrate first"), "{}", text(&outdated.stderr));
    for arguments in [
        &["user", "show", "olena@"][..],
        &["user", "limit", EMAIL, "-1"],
        &["user", "limit", EMAIL, "1000001"],
        &["user", "create", EMAIL],
        &["user", "create", EMAIL, "--name", "x", "--timezone", "Mars"],
    ] {
        assert_eq!(call(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
