//! Fake of Cloudinary's upload API and delivery, behind a proxy that terminates TLS for their hosts.
//!
//! The client uses a fixed URL, so the environment of the process redirects it: `HTTPS_PROXY` is set to
//! [`CloudinaryStandIn::proxy_url`], and `SSL_CERT_FILE` to a file with [`CloudinaryStandIn::certificate_pem`].

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sha1::{Digest, Sha1};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

const HOST: &str = "api.cloudinary.com";
/// Host that delivers pictures.
const DELIVERY_HOST: &str = "res.cloudinary.com";
/// Maximum size of the head or the body of a request, in bytes.
const MAX_REQUEST: usize = 4 * 1024 * 1024;
/// Parameters that are not signed, according to the documentation of Cloudinary.
const UNSIGNED: [&str; 5] = ["file", "cloud_name", "resource_type", "api_key", "signature"];

/// The only known account.
#[derive(Debug, Clone)]
pub struct CloudinaryAccount {
    /// The product environment.
    pub cloud_name: String,
    /// Public id of the signing key.
    pub api_key: String,
    /// Signing secret.
    pub api_secret: String,
}

/// Behaviour for uploads. Removals are always answered correctly.
#[derive(Debug, Clone)]
pub enum UploadAnswer {
    /// Stored; response of an account with fixed folders.
    Stored,
    /// Stored; response of an account with dynamic folders.
    StoredInDynamicFolders,
    /// Stored; response with fewer fields than any known account returns.
    StoredWithFewFields,
    /// Stored under another name than requested.
    StoredElsewhere,
    /// Not stored; response is a JSON error with this status.
    Error(u16, String),
    /// Stored; response is an HTML page with this status.
    StoredThenGarbage(u16),
    /// Stored; no response for this time.
    StoredThenSilence(Duration),
    /// Stored; the connection is closed without a response.
    StoredThenHangUp,
}

/// The fake service. It stops with the runtime that started it.
pub struct CloudinaryStandIn {
    /// Value for `HTTPS_PROXY`.
    pub proxy_url: String,
    /// Certificate of the authority that signed the server certificate.
    pub certificate_pem: String,
    cloud: Arc<Cloud>,
}

struct Cloud {
    account: CloudinaryAccount,
    answer: UploadAnswer,
    stored: Mutex<BTreeMap<String, String>>,
    requests: Mutex<Vec<String>>,
}

type Parameters = BTreeMap<String, String>;
/// Status and body; `None` closes the connection.
type Answer = Option<(u16, String)>;

impl CloudinaryStandIn {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(account: CloudinaryAccount, answer: UploadAnswer) -> Self {
        let (certificate_pem, acceptor) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy_url = format!("http://{}", listener.local_addr().unwrap());
        let cloud = Arc::new(Cloud { account, answer, stored: Mutex::default(), requests: Mutex::default() });
        let serving = Arc::clone(&cloud);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (cloud, acceptor) = (Arc::clone(&serving), acceptor.clone());
                tokio::spawn(async move { cloud.serve(connection, acceptor).await });
            }
        });
        Self { proxy_url, certificate_pem, cloud }
    }

    /// Returns the stored pictures: the `file` parameters by public id.
    pub fn stored(&self) -> BTreeMap<String, String> {
        self.cloud.stored.lock().unwrap().clone()
    }

    /// Returns the requests in order, such as `upload avatars/1` or `destroy avatars/1 and invalidate`.
    pub fn requests(&self) -> Vec<String> {
        self.cloud.requests.lock().unwrap().clone()
    }
}

