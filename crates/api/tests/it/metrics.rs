//! Exported metrics.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{
    redis::PrivateRedis,
    smtp::{Misbehaviour, SmtpScript, SmtpSink, Stage},
};
use tokio::task::JoinSet;

use crate::service::{Answer, Kind, Service, on_both};

const ON: [(&str, &str); 1] = [("METRICS_ADDR", "127.0.0.1:0")];
/// Every hash takes long enough for the queue to be seen.
const SLOW: [(&str, &str); 2] = [("METRICS_ADDR", "127.0.0.1:0"), ("BCRYPT_COST", "11")];

on_both!(super::ON; requests_are_counted_by_route, mails_are_counted, database_connections_are_reported_per_worker);

/// Text of one scrape.
struct Scraped(String);

impl Scraped {
    async fn from(service: &Service) -> Self {
        let answer = scrape(service, Method::GET, "/metrics").await.expect(StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(answer.text.ends_with("# EOF\n"));
        Self(answer.text)
    }

    /// The lines of samples: name, labels, value.
    fn samples(&self) -> impl Iterator<Item = (&str, f64)> {
        let samples = self.0.lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series, value.parse().unwrap())
        })
    }

    /// The value of one series, named as in the text.
    #[track_caller]
    fn value(&self, series: &str) -> f64 {
        let found = self.samples().find(|(name, _)| *name == series);
        found.unwrap_or_else(|| panic!("{series} is not among\n{}", self.0)).1
    }
}

async fn scrape(service: &Service, method: Method, path: &str) -> Answer {
    let url = format!("{}{path}", service.metrics_base.as_ref().unwrap());
    Answer::of(reqwest::Client::new().request(method, url).send().await.unwrap()).await
}

/// Scrapes until a condition is met.
async fn until(service: &Service, what: &str, is_so: impl Fn(&Scraped) -> bool) -> Scraped {
    for _ in 0..600 {
        let scraped = Scraped::from(service).await;
        if is_so(&scraped) {
            return scraped;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within 30 seconds: {what}\n{}", Scraped::from(service).await.0);
}

#[actix_web::test]
async fn metrics_listener_is_optional_and_serves_only_metrics() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    assert_eq!(service.metrics_base, None);
    service.end().await;

    let service = Service::start(Kind::Sqlite, &ON).await;
    scrape(&service, Method::GET, "/metrics").await.expect(StatusCode::OK);
    let head = scrape(&service, Method::HEAD, "/metrics").await.expect(StatusCode::OK);
    assert_eq!(head.text, "");
    for (method, path) in [
        (Method::POST, "/metrics"),
        (Method::DELETE, "/metrics"),
        (Method::GET, "/"),
        (Method::GET, "/metrics/"),
        (Method::GET, "/healthz"),
        (Method::GET, "/api/me"),
    ] {
        scrape(&service, method, path).await.expect(StatusCode::NOT_FOUND);
    }
    service.get("/metrics").await.expect_problem(404, "not-found");
    let address = service.metrics_base.clone().unwrap();
    service.end().await;
    assert!(reqwest::get(address).await.is_err(), "it ends with the service");
}

/// Each metric with its kind and its labels, by name: from `docs/operating.md`.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let rows = include_str!("../../../../docs/operating.md").lines().filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', ""));
        let (name, kind, labels) = (cells.next()?, cells.next()?, cells.next()?);
        let labels = labels.split(", ").filter(|label| !label.is_empty()).map(str::to_owned).collect();
        let is_metric = ["counter", "gauge", "histogram", "info"].contains(&kind.as_str());
        is_metric.then_some((name, (kind, labels)))
    });
    rows.collect()
}

/// The same, from a scrape.
fn exported(scraped: &Scraped) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let kinds = scraped.0.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    kinds
        .map(|(name, kind)| {
            let suffixes: &[&str] = match kind {
                "counter" => &["_total"],
                "info" => &["_info"],
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            let is_own = |series: &str| suffixes.iter().any(|suffix| series == format!("{name}{suffix}"));
            let mut labels = BTreeSet::new();
            for (series, _) in scraped.samples() {
                let (series, pairs) = series.trim_end_matches('}').split_once('{').unwrap_or((series, ""));
                let names = pairs.split("\",").filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
                labels.extend(names.filter(|name| is_own(series) && name != "le"));
            }
            let shown = if kind == "histogram" { name.to_owned() } else { format!("{name}{}", suffixes[0]) };
            (shown, (kind.to_owned(), labels))
        })
        .collect()
}

