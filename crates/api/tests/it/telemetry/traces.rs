//! Traces of the binary, sent to a collector over a socket.

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, Ipv4Addr, TcpListener},
};

use reqwest::{Client, StatusCode};
use serde_json::json;
use tempfile::TempDir;
use testkit::{
    collector::{CollectorBehaviour, CollectorStandIn, SeenSpan},
    redis::PrivateRedis,
    smtp::{SmtpScript, SmtpSink},
};

use super::user_journey::travel;
use crate::{process::Process, service::PASSWORD};

const SERVER: i32 = 2;
const PRODUCER: i32 = 4;
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("log")).unwrap()
}

/// A process that sends its spans soon.
async fn start(folder: &TempDir, endpoint: &str, more: &[(&str, &str)]) -> Process {
    let mut variables = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    variables.extend(more);
    Process::start_with(folder, "log", &variables).await
}

async fn end(mut process: Process) {
    process.signal("TERM");
    assert_eq!(process.ended().await.code(), Some(0));
}

/// The span of the only request to a route with a status.
fn server<'a>(spans: &'a [SeenSpan], name: &str, status: &str) -> &'a SeenSpan {
    let is_it = |span: &&SeenSpan| {
        span.name == name && span.attributes.get("http.response.status_code").is_some_and(|it| it == status)
    };
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    let [span] = found.as_slice() else { panic!("{} of {name} {status} in {spans:#?}", found.len()) };
    span
}

/// The names of all descendants of a span.
fn below<'a>(spans: &'a [SeenSpan], top: &SeenSpan) -> BTreeSet<&'a str> {
    let children = spans.iter().filter(|span| span.parent == top.id && span.trace == top.trace);
    children.flat_map(|child| below(spans, child).into_iter().chain([child.name.as_str()])).collect()
}

#[actix_web::test]
async fn request_trace_contains_its_steps_without_personal_data() {
    let (folder, collector) =
        (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Accepts).await);
    // Variables of the file have the same effect as the environment.
    let variables = format!(
        "OTEL_EXPORTER_OTLP_ENDPOINT={}\nOTEL_EXPORTER_OTLP_HEADERS=\"x-key=key%20of%20the%20collector\"\n\
         OTEL_RESOURCE_ATTRIBUTES=\"service.name=nobody,deployment.environment.name=a%2Cb\"\n",
        collector.endpoint
    );
    fs::write(folder.path().join(".env"), variables).unwrap();
    let more = [("OTEL_SERVICE_NAME", "address-book"), ("LOG_FORMAT", "json"), ("RUST_LOG", "debug")];
    let process = Process::start_with(&folder, "log", &more).await;
    let journey = travel(&process, &folder).await;
    // Spans that fill no batch are sent at the end.
    end(process).await;

    let spans = collector.spans();
    let login = server(&spans, "POST /api/auth/login", "200");
    let expected = [
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("http.route", "/api/auth/login"),
        ("url.scheme", "http"),
    ];
    assert_eq!(login.attributes, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!((login.kind, login.parent.as_str(), login.is_error), (SERVER, "", false));
    assert_eq!(below(&spans, login), ["begin", "commit", "database", "verify password"].into());
    let registered = server(&spans, "POST /api/auth/register", "201");
    assert_eq!(below(&spans, registered), ["begin", "commit", "database", "hash password"].into());
    let avatar = below(&spans, server(&spans, "PUT /api/me/avatar", "200"));
    assert!(avatar.is_superset(&["square picture", "put picture", "database", "commit"].into()), "{avatar:?}");
    assert_eq!(below(&spans, server(&spans, "GET /api/contacts", "200")), ["database"].into());
    server(&spans, "GET", "404");
    assert_eq!(server(&spans, "HTTP", "404").attributes["http.request.method"], "_OTHER");

    let statement = spans.iter().find(|span| span.name == "database").unwrap();
    assert_eq!(statement.attributes.keys().collect::<Vec<_>>(), ["code.file.path", "code.line.number"]);
    assert!(statement.attributes["code.file.path"].starts_with("crates/persistence/src/"), "{statement:?}");
    let tops = spans.iter().filter(|span| span.parent.is_empty());
    let mails: Vec<_> = tops.filter(|span| span.kind != SERVER).collect();
    let [mail] = mails.as_slice() else { panic!("what workers do every second is no trace: {mails:#?}") };
    assert_eq!((mail.name.as_str(), mail.kind), ("write mail", PRODUCER));
    assert!(!spans.iter().any(|span| span.name.contains("healthz")), "nor are probes");

    let resource = &login.resource;
    assert_eq!(resource["service.name"], "address-book");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(resource["deployment.environment.name"], "a,b");
    for (head, body) in collector.requests() {
        assert!(head.starts_with("POST /v1/traces ") && head.contains("x-key: key of the collector"), "{head}");
        journey.assert_private("a trace", &body);
        let user = journey.user.as_bytes();
        assert!(!body.windows(user.len()).any(|part| part == user), "the log does not contain the user");
    }
    let log = log(&folder);
    assert!(!log.contains("key of the collector") && !log.contains("key%20of"), "{log}");
    journey.assert_private("the log", log.as_bytes());
    let line = log.lines().find(|line| line.contains("\"status\":200") && line.contains("/api/auth/login")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["span"]["trace_id"], *login.trace, "the line leads to the trace");
}

