//! The flood guard.

use std::{collections::BTreeSet, fs, time::Instant};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::{
    process::Process,
    service::{Answer, Kind, Service},
};

const ORIGIN: &str = "https://app.example";

async fn ask(service: &Service, method: Method, path: &str, address: &str) -> Answer {
    let request = service.request(method, path).header("x-forwarded-for", address);
    let request = request.header("origin", ORIGIN).header("access-control-request-method", "GET");
    Answer::of(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn flood_from_one_network_is_rejected_on_every_route() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_FLOOD", "4/h"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for path in ["/healthz", "/nope", "/api/me", "/docs/"] {
        let answer = ask(&service, Method::GET, path, "2001:db8::1").await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    for (method, path) in [
        (Method::GET, "/healthz"),
        (Method::GET, "/nope"),
        (Method::GET, "/api/me"),
        (Method::OPTIONS, "/api/me"),
        (Method::POST, "/api/auth/login"),
    ] {
        // Another client in the same /64.
        let rejected = ask(&service, method, path, "2001:db8::2").await.expect_problem(429, "too-many-requests");
        assert_eq!(rejected.header("ratelimit-policy"), "\"flood\";q=4;w=3600");
        assert!((1..=900).contains(&rejected.header("retry-after").parse::<u64>().unwrap()));
        assert_eq!(rejected.header("access-control-allow-origin"), "*", "pages may read it");
        let is_private = rejected.header("cache-control") == "no-store";
        assert_eq!(is_private, path.starts_with("/api"), "{path}");
    }
    ask(&service, Method::GET, "/healthz", "2001:db8:0:1::1").await.expect(StatusCode::OK);
    service.end().await;
}

#[actix_web::test]
async fn preflights_count_against_the_flood_limit() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_FLOOD", "3/h")]).await;
    for _ in 0..3 {
        ask(&service, Method::OPTIONS, "/api/contacts", "").await.expect(StatusCode::OK);
    }
    ask(&service, Method::OPTIONS, "/api/contacts", "").await.expect_problem(429, "too-many-requests");
    service.get("/healthz").await.expect_problem(429, "too-many-requests");
    service.end().await;
}

/// Cross-origin headers of a response, as sets of words.
fn cross_origin_headers(answer: &Answer) -> Vec<BTreeSet<String>> {
    let names = ["access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers"];
    let words = |name| answer.header(name).split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    names.into_iter().map(words).collect()
}

#[actix_web::test]
async fn flood_rejections_have_the_same_cors_headers() {
    for (allowed, origin) in [
        ("*", ORIGIN),
        ("https://app.example, http://localhost:3000", ORIGIN),
        ("http://localhost:3000", ORIGIN),
        ("https://app.example", ""),
        ("*", ""),
    ] {
        let variables = [("RATE_LIMIT_FLOOD", "1/h"), ("CORS_ALLOWED_ORIGINS", allowed)];
        let service = Service::start(Kind::Sqlite, &variables).await;
        let get = async || {
            let request = service.request(Method::GET, "/healthz");
            let request = if origin.is_empty() { request } else { request.header("origin", origin) };
            Answer::of(request.send().await.unwrap()).await
        };
        let answered = get().await.expect(StatusCode::OK);
        let rejected = get().await.expect_problem(429, "too-many-requests");
        assert_eq!(cross_origin_headers(&rejected), cross_origin_headers(&answered), "{allowed} {origin}");
        assert!(rejected.header("vary").to_ascii_lowercase().contains("origin"), "{allowed} {origin}");
        service.end().await;
    }
}

#[actix_web::test]
async fn flood_rejections_are_counted_in_metrics() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_FLOOD", "1/h"), ("METRICS_ADDR", "127.0.0.1:0")]).await;
    service.get("/healthz").await.expect(StatusCode::OK);
    for method in [Method::GET, Method::OPTIONS, Method::OPTIONS] {
        ask(&service, method, "/api/contacts", "").await.expect_problem(429, "too-many-requests");
    }
    let metrics = reqwest::get(format!("{}/metrics", service.metrics_base.as_ref().unwrap())).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for (method, count) in [("GET", 1), ("OPTIONS", 2)] {
        let series =
            format!("contacts_http_requests_total{{method=\"{method}\",route=\"/api/contacts\",status=\"429\"}}");
        assert!(metrics.contains(&format!("{series} {count}\n")), "{series} {metrics}");
    }
    service.end().await;
}

/// The sum of the counts in the lines of that message, and the number of those lines.
fn summed(lines: &[Value], message: &str) -> (u64, usize) {
    let counts: Vec<u64> =
        lines.iter().filter(|line| line["message"] == message).map(|line| line["count"].as_u64().unwrap()).collect();
    (counts.iter().sum(), counts.len())
}

#[actix_web::test]
async fn rejections_and_preflights_are_summarized_once_per_second() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("LOG_FORMAT", "json"), ("RATE_LIMIT_FLOOD", "50/h")];
    let mut process = Process::start_with(&folder, "log", &variables).await;
    let began = Instant::now();
    let client = reqwest::Client::new();
    let (mut preflights, mut rejected) = (0, 0);
    for method in [Method::OPTIONS, Method::GET, Method::POST] {
        for _ in 0..100 {
            let request = client.request(method.clone(), format!("{}/api/contacts", process.base));
            let request = request.header("origin", ORIGIN).header("access-control-request-method", "GET");
            let status = request.send().await.unwrap().status();
            preflights += u64::from(status == StatusCode::OK);
            rejected += u64::from(status == StatusCode::TOO_MANY_REQUESTS);
        }
    }
    // The lines of the last second are written at the end.
    process.signal("TERM");
    process.ended().await;
    let most = usize::try_from(began.elapsed().as_secs()).unwrap() + 2;

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!((40..=50).contains(&preflights) && preflights + rejected == 300, "{preflights} {rejected}");
    for (message, count) in [("preflights answered", preflights), ("requests rejected by the flood guard", rejected)] {
        let (sum, lines) = summed(&lines, message);
        assert_eq!(sum, count, "{message}: {log}");
        assert!((1..=most).contains(&lines), "{lines} lines of {message} in {most} s");
    }
    let own = lines.iter().filter(|line| line["message"] == "request" && line["route"] != "/healthz").count();
    assert_eq!(own, 0, "no line each: {log}");
}

#[actix_web::test]
async fn ipv6_slash_48_has_four_flood_quotas() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_FLOOD", "2/d"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut admitted = 0;
    for network in 0..40 {
        let answer = ask(&service, Method::GET, "/healthz", &format!("2001:db8:0:{:x}::1", network * 16)).await;
        if answer.status == StatusCode::OK {
            admitted += 1;
        } else {
            let policy = match network {
                ..32 | 36.. => "\"flood-56\";q=4;w=86400",
                32..36 => "\"flood-48\";q=8;w=86400",
            };
            let rejected = answer.expect_problem(429, "too-many-requests");
            assert_eq!(rejected.header("ratelimit-policy"), policy, "{network}");
        }
    }
    assert_eq!(admitted, 8);
    for host in 1..20 {
        ask(&service, Method::GET, "/healthz", &format!("203.0.113.{host}")).await.expect(StatusCode::OK);
    }
    service.end().await;
}

#[actix_web::test]
async fn default_flood_limit_is_200_per_second() {
    let usual = api::settings::Settings::from_variables(
        [("JWT_SECRET".to_owned(), "tests-only-0123456789abcdefghijklmnopqrstuvwxyz".to_owned())].into(),
    );
    let flood = usual.unwrap().flood_limit.unwrap();
    assert_eq!((flood.limit(), flood.window().as_secs()), (200, 1));
}