#[actix_web::test]
async fn exported_metrics_match_the_documentation() {
    // A counter of limits is exported after its first check.
    let limited = [ON.as_slice(), &[("RATE_LIMIT_REGISTER", "5/h")]].concat();
    let service = Service::start(Kind::Sqlite, &limited).await;
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    let scraped = Scraped::from(&service).await;
    assert_eq!(exported(&scraped), documented());
    assert_eq!(scraped.value(&format!("contacts_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    assert!(scraped.value("process_start_time_seconds") > 1.7e9, "seconds since 1970");
    service.end().await;
}

/// The names of metrics in the dashboard and the alerts.
fn asked_for() -> BTreeSet<&'static str> {
    let texts = [
        include_str!("../../../../deploy/grafana/contacts.json"),
        include_str!("../../../../deploy/prometheus/alerts.yml"),
        include_str!("../../../../deploy/prometheus/alerts.test.yml"),
    ];
    let words = texts.into_iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.filter(|word| word.starts_with("contacts_") || word.starts_with("process_")).collect()
}

#[actix_web::test]
async fn dashboard_and_alerts_use_only_exported_metrics() {
    // Some metrics are exported only after their first event.
    let redis = PrivateRedis::start().await;
    let redis_url = redis.url();
    let all = [ON.as_slice(), &[("RATE_LIMIT_REGISTER", "5/h"), ("REDIS_URL", &redis_url)]].concat();
    let service = Service::start(Kind::Sqlite, &all).await;
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    let scraped = Scraped::from(&service).await;
    let names: BTreeSet<&str> = scraped.samples().filter_map(|(series, _)| series.split('{').next()).collect();
    let asked_for = asked_for();
    assert_eq!(asked_for.difference(&names).collect::<Vec<_>>(), Vec::<&&str>::new(), "these are not exported");
    for expected in
        ["rate_limit_decisions_total", "session_cache_lookups_total", "redis_up", "build_info", "outbox_due"]
    {
        assert!(include_str!("../../../../deploy/grafana/contacts.json").contains(expected), "{expected} has no panel");
    }
    assert!(asked_for.len() > 20, "{asked_for:?}");

    let dashboard: Value = serde_json::from_str(include_str!("../../../../deploy/grafana/contacts.json")).unwrap();
    for panel in dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row") {
        let targets = panel["targets"].as_array().unwrap();
        let asks = |target: &Value| target["expr"].as_str().unwrap().contains("{job=\"$job\", instance=~\"$instance\"");
        assert!(
            !targets.is_empty() && targets.iter().all(asks),
            "{}: of the replicas that were chosen",
            panel["title"]
        );
    }
    service.end().await;
}

async fn requests_are_counted_by_route(service: Service) {
    let olena = service.person("olena@example.com").await;
    let before = Scraped::from(&service).await;
    assert_eq!(before.value("contacts_http_requests_in_flight"), 0.0);
    for _ in 0..3 {
        let path = format!("/api/contacts/{}", testkit::samples::id());
        olena.get(&path).await.expect(StatusCode::NOT_FOUND);
    }
    for path in ["/no/such/page", "/api/olena@example.com", "/media/none.jpg", "/docs/none.js"] {
        service.get(path).await.expect(StatusCode::NOT_FOUND);
    }
    let strange = Method::from_bytes(b"BREW").unwrap();
    Answer::of(service.request(strange, "/coffee").send().await.unwrap()).await;
    service.post("/api/auth/login", &json!("{")).await.expect(StatusCode::UNPROCESSABLE_ENTITY);

    let scraped = Scraped::from(&service).await;
    let answered = "contacts_http_requests_total";
    let count = |method, route, status| {
        scraped.value(&format!("{answered}{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"))
    };
    assert_eq!(count("GET", "/api/contacts/{id}", 404), 3.0);
    assert_eq!(count("GET", "unmatched", 404), 2.0);
    assert_eq!(count("GET", "/media", 404), 1.0);
    assert_eq!(count("GET", "/docs/{tail:.*}", 404), 1.0);
    assert_eq!(count("other", "unmatched", 404), 1.0);
    assert_eq!(count("POST", "/api/auth/login", 422), 1.0);
    assert_eq!(count("POST", "/api/auth/login", 200), 1.0);
    let timed = |what, rest: &str| {
        scraped.value(&format!(
            "contacts_http_request_duration_seconds_{what}{{{rest}method=\"POST\",route=\"/api/auth/login\"}}"
        ))
    };
    assert_eq!(timed("count", ""), 2.0);
    assert_eq!(timed("bucket", "le=\"+Inf\","), 2.0);
    assert!(timed("sum", "") > 0.0);
    for private in ["olena", "coffee", "BREW", "none.jpg", "none.js", "no/such"] {
        assert!(!scraped.0.contains(private), "{private} stands in a label");
    }
    service.end().await;
}

async fn mails_are_counted(mut service: Service) {
    service.person("olena@example.com").await;
    // The mail can arrive before the worker has recorded it.
    let sent = until(&service, "one mail sent", |scraped| scraped.value("contacts_outbox_waiting") == 0.0).await;
    assert_eq!(sent.value("contacts_mails_sent_total"), 1.0);
    assert_eq!((sent.value("contacts_outbox_due"), sent.value("contacts_outbox_parked")), (0.0, 0.0));

    let unavailable =
        SmtpSink::start(SmtpScript::default().at(Stage::Hello, Misbehaviour::Answers("421 unavailable"))).await;
    service.set("SMTP_URL", &format!("smtp://{}", unavailable.address()));
    service.set("MAIL_FROM", "no-reply@example.com");
    service.restart().await;
    service.register("petro@example.com").await.expect(StatusCode::CREATED);
    let failed = "contacts_mails_failed_total{reason=\"transient\"}";
    let scraped = until(&service, "one mail failed", |scraped| scraped.value(failed) == 1.0).await;
    assert_eq!(scraped.value("contacts_mails_failed_total{reason=\"permanent\"}"), 0.0);
    assert_eq!(scraped.value("contacts_mails_sent_total"), 0.0);
    assert_eq!(scraped.value("contacts_outbox_waiting"), 1.0);
    service.end().await;
}

async fn database_connections_are_reported_per_worker(service: Service) {
    for _ in 0..8 {
        service.get("/readyz").await.expect(StatusCode::OK);
    }
    let scraped = Scraped::from(&service).await;
    for worker in ["background-0", "http-0", "http-1"] {
        let value = |what| scraped.value(&format!("contacts_database_connections_{what}{{worker=\"{worker}\"}}"));
        let (open, idle, max) = (value("open"), value("idle"), value("max"));
        assert!((1.0..=max).contains(&open) && idle <= open, "{worker}: {idle} of {open} of {max}");
    }
    assert_eq!(
        scraped.samples().filter(|(series, _)| series.starts_with("contacts_database_connections_open")).count(),
        3
    );
    service.end().await;
}

#[actix_web::test]
async fn metrics_are_exported_while_the_database_is_unavailable() {
    let mut service = Service::start(Kind::Postgres, &ON).await;
    assert_eq!(Scraped::from(&service).await.value("contacts_database_up"), 1.0);
    service.lose_database().await;
    let scraped =
        until(&service, "the database is missed", |scraped| scraped.value("contacts_database_up") == 0.0).await;
    assert!(!scraped.0.contains("contacts_outbox"), "no series without a value");
    scraped.value("contacts_work_waiting{pool=\"passwords\"}");
    service.end().await;
}

/// Number of passwords that fill the threads and the queue.
fn room(scraped: &Scraped) -> usize {
    let room = passwords(scraped, "threads") + passwords(scraped, "capacity");
    format!("{room}").parse().unwrap()
}

fn passwords(scraped: &Scraped, what: &str) -> f64 {
    scraped.value(&format!("contacts_work_{what}{{pool=\"passwords\"}}"))
}

/// Number of concurrent logins, each with its own connection.
fn flood(service: &Service, tries: usize) -> JoinSet<StatusCode> {
    let mut flood = JoinSet::new();
    for number in 0..tries {
        let body: Value = json!({"email": format!("nobody{number}@example.com"), "password": "wrong horse battery"});
        let request = service.request(Method::POST, "/api/auth/login").json(&body);
        flood.spawn(async move { request.send().await.unwrap().status() });
    }
    flood
}

#[actix_web::test]
async fn password_flood_fills_and_empties_the_hashing_queue() {
    let service = Service::start(Kind::Sqlite, &SLOW).await;
    let idle = Scraped::from(&service).await;
    assert_eq!((passwords(&idle, "waiting"), passwords(&idle, "busy")), (0.0, 0.0));

    let mut flood = flood(&service, 3 * room(&idle));
    let full = until(&service, "the queue is full", |scraped| passwords(scraped, "rejected_total") > 0.0).await;
    assert!(passwords(&full, "waiting") > 0.0, "{}", full.0);
    assert!(passwords(&full, "busy") > 0.0);
    assert!(full.value("contacts_http_requests_in_flight") > 0.0);

    let (mut wrong, mut rejected) = (0.0, 0.0);
    while let Some(status) = flood.join_next().await {
        match status.unwrap() {
            StatusCode::UNAUTHORIZED => wrong += 1.0,
            StatusCode::SERVICE_UNAVAILABLE => rejected += 1.0,
            other => panic!("answered {other}"),
        }
    }
    assert!(rejected > 0.0 && wrong > 0.0, "{wrong} checked, {rejected} rejected");
    let after = until(&service, "every thread is idle", |scraped| passwords(scraped, "busy") == 0.0).await;
    assert_eq!(passwords(&after, "waiting"), 0.0);
    assert_eq!((passwords(&after, "done_total"), passwords(&after, "rejected_total")), (wrong, rejected));
    assert_eq!(passwords(&after, "abandoned_total"), 0.0);
    service.end().await;
}

#[actix_web::test]
async fn passwords_of_disconnected_clients_are_not_verified() {
    let service = Service::start(Kind::Sqlite, &SLOW).await;
    let idle = Scraped::from(&service).await;
    let flood = flood(&service, room(&idle));
    until(&service, "the queue fills", |scraped| passwords(scraped, "waiting") > 0.0).await;
    drop(flood);
    let after = until(&service, "nothing waits, and some were not checked", |scraped| {
        let at_work = ["waiting", "busy"].map(|what| passwords(scraped, what)).iter().sum::<f64>();
        let in_flight = scraped.value("contacts_http_requests_in_flight");
        at_work + in_flight == 0.0 && passwords(scraped, "abandoned_total") > 0.0
    })
    .await;
    assert!(after.value("contacts_http_requests_total{method=\"POST\",route=\"unmatched\",status=\"499\"}") > 0.0);
    service.end().await;
}
