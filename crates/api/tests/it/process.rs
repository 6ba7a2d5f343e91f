//! Processes of the binary.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output},
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::service::{Answer, PASSWORD, token_in};

pub(crate) const SECRET: &str = "tests-only-0123456789abcdefghijklmnopqrstuvwxyz";

/// The binary in an empty folder, with these variables and no others.
pub(crate) fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contacts-api"));
    isolate(command.args(arguments), folder, variables);
    command
}

#[expect(clippy::disallowed_methods, reason = "the run of the tests chooses the file")]
fn isolate(command: &mut Command, folder: &Path, variables: &[(&str, &str)]) {
    // `make coverage` also measures the processes. Without the variable, each would write its figures into the folder.
    let measured = "LLVM_PROFILE_FILE";
    let file = std::env::var_os(measured).map(|file| (measured, file));
    command.current_dir(folder).env_clear().envs(variables.iter().copied()).envs(file);
}

pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), arguments, variables).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The service as a process of its own.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) base: String,
    pub(crate) port: String,
}

pub(crate) fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

impl Process {
    pub(crate) async fn start(folder: &TempDir, log: &str) -> Self {
        Self::start_with(folder, log, &[]).await
    }

    /// Starts the service with more variables. `PORT` among them sets its port.
    pub(crate) async fn start_with(folder: &TempDir, log: &str, more: &[(&str, &str)]) -> Self {
        Self::start_by(|variables| command(folder.path(), &[], variables), folder, log, more).await
    }

    /// Starts the service with a limit of open descriptors.
    pub(crate) async fn start_with_descriptors(
        descriptors: u32,
        folder: &TempDir,
        log: &str,
        more: &[(&str, &str)],
    ) -> Self {
        let limited = |variables: &[(&str, &str)]| {
            let mut command = Command::new("/bin/sh");
            let script = format!("ulimit -n {descriptors} && exec \"$0\"");
            command.args(["-c", &script, env!("CARGO_BIN_EXE_contacts-api")]);
            isolate(&mut command, folder.path(), variables);
            command
        };
        Self::start_by(limited, folder, log, more).await
    }

    async fn start_by(
        command: impl FnOnce(&[(&str, &str)]) -> Command,
        folder: &TempDir,
        log: &str,
        more: &[(&str, &str)],
    ) -> Self {
        let chosen = more.iter().find(|(name, _)| *name == "PORT");
        let port = chosen.map_or_else(free_port, |(_, port)| (*port).to_owned());
        let variables = [
            ("JWT_SECRET", SECRET),
            ("PORT", port.as_str()),
            ("BCRYPT_COST", "10"),
            ("RUST_LOG", "debug"),
            ("RATE_LIMIT_ME", "off"),
            ("RATE_LIMIT_CONTACTS", "off"),
        ];
        let log = File::options().create(true).append(true).open(folder.path().join(log)).unwrap();
        let child = command(&variables).envs(more.iter().copied()).stderr(log).spawn().unwrap();
        let process = Self { child, base: format!("http://127.0.0.1:{port}"), port };
        for _ in 0..600 {
            if reqwest::get(format!("{}/healthz", process.base)).await.is_ok() {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the service did not start within 30 seconds");
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = reqwest::Client::new().post(format!("{}{path}", self.base)).json(body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    /// Registers a user, follows the only mail in the folder, and signs in. Returns the access token.
    pub(crate) async fn register_and_sign_in(&self, folder: &TempDir, address: &str) -> String {
        let registration = json!({"username": "Олена", "email": address, "password": PASSWORD});
        assert_eq!(self.post("/api/auth/register", &registration).await.0, StatusCode::CREATED);
        let token = token_in(&only_mail(folder).await);
        let proof = json!({ "token": token });
        assert_eq!(self.post("/api/auth/verify-email", &proof).await.0, StatusCode::NO_CONTENT);
        let (status, pair) = self.post("/api/auth/login", &json!({"email": address, "password": PASSWORD})).await;
        assert_eq!(status, StatusCode::OK);
        pair["access_token"].as_str().unwrap().to_owned()
    }

    /// Sends a signal, like `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Waits for the end of the process, and returns its status.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        for _ in 0..1200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the process did not end within a minute");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The contacts of a user: id and first name.
pub(crate) async fn all_contacts(base: &str, token: &str) -> BTreeMap<String, String> {
    let (client, mut found, mut query) = (reqwest::Client::new(), BTreeMap::new(), "limit=1000".to_owned());
    loop {
        let page = client.get(format!("{base}/api/contacts?{query}")).bearer_auth(token).send().await.unwrap();
        let page = Answer::of(page).await.expect(StatusCode::OK).json;
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| (text(item, "id"), text(item, "first_name"))));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=1000&cursor={cursor}"),
            None => return found,
        }
    }
}

/// Waits for the only mail, and returns its text.
pub(crate) async fn only_mail(folder: &TempDir) -> String {
    for _ in 0..200 {
        let entries = fs::read_dir(folder.path().join("data/mail")).into_iter().flatten();
        // Its draft may be in the folder too.
        let is_mail = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "eml");
        let mails: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(is_mail).collect();
        if let [mail] = mails.as_slice() {
            let bytes = fs::read(mail).unwrap();
            return mail_parser::MessageParser::default().parse(&bytes).unwrap().body_text(0).unwrap().into_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("there was not one mail within 20 seconds");
}
