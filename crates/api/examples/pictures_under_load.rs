//! Memory and latency under uploads of pictures: eight clients send decompression bombs and pictures of 40 megapixels,
//! while another client lists contacts. `make bench-pictures` runs it against the released binary. It is a measurement
//! of the machine, not a test. Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Write as _},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use png::{BitDepth, ColorType, Encoder};
use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use testkit::jpeg_encoder;

const CLIENTS: usize = 8;
const DURATION: Duration = Duration::from_secs(30);
const PASSWORD: &str = "correct horse battery";
/// Maximum size of an upload in bytes.
const LONGEST: usize = 5 * 1024 * 1024;
/// Side of a square picture of just under 40 megapixels.
const SIDE: u32 = 6320;

/// Process of the service, with a client for it.
struct Service {
    child: Child,
    base: String,
    client: Client,
}

impl Drop for Service {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    async fn start(binary: &Path, folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let limits = ["ME", "CONTACTS", "CONTACT_CREATE", "CONTACT_BATCH", "LOGIN", "MAIL", "REGISTER", "FLOOD"];
        let child = Command::new(binary)
            .current_dir(folder)
            .env_clear()
            .envs([("JWT_SECRET", "bench-only-0123456789abcdefghijklmnopqrstuvwxyz"), ("PORT", port.as_str())])
            .envs([("BCRYPT_COST", "10"), ("RUST_LOG", "warn")])
            .envs(limits.map(|name| (format!("RATE_LIMIT_{name}"), "off")))
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let service = Self { child, base: format!("http://127.0.0.1:{port}"), client: Client::new() };
        while service.client.get(format!("{}/healthz", service.base)).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        service
    }