#[actix_web::test]
async fn worker_polling_starts_no_trace_with_any_sampler() {
    for sampler in ["always_on", "traceidratio", "parentbased_always_on"] {
        let (folder, collector) =
            (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Accepts).await);
        let process = start(&folder, &collector.endpoint, &[("OTEL_TRACES_SAMPLER", sampler)]).await;
        let registration = json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD});
        assert_eq!(process.post("/api/auth/register", &registration).await.0, StatusCode::CREATED);
        // The workers have queried the database before and after it.
        let has = |spans: &[SeenSpan], name: &str| spans.iter().any(|span| span.name == name);
        collector.until("the mail", |spans| has(spans, "write mail")).await;
        end(process).await;

        let spans = collector.spans();
        let (tops, parts): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.parent.is_empty());
        assert!(tops.iter().all(|span| [SERVER, PRODUCER].contains(&span.kind)), "{sampler}: {tops:#?}");
        let orphans = parts.iter().filter(|part| !spans.iter().any(|span| span.id == part.parent));
        assert_eq!(orphans.count(), 0, "{sampler}: {spans:#?}");
        let registered = server(&spans, "POST /api/auth/register", "201");
        assert_eq!(below(&spans, registered), ["begin", "commit", "database", "hash password"].into(), "{sampler}");
    }
}

/// Sends a request from an IP, with these lines of `traceparent`.
async fn ask(process: &Process, from: [u8; 4], parents: &[&str]) {
    let client = Client::builder().local_address(IpAddr::from(Ipv4Addr::from(from))).build().unwrap();
    let mut request = client.get(format!("{}/openapi.json", process.base)).header("tracestate", "olena=koval");
    for parent in parents {
        request = request.header("traceparent", *parent);
    }
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[actix_web::test]
async fn only_a_trusted_proxy_continues_a_trace() {
    let (folder, collector) =
        (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Accepts).await);
    let (other_client, proxy) = ([127, 0, 0, 3], [127, 0, 0, 2]);
    let (sampled, unsampled) = (format!("00-{TRACE}-{PARENT}-01"), format!("00-{TRACE}-{PARENT}-00"));
    let trusting = ("TRUSTED_PROXIES", "127.0.0.2/32");

    let process = start(&folder, &collector.endpoint, &[trusting]).await;
    ask(&process, proxy, &[&unsampled]).await;
    ask(&process, other_client, &[&sampled]).await;
    ask(&process, other_client, &[&unsampled]).await;
    ask(&process, proxy, &[&sampled, &sampled]).await;
    ask(&process, proxy, &["nonsense"]).await;
    ask(&process, proxy, &[&sampled]).await;
    end(process).await;
    let spans = collector.spans();
    let (own, continued): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.parent.is_empty());
    assert_eq!(own.len(), 4, "{spans:#?}");
    assert!(own.iter().all(|span| span.trace != TRACE));
    let [continued] = continued.as_slice() else { panic!("{spans:#?}") };
    assert_eq!((continued.trace.as_str(), continued.parent.as_str()), (TRACE, PARENT));
    assert!(collector.requests().iter().all(|(_, body)| !body.windows(5).any(|part| part == b"koval")));

    // A client cannot turn on its own traces.
    let collector = CollectorStandIn::start(CollectorBehaviour::Accepts).await;
    let process =
        start(&folder, &collector.endpoint, &[trusting, ("OTEL_TRACES_SAMPLER", "parentbased_always_off")]).await;
    ask(&process, other_client, &[&sampled]).await;
    ask(&process, proxy, &[]).await;
    ask(&process, proxy, &[&sampled]).await;
    end(process).await;
    let spans = collector.spans();
    assert_eq!(spans.iter().map(|span| span.trace.as_str()).collect::<Vec<_>>(), [TRACE]);
}

#[actix_web::test]
async fn server_error_marks_its_span_as_error() {
    let (folder, collector) =
        (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Accepts).await);
    let process = start(&folder, &collector.endpoint, &[]).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    let media = folder.path().join("data/media");
    fs::remove_dir_all(&media).unwrap();
    fs::write(&media, "").unwrap();
    let picture = crate::pictures::file(crate::pictures::encoded(40, 30, image::ImageFormat::Png));
    let upload = Client::new().put(format!("{}/api/me/avatar", process.base)).bearer_auth(token).multipart(picture);
    assert_eq!(upload.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let spans = collector.until("the upload", |spans| spans.iter().any(|span| span.name.starts_with("PUT"))).await;
    let error = server(&spans, "PUT /api/me/avatar", "503");
    assert!(error.is_error && error.attributes["error.type"] == "503", "{error:?}");
    end(process).await;
}

