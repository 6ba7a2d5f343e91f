//! Redis servers: the shared one of `TEST_REDIS_URL`, and private ones that a test can stop, kill and freeze.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::server_programs::{free_port, signal};

/// URL of the server that all tests share. Each test must use its own key names.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the URL comes from the environment of the test run")]
pub fn shared_url() -> String {
    std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is not set: run `make test`, which starts a private Redis")
}

/// Returns a `JWT_SECRET` that no other test has. It separates the keys of a service from those of other tests in the shared
/// server.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "it must be new in every process")]
pub fn separate_secret() -> String {
    format!("tests-only-{}", uuid::Uuid::now_v7())
}

/// Redis server of one test, without persistence. It is killed when it is dropped.
pub struct PrivateRedis {
    port: u16,
    tls: Option<Tls>,
    child: Option<Child>,
}

struct Tls {
    port: u16,
    certificate: PathBuf,
    key: PathBuf,
}

impl PrivateRedis {
    /// Starts a server.
    pub async fn start() -> Self {
        Self::started(Self::not_running).await
    }

    /// Starts a server with other ports until none was taken meanwhile.
    async fn started(new: impl Fn() -> Self) -> Self {
        for _ in 0..5 {
            let mut redis = new();
            if redis.has_resumed().await {
                return redis;
            }
        }
        panic!("redis-server ended at its start five times");
    }

    /// Reserves a port without starting a server.
    #[must_use]
    pub fn not_running() -> Self {
        Self { port: free_port(), tls: None, child: None }
    }

    /// Starts a server that also supports TLS, with a self-signed certificate in that folder.
    pub async fn start_with_tls(folder: &Path) -> Self {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("redis.crt"), folder.join("redis.key"));
        std::fs::write(&certificate, issued.cert.pem()).unwrap();
        std::fs::write(&key, issued.signing_key.serialize_pem()).unwrap();
        let tls = || Tls { port: free_port(), certificate: certificate.clone(), key: key.clone() };
        Self::started(|| Self { port: free_port(), tls: Some(tls()), child: None }).await
    }

    /// Returns the TLS URL, and the path of the certificate to trust.
    #[must_use]
    pub fn tls(&self) -> (String, &Path) {
        let tls = self.tls.as_ref().unwrap();
        (format!("rediss://127.0.0.1:{}", tls.port), &tls.certificate)
    }

    /// Returns the port, whether the server runs or not.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL, whether the server runs or not.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts the server without data on the same port. Returns when it answers.
    pub async fn resume(&mut self) {
        assert!(self.has_resumed().await, "redis-server ended at its start");
    }

    /// Starts the server. Returns true when it answers, and false when it has ended: a port may be taken.
    async fn has_resumed(&mut self) -> bool {
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut command = Command::new("redis-server");
        if let Some(Tls { port, certificate, key }) = &self.tls {
            command.args(["--tls-port", &port.to_string(), "--tls-auth-clients", "no"]);
            command.arg("--tls-cert-file").arg(certificate).arg("--tls-key-file").arg(key);
            command.arg("--tls-ca-cert-file").arg(certificate);
        }
        let child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("redis-server does not start: install it (Debian: apt-get install redis-server)");
        self.child = Some(child);
        for _ in 0..600 {
            if self.command("PING").is_some_and(|answer| answer.starts_with("+PONG")) {
                return true;
            }
            if self.child.as_mut().unwrap().try_wait().unwrap().is_some() {
                self.child = None;
                return false;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the private Redis did not start within 30 seconds");
    }

    /// Kills the server. All data are lost.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Suspends the server: connections stay open, and commands get no answer until [`PrivateRedis::thaw`].
    pub fn freeze(&self) {
        signal(self.child.as_ref().unwrap(), "-STOP");
    }

    /// Resumes a suspended server.
    pub fn thaw(&self) {
        signal(self.child.as_ref().unwrap(), "-CONT");
    }

    /// Lets all clients run scripts, or rejects their scripts.
    pub fn allow_scripts(&self, is_allowed: bool) {
        let rule = if is_allowed { "+@scripting" } else { "-@scripting" };
        let answer = self.command(&format!("ACL SETUSER default {rule}")).unwrap();
        assert!(answer.starts_with("+OK"), "{answer}");
    }

    /// Removes all data and scripts.
    pub fn flush(&self) {
        for command in ["FLUSHALL", "SCRIPT FLUSH"] {
            assert!(self.command(command).unwrap().starts_with("+OK"), "{command}");
        }
    }

    /// Returns the names of all keys.
    #[must_use]
    pub fn keys(&self) -> String {
        self.command("KEYS *").unwrap()
    }

    /// Sends a one-line command. Returns the beginning of the answer, or `None` when there is none.
    fn command(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = vec![0; 64 * 1024];
        let length = stream.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        self.kill();
    }
}