    /// Registers a user; returns the access token.
    async fn register(&self, folder: &Path, name: &str) -> String {
        let email = format!("{name}@example.com");
        let registration = json!({"username": name, "email": email, "password": PASSWORD});
        self.post("/api/auth/register", &registration).await;
        let token = loop {
            if let Some(token) = token_to(folder, &email) {
                break token;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        self.post("/api/auth/verify-email", &json!({ "token": token })).await;
        let pair = self.post("/api/auth/login", &json!({"email": email, "password": PASSWORD})).await;
        pair["access_token"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(format!("{}{path}", self.base)).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    /// Returns a value of `/proc/PID/status` in MiB.
    fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Resets the peak of the memory.
    fn reset_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }
}

fn token_to(folder: &Path, email: &str) -> Option<String> {
    for entry in fs::read_dir(folder.join("data/mail")).ok()? {
        let bytes = fs::read(entry.ok()?.path()).ok()?;
        let mail = mail_parser::MessageParser::default().parse(&bytes)?;
        if mail.to()?.first()?.address()? == email {
            let text = mail.body_text(0)?.into_owned();
            let (_, rest) = text.split_once("token=")?;
            return Some(rest.chars().take_while(char::is_ascii_hexdigit).collect());
        }
    }
    None
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Returns a PNG of black pixels, one bit each.
fn bomb(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    let row = vec![0; side.div_ceil(8) as usize];
    (0..side).for_each(|_| rows.write_all(&row).unwrap());
    rows.finish().unwrap();
    writer.finish().unwrap();
    bytes
}

fn shade(x: u32, y: u32) -> [u8; 3] {
    [x / 32, y / 32, (x + y) / 64].map(|value| u8::try_from(value % 256).unwrap())
}

fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let plain = RgbImage::from_fn(SIDE, SIDE, |x, y| Rgb(shade(x, y)));
    let clear = RgbaImage::from_fn(SIDE, SIDE, |x, y| {
        let [red, green, blue] = shade(x, y);
        Rgba([red, green, blue, red])
    });
    let mut corpus = vec![
        ("baseline jpeg, 40 MP", encoded(plain.clone(), ImageFormat::Jpeg)),
        ("progressive jpeg, 40 MP", jpeg_encoder::progressive(6320, 6320, jpeg_encoder::HALF_CHROMA)),
        ("progressive jpeg in full, 24 MP", jpeg_encoder::progressive(6000, 4000, jpeg_encoder::FULL_CHROMA)),
        ("progressive jpeg in full, 40 MP", jpeg_encoder::progressive(6320, 6320, jpeg_encoder::FULL_CHROMA)),
        ("png, 40 MP", encoded(plain, ImageFormat::Png)),
        ("png with alpha, 40 MP", encoded(clear, ImageFormat::Png)),
        ("bomb, 900 MP", bomb(30_000)),
    ];
    for (name, bytes) in &mut corpus {
        println!("{name}: {} KiB, filled up to 5 MiB", bytes.len() / 1024);
        assert!(bytes.len() <= LONGEST, "{name} exceeds the maximum size of an upload");
        // Bytes after the picture are dropped, but they take memory until then.
        bytes.resize(LONGEST, 0);
    }
    corpus
}

async fn send_pictures(
    service: Arc<Service>,
    token: String,
    corpus: Arc<Vec<(&'static str, Vec<u8>)>>,
    first: usize,
) -> BTreeMap<(&'static str, u16), Vec<Duration>> {
    let (begun, mut answers) = (Instant::now(), BTreeMap::<_, Vec<_>>::new());
    for number in first.. {
        if begun.elapsed() > DURATION {
            break;
        }
        let (name, bytes) = &corpus[number % corpus.len()];
        let form = Form::new().part("file", Part::bytes(bytes.clone()));
        let request = service.client.put(format!("{}/api/me/avatar", service.base)).bearer_auth(&token);
        let sent = Instant::now();
        let status = request.multipart(form).send().await.unwrap().status().as_u16();
        answers.entry((*name, status)).or_default().push(sent.elapsed());
    }
    answers
}

/// Returns the latencies of repeated lists of contacts, shortest first.
async fn list_contacts(service: &Service, token: &str, duration: Duration) -> Vec<Duration> {
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < duration {
        let request = service.client.get(format!("{}/api/contacts", service.base)).bearer_auth(token);
        let sent = Instant::now();
        assert!(request.send().await.unwrap().error_for_status().unwrap().bytes().await.is_ok());
        times.push(sent.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    times.sort();
    times
}

fn print(name: &str, times: &[Duration]) {
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!(
        "{name}: {} requests, p50 {:?}, p95 {:?}, p99 {:?}, longest {:?}",
        times.len(),
        at(50),
        at(95),
        at(99),
        at(100)
    );
}

#[tokio::main]
async fn main() {
    let binary = std::env::args().nth(1).expect("the path of the binary");
    let binary = fs::canonicalize(binary).expect("the binary exists");
    let folder = tempfile::tempdir().unwrap();
    let corpus = Arc::new(corpus());
    let service = Arc::new(Service::start(&binary, folder.path()).await);
    let lister = service.register(folder.path(), "lister").await;
    let mut senders = Vec::new();
    for number in 0..CLIENTS {
        senders.push(service.register(folder.path(), &format!("sender{number}")).await);
    }
    print("contacts, without uploads", &list_contacts(&service, &lister, Duration::from_secs(5)).await);
    let idle = service.memory("VmRSS:");
    service.reset_peak();

    let sending: Vec<_> = senders
        .into_iter()
        .enumerate()
        .map(|(number, token)| tokio::spawn(send_pictures(Arc::clone(&service), token, Arc::clone(&corpus), number)))
        .collect();
    print("contacts, during uploads", &list_contacts(&service, &lister, DURATION).await);
    let mut answers = BTreeMap::<_, Vec<_>>::new();
    for client in sending {
        for (kind, times) in client.await.unwrap() {
            answers.entry(kind).or_default().extend(times);
        }
    }
    for ((name, status), mut times) in answers {
        times.sort();
        print(&format!("{name}, {status}"), &times);
    }
    let peak = service.memory("VmHWM:");
    println!("memory: {idle} MiB idle, {peak} MiB at its peak, {} MiB over idle", peak.saturating_sub(idle));
}
