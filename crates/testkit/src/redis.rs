//! Redis: the one of `TEST_REDIS_URL`, and private ones that a test may stop, kill and freeze.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The server that all tests share: use names of your own in it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the server's address comes from whoever runs the tests")]
pub fn shared_url() -> String {
    std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is not set: run `make test`, which starts a private Redis")
}

/// A Redis of one test, without anything on disk. Ended with the test.
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
    /// Starts one.
    pub async fn start() -> Self {
        let mut redis = Self::not_running();
        redis.resume().await;
        redis
    }

    /// A place where one could run.
    #[must_use]
    pub fn not_running() -> Self {
        Self { port: free_port(), tls: None, child: None }
    }

    /// Starts one that speaks TLS too, with a certificate of its own in that folder.
    pub async fn start_with_tls(folder: &Path) -> Self {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let tls = Tls { port: free_port(), certificate: folder.join("redis.crt"), key: folder.join("redis.key") };
        std::fs::write(&tls.certificate, issued.cert.pem()).unwrap();
        std::fs::write(&tls.key, issued.signing_key.serialize_pem()).unwrap();
        let mut redis = Self { tls: Some(tls), child: None, port: free_port() };
        redis.resume().await;
        redis
    }

    /// Where it speaks TLS, and the certificate that must be trusted for it.
    #[must_use]
    pub fn tls(&self) -> (String, &Path) {
        let tls = self.tls.as_ref().unwrap();
        (format!("rediss://127.0.0.1:{}", tls.port), &tls.certificate)
    }

    /// Where it is, running or not.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it, empty, where it was before; returns when it answers.
    pub async fn resume(&mut self) {
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut command = Command::new("redis-server");
        if let Some(Tls { port, certificate, key }) = &self.tls {
            command.args(["--tls-port", &port.to_string(), "--tls-auth-clients", "no"]);
            command.arg("--tls-cert-file").arg(certificate).arg("--tls-key-file").arg(key);
            command.arg("--tls-ca-cert-file").arg(certificate);
        }
        let child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child =
            Some(child.expect("redis-server does not start: install it (Debian: apt-get install redis-server)"));
        for _ in 0..600 {
            if self.command("PING").is_some_and(|answer| answer.starts_with("+PONG")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the private Redis did not start within 30 seconds");
    }

    /// Ends it at once, with all it holds.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Lets it hang: connections stay, and nothing is answered until [`PrivateRedis::thaw`].
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Makes it forget everything, scripts too.
    pub fn flush(&self) {
        for command in ["FLUSHALL", "SCRIPT FLUSH"] {
            assert!(self.command(command).unwrap().starts_with("+OK"), "{command}");
        }
    }

    /// The names of all that it holds.
    #[must_use]
    pub fn keys(&self) -> String {
        self.command("KEYS *").unwrap()
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// The beginning of its answer to a command in one line; `None` when it does not answer.
    fn command(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = vec![0; 64 * 1024];
        let length = stream.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        self.kill();
    }
}
