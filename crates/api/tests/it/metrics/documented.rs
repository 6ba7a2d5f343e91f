//! Exported metrics, compared with the documentation, the dashboard and the alerts.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde_json::Value;
use testkit::redis::PrivateRedis;

use super::{ON, Scraped};
use crate::service::{Kind, Service};

/// Each metric with its kind and its labels, by name: from `docs/operating.md`.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let rows = include_str!("../../../../../docs/operating.md").lines().filter_map(|line| {
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
        include_str!("../../../../../deploy/grafana/contacts.json"),
        include_str!("../../../../../deploy/prometheus/alerts.yml"),
        include_str!("../../../../../deploy/prometheus/alerts.test.yml"),
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
        assert!(
            include_str!("../../../../../deploy/grafana/contacts.json").contains(expected),
            "{expected} has no panel"
        );
    }
    assert!(asked_for.len() > 20, "{asked_for:?}");

    let dashboard: Value = serde_json::from_str(include_str!("../../../../../deploy/grafana/contacts.json")).unwrap();
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
