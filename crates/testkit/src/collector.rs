//! Fake OpenTelemetry collector: OTLP over HTTP with protobuf.

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

/// Behaviour of the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectorBehaviour {
    /// Accepts requests.
    Accepts,
    /// Answers with 400.
    Rejects,
    /// Never answers.
    Hangs,
}

/// A received span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSpan {
    /// Name.
    pub name: String,
    /// Id of the trace, in hexadecimal.
    pub trace: String,
    /// Id of the span, in hexadecimal.
    pub id: String,
    /// Id of the parent span; empty for the root span.
    pub parent: String,
    /// Kind, by its number in the protocol: 2 for server, 4 for producer.
    pub kind: i32,
    /// True when the status is an error.
    pub is_error: bool,
    /// Attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Resource attributes of the service, as text.
    pub resource: BTreeMap<String, String>,
}

/// The fake collector. It stops with the runtime that started it.
pub struct CollectorStandIn {
    /// Value for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub endpoint: String,
    state: Arc<State>,
}

struct State {
    mood: Mutex<CollectorBehaviour>,
    /// Received heads and bodies.
    requests: Mutex<Vec<(String, Vec<u8>)>>,
}

impl CollectorStandIn {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(mood: CollectorBehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State { mood: Mutex::new(mood), requests: Mutex::default() });
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let state = Arc::clone(&serving);
                tokio::spawn(async move { state.serve(connection).await });
            }
        });
        Self { endpoint, state }
    }

    /// Sets the behaviour for further requests.
    pub fn set_mood(&self, mood: CollectorBehaviour) {
        *self.state.mood.lock().unwrap() = mood;
    }

    /// Returns the received requests: heads and raw bodies.
    pub fn requests(&self) -> Vec<(String, Vec<u8>)> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Returns the received spans.
    pub fn spans(&self) -> Vec<SeenSpan> {
        self.requests().iter().flat_map(|(_, body)| spans_of(body)).collect()
    }

    /// Waits until the received spans match the predicate, and returns them. Panics after 30 seconds.
    pub async fn until(&self, what: &str, is_expected: impl Fn(&[SeenSpan]) -> bool) -> Vec<SeenSpan> {
        for _ in 0..600 {
            let spans = self.spans();
            if is_expected(&spans) {
                return spans;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("not within 30 seconds: {what}; received: {:#?}", self.spans());
    }

    /// Waits until at least `times` requests were received. Panics after 30 seconds.
    pub async fn wait_for_requests(&self, times: usize) {
        for _ in 0..600 {
            if self.requests().len() >= times {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("fewer than {times} requests within 30 seconds");
    }
}

impl State {
    /// Serves one connection until it is closed.
    async fn serve(&self, mut connection: TcpStream) {
        let mut received = Vec::new();
        while let Some((head, body)) = next_request(&mut connection, &mut received).await {
            self.requests.lock().unwrap().push((head, body));
            let mood = *self.mood.lock().unwrap();
            let answer = match mood {
                CollectorBehaviour::Accepts => "HTTP/1.1 200 OK",
                CollectorBehaviour::Rejects => "HTTP/1.1 400 Bad Request",
                CollectorBehaviour::Hangs => std::future::pending().await,
            };
            let answer = format!("{answer}\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n");
            if connection.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// Reads the head and the body of the next request. Returns `None` at the end of the connection.
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
    let spans = request.resource_spans.into_iter().flat_map(|resource_spans| {
        let resource = texts(&resource_spans.resource.unwrap_or_default().attributes);
        let spans = resource_spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| seen_span(span, resource.clone())).collect::<Vec<_>>()
    });
    spans.collect()
}

fn seen_span(span: Span, resource: BTreeMap<String, String>) -> SeenSpan {
    const ERROR: i32 = 2;
    assert!(span.events.is_empty(), "a span contains no log events: {span:?}");
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
