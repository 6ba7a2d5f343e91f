//! Exported metrics.

mod documented;
mod hashing_queue;

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::smtp::{Misbehaviour, SmtpScript, SmtpSink, Stage};

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
    let report = Method::from_bytes(b"REPORT").unwrap();
    let card = "/dav/books/olena@example.com/contacts/olena.vcf";
    Answer::of(service.request(report, card).send().await.unwrap()).await.expect(StatusCode::UNAUTHORIZED);
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
    assert_eq!(count("REPORT", "/dav/{path:.*}", 401), 1.0);
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