/// Creates an authority, and a TLS server with a certificate for the host of Cloudinary.
fn certificates() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![HOST.to_owned(), DELIVERY_HOST.to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    // Explicit, since the default provider depends on other crates.
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

impl Cloud {
    /// Serves one connection: CONNECT, TLS, one request. A disconnecting client is not an error.
    async fn serve(&self, mut connection: TcpStream, acceptor: TlsAcceptor) -> Option<()> {
        let (head, _) = read_head(&mut connection).await?;
        let is_for = |host: &str| head.starts_with(&format!("CONNECT {host}:443 "));
        let is_delivery = is_for(DELIVERY_HOST);
        assert!(is_delivery || is_for(HOST), "unexpected host, only {HOST} and {DELIVERY_HOST} are allowed: {head}");
        connection.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
        let mut stream = acceptor.accept(connection).await.ok()?;
        let (head, body) = read_head(&mut stream).await?;
        let (status, body) = if is_delivery {
            self.deliver(&head)
        } else {
            let body = read_body(&mut stream, &head, body).await?;
            let (status, body) = self.answer(&head, &String::from_utf8(body).ok()?).await?;
            (status, body.into_bytes())
        };
        let length = body.len();
        let head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(&body).await.ok()?;
        stream.shutdown().await.ok()
    }

    /// Returns the uploaded bytes, for the URL without a transformation.
    fn deliver(&self, head: &str) -> (u16, Vec<u8>) {
        let path = head.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let public_id = path
            .strip_prefix(&format!("/{}/image/upload/", self.account.cloud_name))
            .and_then(|name| name.strip_suffix(".jpg"))
            .unwrap_or_default();
        self.requests.lock().unwrap().push(format!("deliver {public_id}"));
        let stored = self.stored.lock().unwrap();
        let file = stored.get(public_id).and_then(|file| file.split_once("base64,"));
        match (&self.answer, file) {
            (UploadAnswer::Error(status, message), _) => (*status, message.clone().into_bytes()),
            (_, Some((_, file))) => (200, STANDARD.decode(file).unwrap()),
            (_, None) => (404, b"Resource not found".to_vec()),
        }
    }

    async fn answer(&self, head: &str, body: &str) -> Answer {
        let parameters = multipart(head, body);
        let public_id = parameters.get("public_id").cloned().unwrap_or_default();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let action = path.strip_prefix(&format!("/v1_1/{}/image/", self.account.cloud_name)).unwrap_or("unknown");
        let invalidates = parameters.get("invalidate").is_some_and(|value| value == "true");
        let more = if invalidates { " and invalidate" } else { "" };
        self.requests.lock().unwrap().push(format!("{action} {public_id}{more}"));
        if !head.starts_with("POST ") || action == "unknown" {
            return error(404, "Invalid cloud_name or resource");
        }
        if let Err(message) = self.check_signature(&parameters) {
            return error(401, &message);
        }
        match action {
            "upload" => self.upload(public_id, &parameters).await,
            "destroy" => {
                let found = self.stored.lock().unwrap().remove(&public_id).is_some();
                Some((200, format!(r#"{{"result":"{}"}}"#, if found { "ok" } else { "not found" })))
            }
            _ => error(404, "Unknown action"),
        }
    }

    /// Checks the SHA-1 digest of the sorted parameters and the secret, as documented by Cloudinary. Does not check the
    /// age of `timestamp`: the client under test sends milliseconds.
    fn check_signature(&self, parameters: &Parameters) -> Result<(), String> {
        let parameter = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
        if parameter("api_key") != self.account.api_key {
            return Err(format!("Unknown API key {}", parameter("api_key")));
        }
        if parameter("timestamp").parse::<u64>().is_err() {
            return Err("Missing required parameter - timestamp".to_owned());
        }
        let signed: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| !UNSIGNED.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let signed = signed.join("&");
        let digest = Sha1::digest(format!("{signed}{}", self.account.api_secret));
        let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        if parameter("signature") == expected {
            return Ok(());
        }
        Err(format!("Invalid Signature {}. String to sign - '{signed}'.", parameter("signature")))
    }

    async fn upload(&self, public_id: String, parameters: &Parameters) -> Answer {
        if let UploadAnswer::Error(status, message) = &self.answer {
            return error(*status, message);
        }
        let Some(file) = parameters.get("file").filter(|file| file.starts_with("data:image/")) else {
            return error(400, "Invalid image file");
        };
        let public_id = match self.answer {
            UploadAnswer::StoredElsewhere => format!("preset/{public_id}"),
            _ => public_id,
        };
        self.stored.lock().unwrap().insert(public_id.clone(), file.clone());
        match &self.answer {
            UploadAnswer::StoredThenGarbage(status) => Some((*status, "<html>Bad gateway</html>".to_owned())),
            UploadAnswer::StoredThenHangUp => None,
            UploadAnswer::StoredThenSilence(pause) => {
                tokio::time::sleep(*pause).await;
                None
            }
            UploadAnswer::StoredWithFewFields => {
                Some((200, format!(r#"{{"public_id":"{public_id}","version":1,"secure_url":"https://res.invalid/"}}"#)))
            }
            UploadAnswer::StoredInDynamicFolders => {
                Some((200, self.receipt(&public_id, r#""asset_folder":"avatars","display_name":"picture""#)))
            }
            _ => Some((200, self.receipt(&public_id, r#""folder":"avatars""#))),
        }
    }

    /// Returns the response to an upload. `folder` contains the fields that depend on the account.
    fn receipt(&self, public_id: &str, folder: &str) -> String {
        format!(
            r#"{{"asset_id":"3515c6000a548515f1134043f9785c2f","public_id":"{public_id}","version":1719307544,
            "version_id":"7d2cc533bee9ff39f7da7414b61fce7e","signature":"d0b1009e3271a942836c25756ce3e04d205bf754",
            "width":512,"height":512,"format":"jpg","resource_type":"image","created_at":"2026-06-25T09:25:44Z",
            "tags":[],"bytes":40000,"type":"upload","etag":"7297bd0e0f0b7d5b5d2b3a0b8b8f0d4c","placeholder":false,
            "url":"http://res.invalid/a.jpg","secure_url":"https://res.invalid/a.jpg","api_key":"{}",{folder}}}"#,
            self.account.api_key
        )
    }
}

fn error(status: u16, message: &str) -> Answer {
    Some((status, format!(r#"{{"error":{{"message":"{message}"}}}}"#)))
}

/// Reads the head of a message, and the part of the body that was received with it.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Some((String::from_utf8(bytes).ok()?, body));
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes.len() > MAX_REQUEST {
            return None;
        }
    }
}

async fn read_body(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    head: &str,
    mut body: Vec<u8>,
) -> Option<Vec<u8>> {
    let length: usize = header(head, "content-length")?.parse().ok().filter(|length| *length <= MAX_REQUEST)?;
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(body)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value.trim()))
}

/// Parses a multipart form with text values.
fn multipart(head: &str, body: &str) -> Parameters {
    let boundary = header(head, "content-type").and_then(|value| value.split_once("boundary=")).unwrap_or_default().1;
    let part = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let name = head.split_once("name=\"")?.1.split_once('"')?.0;
        Some((name.to_owned(), value.strip_suffix("\r\n")?.to_owned()))
    };
    body.split(&format!("--{boundary}")).filter_map(part).collect()
}
