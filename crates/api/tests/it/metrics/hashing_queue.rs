//! Readings of the queue of passwords.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{SLOW, Scraped, until};
use crate::service::{Kind, Service};

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
