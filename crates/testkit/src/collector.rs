//! A stand-in for a collector of OpenTelemetry: OTLP over HTTP, in protobuf.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// How the collector takes what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectorMood {
    /// As it should.
    Takes,
    /// It answers that it is broken.
    Refuses,
    /// It never answers.
    Hangs,
}

/// A span, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSpan {
    /// Its name.
    pub name: String,
    /// The trace that it is part of, in hexadecimal.
    pub trace: String,
    /// Its id, in hexadecimal.
    pub id: String,
    /// The id of the span above it; empty when it is the first of its trace.
    pub parent: String,
    /// What kind it is, by its number in the protocol: 2 a server's, 4 a producer's.
    pub kind: i32,
    /// Whether it ended in an error.
    pub is_error: bool,
    /// Its attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// What is said of the service, as text.
    pub resource: BTreeMap<String, String>,
}

/// The stand-in. It ends with the runtime that started it.
pub struct CollectorStandIn {
    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub endpoint: String,
    desk: Arc<Desk>,
}

struct Desk {
    mood: Mutex<CollectorMood>,
    /// Heads and bodies, as they came.
    requests: Mutex<Vec<(String, Vec<u8>)>>,
}

impl CollectorStandIn {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(mood: CollectorMood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let desk = Arc::new(Desk { mood: Mutex::new(mood), requests: Mutex::default() });
        let serving = Arc::clone(&desk);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let desk = Arc::clone(&serving);
                tokio::spawn(async move { desk.serve(connection).await });
            }
        });
        Self { endpoint, desk }
    }

    /// From now on it takes things like this.
    pub fn set_mood(&self, mood: CollectorMood) {
        *self.desk.mood.lock().unwrap() = mood;
    }

    /// The requests that came: their heads, and their bodies as they were.
    pub fn requests(&self) -> Vec<(String, Vec<u8>)> {
        self.desk.requests.lock().unwrap().clone()
    }

    /// The spans that came.
    pub fn spans(&self) -> Vec<SeenSpan> {
        self.requests().iter().flat_map(|(_, body)| spans_of(body)).collect()
    }

    /// Waits until what came is as it is wanted, and gives it.
    pub async fn until(&self, what: &str, is_wanted: impl Fn(&[SeenSpan]) -> bool) -> Vec<SeenSpan> {
        for _ in 0..600 {
            let spans = self.spans();
            if is_wanted(&spans) {
                return spans;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("not within 30 seconds: {what}; there is {:#?}", self.spans());
    }

    /// Waits until so many requests have come.
    pub async fn until_asked(&self, times: usize) {
        for _ in 0..600 {
            if self.requests().len() >= times {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("there were not {times} requests within 30 seconds");
    }
}

impl Desk {
    /// Serves one connection to its end.
    async fn serve(&self, mut connection: TcpStream) {
        let mut received = Vec::new();
        while let Some((head, body)) = next_request(&mut connection, &mut received).await {
            self.requests.lock().unwrap().push((head, body));
            let mood = *self.mood.lock().unwrap();
            let answer = match mood {
                CollectorMood::Takes => "HTTP/1.1 200 OK",
                CollectorMood::Refuses => "HTTP/1.1 400 Bad Request",
                CollectorMood::Hangs => std::future::pending().await,
            };
            let answer = format!("{answer}\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n");
            if connection.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// The head and the body of the next request; none at the end of the connection.
async fn next_request(connection: &mut TcpStream, received: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let mut whole = None;
    loop {
        if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(received.get(..end)?).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            let body_end = end + 4 + length.unwrap_or(0);
            if received.len() >= body_end {
                let body = received.get(end + 4..body_end)?.to_vec();
                received.drain(..body_end);
                whole = Some((head, body));
            }
        }
        if whole.is_some() {
            return whole;
        }
        if connection.read_buf(received).await.ok()? == 0 {
            return None;
        }
    }
}

fn spans_of(body: &[u8]) -> Vec<SeenSpan> {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let seen = request.resource_spans.into_iter().flat_map(|of_service| {
        let resource = texts(&of_service.resource.unwrap_or_default().attributes);
        let spans = of_service.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| seen(span, resource.clone())).collect::<Vec<_>>()
    });
    seen.collect()
}

fn seen(span: Span, resource: BTreeMap<String, String>) -> SeenSpan {
    const ERROR: i32 = 2;
    assert!(span.events.is_empty(), "no log line goes with a span: {span:?}");
    SeenSpan {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind: span.kind,
        is_error: span.status.is_some_and(|status| status.code == ERROR),
        attributes: texts(&span.attributes),
        name: span.name,
        resource,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(flag) => flag.to_string(),
        other => format!("{other:?}"),
    };
    let pair = |pair: &KeyValue| {
        let value = pair.value.as_ref().and_then(|value| value.value.as_ref());
        (pair.key.clone(), value.map(text).unwrap_or_default())
    };
    attributes.iter().map(pair).collect()
}