#[actix_web::test]
async fn redis_and_smtp_calls_are_traced() {
    let (folder, collector) =
        (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Accepts).await);
    let (redis, server) = (PrivateRedis::start().await, SmtpSink::start(SmtpScript::default()).await);
    let (redis_url, smtp) = (redis.url(), format!("smtp://{}", server.address()));
    let more = [("REDIS_URL", redis_url.as_str()), ("SMTP_URL", &smtp), ("MAIL_FROM", "no-reply@example.com")];
    let process = start(&folder, &collector.endpoint, &more).await;
    let registration = json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD});
    assert_eq!(process.post("/api/auth/register", &registration).await.0, StatusCode::CREATED);
    let has = |spans: &[SeenSpan], name: &str| spans.iter().any(|span| span.name == name);
    let spans = collector.until("both", |spans| has(spans, "redis") && has(spans, "send mail")).await;
    let mail = spans.iter().find(|span| span.name == "send mail").unwrap();
    assert_eq!((mail.kind, mail.parent.as_str(), mail.attributes.len()), (PRODUCER, "", 0));
    end(process).await;
}

/// Checks that the service answers and stops while traces cannot be sent, and logs that once.
async fn assert_served_without_collector(endpoint: &str, is_reported: bool) {
    let folder = tempfile::tempdir().unwrap();
    // The library reads the size of the queue itself.
    let more = [("OTEL_BSP_MAX_QUEUE_SIZE", "20"), ("RUST_LOG", "info")];
    let process = start(&folder, endpoint, &more).await;
    // One client: to make one takes as long as a hundred requests, and a failed export is reported after ten seconds.
    let client = Client::new();
    for _ in 0..100 {
        let answer = client.get(format!("{}/openapi.json", process.base)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    end(process).await;
    let log = log(&folder);
    let warnings = log.lines().filter(|line| line.contains("trace export failed")).count();
    assert_eq!(warnings, usize::from(is_reported), "{log}");
    assert!(log.contains("last traces not delivered"), "{log}");
    assert!(!log.contains("BatchSpanProcessor"), "the library logs nothing itself: {log}");
}

#[actix_web::test]
async fn unavailable_collector_delays_no_request() {
    let unavailable = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_served_without_collector(&format!("http://{unavailable}"), true).await;
}

#[actix_web::test]
async fn hanging_collector_delays_no_request() {
    let collector = CollectorStandIn::start(CollectorBehaviour::Hangs).await;
    assert_served_without_collector(&collector.endpoint, false).await;
    assert_eq!(collector.requests().len(), 1, "the queue is short, and one at a time is sent");
}

#[actix_web::test]
async fn rejecting_collector_is_logged_on_state_changes_only() {
    let (folder, collector) =
        (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Rejects).await);
    let process = start(&folder, &collector.endpoint, &[("RUST_LOG", "info")]).await;
    for asked in 1..=3 {
        ask(&process, [127, 0, 0, 1], &[]).await;
        collector.wait_for_requests(asked).await;
    }
    collector.set_mood(CollectorBehaviour::Accepts);
    ask(&process, [127, 0, 0, 1], &[]).await;
    end(process).await;
    let log = log(&folder);
    for message in ["trace export failed", "trace export restored"] {
        assert_eq!(log.lines().filter(|line| line.contains(message)).count(), 1, "{message}: {log}");
    }
}

#[actix_web::test]
async fn no_traces_are_sent_when_export_is_disabled() {
    let (folder, collector) =
        (tempfile::tempdir().unwrap(), CollectorStandIn::start(CollectorBehaviour::Accepts).await);
    let cases = [
        ("OTEL_SDK_DISABLED", "true", None),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "", None),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", Some("must be a URL")),
    ];
    for (variable, value, expected) in cases {
        fs::write(folder.path().join("log"), "").unwrap();
        let process = start(&folder, &collector.endpoint, &[(variable, value), ("RUST_LOG", "info")]).await;
        ask(&process, [127, 0, 0, 1], &[]).await;
        end(process).await;
        let log = log(&folder);
        let lines: Vec<_> = log.lines().filter(|line| line.contains("OTEL_")).collect();
        assert_eq!(lines.len(), usize::from(expected.is_some()), "{log}");
        assert!(expected.is_none_or(|expected| lines[0].contains(variable) && lines[0].contains(expected)), "{log}");
    }
    assert_eq!(collector.requests().len(), 0);
}
